"""P3: what one event loop of the engine has to do for 300 readers of 4 Mb/s, when it is alone and when there are two.

Readers cost CPU too, and on a machine of two cores they would take it from the engine. So no engine is driven to its limit:
what counts is the CPU time of its busiest thread, which is what an engine with cores of its own runs out of first.
`TOPOSYNC_BENCH_ONE_LOOP=/path/to/toposync-streaming` is an engine with one loop to compare with: one of before
December 2026, or one that a container's CPU limit lets see one core.
"""

import os
import time
from pathlib import Path

from bench import binary
from experiment import Experiment, at_most
from p3_readers import published
from sink_process import readers

COUNT = 300


def thread_seconds(pid: int) -> dict[str, float]:
    """CPU that each thread of a process has used."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        # The name may hold anything but the last bracket.
        fields = (task / "stat").read_text().rpartition(")")[2].split()
        used[task.name] = (int(fields[11]) + int(fields[12])) / ticks
    return used


def busiest_and_all(engine: str | Path, window: float) -> tuple[float, float]:
    """CPU of the engine's busiest thread and of all, in % of a core."""
    with published("ours", engine) as (pid, rtsp, _), readers(rtsp, COUNT):
        time.sleep(4)
        before, started = thread_seconds(pid), time.monotonic()
        time.sleep(window)
        after, elapsed = thread_seconds(pid), time.monotonic() - started
    used = [100 * (seconds - before.get(thread, 0)) / elapsed for thread, seconds in after.items()]
    return max(used), sum(used)


def main() -> None:
    with Experiment("p14", f"the engine's busiest loop with {COUNT} readers of 4 Mb/s") as experiment:
        window = experiment.seconds(20, 4)
        sides = {"ours": lambda: busiest_and_all(binary(), window)}
        if alone := os.environ.get("TOPOSYNC_BENCH_ONE_LOOP"):
            sides["one loop"] = lambda: busiest_and_all(alone, window)
        seen = experiment.alternate(sides)
        peer = seen.get("one loop", [])
        experiment.figure(
            "busiest loop", "% of a core", [busiest for busiest, _ in seen["ours"]], at_most(1 / 1.8, "ratio"),
            "one loop", [busiest for busiest, _ in peer],
        )  # fmt: skip
        experiment.figure(
            "a reader, all loops together", "% of a core", [total / COUNT for _, total in seen["ours"]],
            at_most(0.03), "one loop", [total / COUNT for _, total in peer],
        )  # fmt: skip


if __name__ == "__main__":
    main()
