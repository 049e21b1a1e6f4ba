"""What the server's processes hold: memory, file descriptors, threads, children; and whether it grows."""

import dataclasses
import statistics
from pathlib import Path

from . import processes


@dataclasses.dataclass(frozen=True)
class Sample:
    """The sums over the processes of one role at one time."""

    at: float
    processes: int
    resident_mb: float
    # What is no file's: of this alone a share does not depend on who else has the same libraries mapped.
    anonymous_mb: float
    descriptors: int
    threads: int


def sample(found: list[processes.Process], at: float) -> Sample:
    """What the processes hold together; one that ends meanwhile is left out."""
    rows = []
    for process in found:
        folder = Path(f"/proc/{process.pid}")
        try:
            rollup = (folder / "smaps_rollup").read_text()
            descriptors = len(list((folder / "fd").iterdir()))
            threads = len(list((folder / "task").iterdir()))
        except OSError:
            continue
        fields = {line.split()[0]: int(line.split()[1]) * 1024 / 1e6 for line in rollup.splitlines()[1:]}
        rows.append((fields["Rss:"], fields["Anonymous:"], descriptors, threads))
    resident, anonymous, descriptors, threads = (sum(column) for column in zip(*rows, strict=True)) if rows else (0,) * 4
    return Sample(at, len(rows), resident, anonymous, descriptors, threads)


@dataclasses.dataclass(frozen=True)
class Trend:
    """How a quantity went after the warm-up: the median of its first and of its last third, and the growth an hour.

    The growth is the median slope of all pairs of samples (Theil and Sen), which a few peaks do not move.
    """

    first: float
    last: float
    per_hour: float


def trend(times: list[float], values: list[float]) -> Trend:
    third = max(1, len(values) // 3)
    slopes = [
        (values[j] - values[i]) / (times[j] - times[i])
        for i in range(len(values))
        for j in range(i + 1, len(values))
        if times[j] > times[i]
    ]
    return Trend(
        statistics.median(values[:third]),
        statistics.median(values[-third:]),
        3600 * statistics.median(slopes) if slopes else 0.0,
    )


def zombies(parents: list[int]) -> int:
    """Children that ended and were not reaped."""
    count = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
        count += state == "Z" and int(parent) in parents
    return count
