"""P3: what two event loops of the engine carry against one, with 300 readers of 4 Mb/s.

Readers cost CPU too, and on a machine of two cores they would take it from the engine. So no engine is driven to its limit:
what counts is the CPU time of its busiest thread, with one reader and with 300, and how many readers would fill a core at
that rate. `TOPOSYNC_BENCH_ONE_LOOP=/path/to/toposync-streaming` is an engine with one loop to compare with: one of before
December 2026.
"""

import os
import time
from pathlib import Path

from bench import binary
from experiment import Experiment, at_least
from published import published
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


def busiest(pid: int, url: str, count: int, window: float) -> float:
    """CPU of the engine's busiest thread, in % of a core."""
    with readers(url, count):
        time.sleep(4)
        before, started = thread_seconds(pid), time.monotonic()
        time.sleep(window)
        after, elapsed = thread_seconds(pid), time.monotonic() - started
    return max(100 * (seconds - before.get(thread, 0)) / elapsed for thread, seconds in after.items())


def measured(engine: str | Path, window: float) -> tuple[float, float]:
    """The busiest thread's CPU with all readers, and how many readers would fill its core."""
    with published("ours", engine) as running:
        one, all_of_them = (busiest(running.pid, running.rtsp, count, window) for count in (1, COUNT))
    return all_of_them, 1 + (COUNT - 1) * (100 - one) / (all_of_them - one)


def main() -> None:
    with Experiment("p14", f"what the engine's loops carry, by {COUNT} readers of 4 Mb/s") as experiment:
        window = experiment.seconds(20, 4)
        sides = {"ours": lambda: measured(binary(), window)}
        if alone := os.environ.get("TOPOSYNC_BENCH_ONE_LOOP"):
            sides["one loop"] = lambda: measured(alone, window)
        seen = experiment.alternate(sides)
        peer = seen.get("one loop", [])
        experiment.figure(
            "busiest loop", "% of a core", [cpu for cpu, _ in seen["ours"]], None, "one loop", [cpu for cpu, _ in peer]
        )
        experiment.figure(
            "readers that would fill it", "", [count for _, count in seen["ours"]], at_least(1.8, "ratio"), "one loop",
            [count for _, count in peer],
        )  # fmt: skip


if __name__ == "__main__":
    main()
