"""P8: 16 cameras that are passed on without decoding, one viewer each: lost pictures and memory over ten minutes."""

import json
import statistics
import time

from bench import clip, cpu_percent, processes, proportional_megabytes
from experiment import Experiment, at_least, at_most
from p2_copy_mode import COPIED
from steady_camera_process import count_pictures, streamed_cameras

COUNT, SETTLE, SAMPLE = 16, 20, 10


def main() -> None:
    with (
        Experiment("p8", f"{COUNT} cameras in copy mode, one viewer each") as experiment,
        streamed_cameras(COUNT, COPIED) as (_, running, streams),
    ):
        seconds = experiment.seconds(600, 10)
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
            experiment.progress(f"{left:.0f} s to go")
            cpu.append(cpu_percent(running.living, min(SAMPLE, max(1, left))))
            memory.append(proportional_megabytes(running.living()))
        elapsed = time.monotonic() - started
        seen = json.loads(readers.communicate()[0])
        experiment.progress("")
        third = max(1, len(memory) // 3)
        due = elapsed * clip.STANDARD.fps
        experiment.figure("pictures of those due, each viewer", "%", [100 * one["pictures"] / due for one in seen],
                          at_least(99, "worst"))  # fmt: skip
        # No picture is missing when no step is two intervals.
        experiment.figure("longest step between pictures, each viewer", "s", [one["longest_step"] for one in seen],
                          at_most(1.9 / clip.STANDARD.fps, "worst"))  # fmt: skip
        experiment.figure("packets missing, each viewer", "", [one["lost_packets"] for one in seen], at_most(0, "worst"))
        experiment.figure("CPU of all our processes", "% of a core", cpu)
        experiment.figure("memory of all our processes", "MB", memory)
        growth = 100 * (statistics.median(memory[-third:]) / statistics.median(memory[:third]) - 1)
        experiment.figure("growth of memory, last third against the first", "%", [growth], at_most(3))


if __name__ == "__main__":
    main()
