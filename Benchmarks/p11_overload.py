"""P11: more than the machine can do: twelve 1080p cameras, each encoded to the standard output, one viewer each.

Every viewer's pictures are counted; one in four is decoded, to see by the frame counter how old its pictures are. The API
is asked all the while. The cameras, the decoders and the counting run on the same cores, as on a home's only computer.
"""

import contextlib
import json
import statistics
import time

import requests

from bench import STANDARD, clip, cpu_percent
from experiment import Experiment, at_least, at_most
from p6_delay import eager
from steady_camera_process import count_pictures, streamed_cameras

COUNT, SETTLE = 12, 15


def ask(running, seconds: float) -> list[float]:
    """Milliseconds that the API needs for what the pages ask most."""
    taken = []
    until = time.monotonic() + seconds
    with requests.Session() as session:
        while time.monotonic() < until:
            for path in ("api/streams/runtime/outputs", "api/streams/transmissions", "api/streams/engine/status"):
                began = time.monotonic()
                session.get(f"{running.url}/{path}", timeout=30).raise_for_status()
                taken.append(1000 * (time.monotonic() - began))
            time.sleep(0.25)
    return taken


def main() -> None:
    with (
        Experiment("p11", f"{COUNT} encoded 1080p cameras on this machine") as experiment,
        streamed_cameras(COUNT, STANDARD) as (cameras, running, streams),
        contextlib.ExitStack() as stack,
    ):
        seconds = experiment.seconds(60, 10)
        readers = count_pictures([stream.rtsp_url for stream in streams])
        decoding = [stack.enter_context(eager(stream.rtsp_url)) for stream in streams[::4]]
        for viewer in decoding:
            viewer.wait_for(lambda seen: any(picture.counter is not None for picture in seen), 120, "a live picture")
        time.sleep(SETTLE)
        readers.communicate()
        readers = count_pictures([stream.rtsp_url for stream in streams])
        since = time.monotonic()
        api = ask(running, seconds)
        elapsed = time.monotonic() - since
        cpu = cpu_percent(running.living, 5)
        outputs = [stream.outputs()[0] for stream in streams]
        rates = [one["pictures"] / elapsed for one in json.loads(readers.communicate()[0])]
        ages = [
            (picture.at - cameras.epoch - picture.counter / clip.STANDARD.fps) % clip.SECONDS
            for viewer in decoding
            for picture in viewer.since(since)
            if picture.counter is not None
        ]
        experiment.figure("age of the pictures", "s", [statistics.median(ages)], at_most(1))
        experiment.figure("age of the pictures, 99 of 100", "s", [statistics.quantiles(ages, n=100)[98]], at_most(1.5))
        experiment.figure("of it from the camera's packet to the encoded picture", "s",
                          [output["delay_ms"] / 1000 for output in outputs if output["delay_ms"] is not None])  # fmt: skip
        experiment.figure("pictures a second, each viewer", "fps", rates)
        experiment.figure("slowest viewer against the fastest", "%", [100 * min(rates) / max(rates)], at_least(70))
        told = [output for output in outputs if "keep up" in json.dumps(output)]
        experiment.figure("outputs whose state says that the computer can't keep up", "%",
                          [100 * len(told) / len(outputs)], at_least(100))  # fmt: skip
        experiment.figure("answers of the API, 99 of 100", "ms", [statistics.quantiles(api, n=100)[98]], at_most(200))
        experiment.figure("answers of the API", "ms", api)
        experiment.figure("CPU of all our processes", "% of a core", [cpu])
        experiment.note(f"states: {sorted({output['message'] for output in outputs if output.get('message')})}")


if __name__ == "__main__":
    main()
