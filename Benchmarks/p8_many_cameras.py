"""P8: 16 cameras that are passed on without decoding, one viewer each: lost pictures and memory over ten minutes.

`p8_many_cameras.py SECONDS` measures for another time. A reader at the camera itself counts what the camera left out.
"""

import contextlib
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench import clip, cpu_percent, processes, resident_megabytes, row, server, standard_camera, title
from p6_delay import COPIED

COUNT, SETTLE, SAMPLE = 16, 20, 10


def count_pictures(urls: list[str]) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("rtsp_pictures.py")), *urls],
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
        # Each is a process of its own: one test camera does not answer so many who come at once.
        cameras = [stack.enter_context(standard_camera()) for _ in range(COUNT)]
        running = stack.enter_context(server())
        running.start_engine()
        streams = [
            running.api.add_stream(camera.url, path=f"camera-{number}", encoding=COPIED)
            for number, camera in enumerate(cameras)
        ]
        warm_up = count_pictures([stream.rtsp_url for stream in streams])
        processes.wait_until(
            lambda: all(output["mode"] == "copy" for stream in streams for output in stream.outputs()),
            60, "all cameras being copied",
        )  # fmt: skip
        time.sleep(SETTLE)
        readers = count_pictures([cameras[0].url, *(stream.rtsp_url for stream in streams)])
        warm_up.communicate()
        memory, cpu = [], []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            cpu.append(cpu_percent(running.living, min(SAMPLE, max(1, end - time.monotonic()))))
            memory.append(resident_megabytes(running.living()))
        control, *seen = json.loads(readers.communicate()[0])
    part = max(1, len(memory) // 4)
    first, last = statistics.mean(memory[:part]), statistics.mean(memory[-part:])
    # Joining viewers get the current group of pictures too.
    expected = control["pictures"]
    print(f"  the camera itself: {expected} pictures, longest step {control['longest_step']:.3f} s")
    row("pictures, the worst viewer", min(one["pictures"] for one in seen), expected, "", "camera itself")
    row("longest step between pictures", max(one["longest_step"] for one in seen), control["longest_step"], "s",
        "camera itself", f"goal: one interval ({1 / clip.FPS:.2f} s)")  # fmt: skip
    row("packets missing", sum(one["lost_packets"] for one in seen), None, "", "", "goal: 0")
    row("CPU of all our processes", statistics.mean(cpu), None, "%", "")
    row("memory, last quarter against the first", last, first, "MB", "first quarter", "goal: flat")


if __name__ == "__main__":
    main()
