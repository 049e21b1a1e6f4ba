"""P11: more than the machine can do: twelve 1080p cameras, each encoded to the standard output, one viewer each.

Every viewer's pictures are counted; what one in four gets is recorded, to see by the frame counter how old each picture is
when it is there. A picture that is repeated because nothing new could be made in time is no delay but a low rate. The API is
asked all the while. The cameras and the viewers run on the same cores, as on a home's only computer.
"""

import json
import statistics
import time

import requests

from bench import STANDARD, clip, cpu_percent
from experiment import Experiment, at_least, at_most
from rig.processes import wait_until
from steady_camera_process import count_pictures, recordings, streamed_cameras
from steady_cameras import ahead

COUNT, SETTLE = 12, 15
# One viewer in so many is recorded.
RECORDED = 4


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
    ):
        seconds = experiment.seconds(60, 10)
        urls = [stream.rtsp_url for stream in streams]
        readers = count_pictures(urls)
        for stream in streams:
            wait_until(lambda stream=stream: stream.outputs()[0]["delay_ms"] is not None, 120, "a live picture")
        time.sleep(SETTLE)
        readers.communicate()
        readers = count_pictures(urls)
        with recordings(urls[::RECORDED]) as recorded:
            # Behind the group of pictures that each begins with.
            time.sleep(1)
            since = time.monotonic()
            api = ask(running, seconds)
            elapsed = time.monotonic() - since
            until = time.monotonic()
            cpu = cpu_percent(running.living, 5)
            outputs = [stream.outputs()[0] for stream in streams]
            rates = [one["pictures"] / elapsed for one in json.loads(readers.communicate()[0])]
        pictures = [
            (at, counter - ahead(RECORDED * index), counter != before)
            for index, recording in enumerate(recorded)
            for at, counter, before in zip(recording.arrivals, recording.counters, [None, *recording.counters])
            if since <= at <= until and counter is not None
        ]
        ages = [(at - cameras.epoch - number / clip.STANDARD.fps) % clip.SECONDS for at, number, _ in pictures]
        fresh = [age for age, (_, _, is_new) in zip(ages, pictures) if is_new]
        experiment.figure("age of new pictures", "s", [statistics.median(fresh)], at_most(1))
        experiment.figure("age of new pictures, 99 of 100", "s", [statistics.quantiles(fresh, n=100)[98]], at_most(1.5))
        experiment.figure("age of all pictures, with those repeated", "s", [statistics.median(ages)], at_most(1))
        experiment.figure("new pictures a second, each viewer", "fps", [len(fresh) / elapsed / len(recorded)])
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
