"""P8: 16 cameras that are passed on without decoding, one viewer each: lost pictures and memory over ten minutes.

`p8_many_cameras.py SECONDS` measures for another time.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import clip, cpu_percent, ports, proportional_megabytes, processes, row, server, title
from p6_delay import COPIED

COUNT, SETTLE, SAMPLE = 16, 20, 10
_FOLDER = Path(__file__).parent


@contextlib.contextmanager
def steady_cameras(count: int) -> Iterator[list[str]]:
    port = ports.free_port()
    process = subprocess.Popen(
        [sys.executable, _FOLDER / "steady_cameras.py", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if "listening" not in process.stdout.readline():
        raise SystemExit("the cameras could not start")
    try:
        yield [f"rtsp://127.0.0.1:{port}/camera-{number}" for number in range(count)]
    finally:
        process.communicate()


def count_pictures(urls: list[str]) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, _FOLDER / "rtsp_pictures.py", *urls],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if "play" not in process.stdout.readline():
        raise SystemExit("the readers could not start")
    return process


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    title(f"P8  {COUNT} cameras in copy mode, one viewer each, {seconds} s")
    with contextlib.ExitStack() as stack:
        cameras = stack.enter_context(steady_cameras(COUNT))
        running = stack.enter_context(server())
        running.start_engine()
        streams = [
            running.api.add_stream(camera, path=f"camera-{number}", encoding=COPIED)
            for number, camera in enumerate(cameras)
        ]
        warm_up = count_pictures([stream.rtsp_url for stream in streams])
        processes.wait_until(
            lambda: all(output["mode"] == "copy" for stream in streams for output in stream.outputs()),
            60, "all cameras being copied",
        )  # fmt: skip
        time.sleep(SETTLE)
        readers = count_pictures([stream.rtsp_url for stream in streams])
        warm_up.communicate()
        memory, cpu = [], []
        started = time.monotonic()
        while (left := started + seconds - time.monotonic()) > 0:
            cpu.append(cpu_percent(running.living, min(SAMPLE, max(1, left))))
            memory.append(proportional_megabytes(running.living()))
        elapsed = time.monotonic() - started
        seen = json.loads(readers.communicate()[0])
    part = max(1, len(memory) // 4)
    first, last = statistics.mean(memory[:part]), statistics.mean(memory[-part:])
    expected = int(elapsed * clip.FPS)
    interval = 1 / clip.FPS
    row("pictures, the worst viewer", min(one["pictures"] for one in seen), expected, "", "due")
    row("longest step between pictures", max(one["longest_step"] for one in seen), interval, "s", "one interval",
        "goal: no picture is missing, so less than two")  # fmt: skip
    row("packets missing", sum(one["lost_packets"] for one in seen), None, "", "", "goal: 0")
    row("CPU of all our processes", statistics.mean(cpu), None, "%", "")
    row("memory, last quarter against the first", last, first, "MB", "first quarter", "goal: flat")


if __name__ == "__main__":
    main()
