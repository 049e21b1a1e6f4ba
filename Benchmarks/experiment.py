"""What makes a benchmark an experiment: ours and the peers measured in turn, figures with their spread, bars that hold
or do not, and a record in JSON with the machine and the commit.

    with Experiment("p2", "camera in copy mode") as experiment:
        seen = experiment.alternate({"ours": ours, "MediaMTX": relay})
        experiment.figure("CPU", "% of a core", seen["ours"], at_most(3), peer="MediaMTX", peer_values=seen["MediaMTX"])
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Goal:
    """A bound of one number that is made of a figure."""

    limit: float
    of: str  # median, worst, ratio or difference
    at_most: bool = True

    def holds(self, figure: "Figure") -> bool | None:
        """None when the peer is not there to compare with."""
        if (value := self.value(figure)) is None:
            return None
        return value <= self.limit if self.at_most else value >= self.limit

    def value(self, figure: "Figure") -> float | None:
        if self.of == "median":
            return figure.median
        if self.of == "worst":
            return max(figure.values) if self.at_most else min(figure.values)
        if not figure.peer_values:
            return None
        return figure.ratio if self.of == "ratio" else figure.median - statistics.median(figure.peer_values)

    def text(self, figure: "Figure") -> str:
        sign = "<=" if self.at_most else ">="
        if self.of == "ratio":
            return f"{sign} {self.limit:g} x {figure.peer}"
        if self.of == "difference":
            return f"{sign} {figure.peer} {self.limit:+g}"
        return f"{sign} {self.limit:g}{' at the worst' if self.of == 'worst' else ''}"


def at_most(limit: float, of: str = "median") -> Goal:
    return Goal(limit, of)


def at_least(limit: float, of: str = "median") -> Goal:
    return Goal(limit, of, at_most=False)


@dataclasses.dataclass
class Figure:
    """One thing that was measured some times, beside a peer's where there is one."""

    what: str
    unit: str
    values: list[float]
    goal: Goal | None = None
    peer: str = ""
    peer_values: list[float] = dataclasses.field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def ratio(self) -> float | None:
        """The median of the pairs' ratios: what disturbs the machine disturbs both of a pair."""
        pairs = [ours / peer for ours, peer in zip(self.values, self.peer_values, strict=False) if peer]
        return statistics.median(pairs) if pairs else None

    @property
    def holds(self) -> bool | None:
        return self.goal.holds(self) if self.goal else None

    @property
    def goal_text(self) -> str:
        return self.goal.text(self) if self.goal else ""

    def record(self) -> dict:
        return {
            "what": self.what,
            "unit": self.unit,
            "values": [round(value, 5) for value in self.values],
            "median": round(self.median, 5),
            "peer": self.peer or None,
            "peer_values": [round(value, 5) for value in self.peer_values],
            "ratio": self.ratio and round(self.ratio, 4),
            "goal": self.goal_text or None,
            "holds": self.holds,
        }


def spread(values: list[float]) -> str:
    """The median, and the least and the most where there are several."""
    text = f"{statistics.median(values):.4g}"
    return f"{text} ({min(values):.4g} to {max(values):.4g}, n={len(values)})" if len(values) > 1 else text


def verdict(holds: bool | None) -> str:
    return {True: "holds", False: "MISSED", None: "-"}[holds]


def columns(rows: list[tuple[str, ...]]) -> str:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


class Experiment:
    """One benchmark's run: its options, its figures, and its record."""

    def __init__(self, bar: str, title: str, pairs: int = 5, short_pairs: int = 1):
        parser = argparse.ArgumentParser(description=title)
        parser.add_argument("--short", action="store_true", help="a trial of the program; its figures prove nothing")
        parser.add_argument("--pairs", type=int, help=f"how often each side is measured ({pairs}; short {short_pairs})")
        parser.add_argument("--seconds", type=float, help="how long each measurement lasts")
        parser.add_argument("--results", type=Path, default=ROOT / "Benchmarks" / "results", help="where the JSON goes")
        self.options = parser.parse_args()
        self.bar, self.title = bar, title
        self.short = self.options.short
        self.pairs = self.options.pairs or (short_pairs if self.short else pairs)
        self.figures: list[Figure] = []
        self.notes: list[str] = []

    def seconds(self, full: float, short: float) -> float:
        return self.options.seconds or (short if self.short else full)

    def __enter__(self) -> "Experiment":
        print(f"\n== {self.bar.upper()}  {self.title}{' (short)' if self.short else ''}", flush=True)
        self._began, self._began_at = time.monotonic(), datetime.datetime.now(datetime.UTC)
        self._load = os.getloadavg()[0]
        return self

    def __exit__(self, kind, error, _) -> None:
        record = {
            "bar": self.bar,
            "title": self.title,
            "short": self.short,
            "began": self._began_at.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._began, 1),
            "load_before": self._load,
            "error": None if kind is None else f"{kind.__name__}: {error}",
            **provenance(),
            "figures": [figure.record() for figure in self.figures],
            "notes": self.notes,
        }
        self.options.results.mkdir(parents=True, exist_ok=True)
        (self.options.results / f"{self.bar}.json").write_text(json.dumps(record, indent=1) + "\n")

    def alternate(self, sides: dict[str, Callable[[], T]]) -> dict[str, list[T]]:
        """Measures the sides in turn, A B B A A B …, so that what drifts with the time falls on all alike."""
        seen: dict[str, list[T]] = {name: [] for name in sides}
        for number in range(self.pairs):
            order = list(sides)
            for name in reversed(order) if number % 2 else order:
                self.progress(f"{number + 1} of {self.pairs}: {name}")
                seen[name].append(sides[name]())
        self.progress("")
        return seen

    def progress(self, text: str) -> None:
        if sys.stdout.isatty():
            print(f"\r\x1b[K{'   ' + text if text else ''}", end="", flush=True)
        elif text:
            print(f"   {text}", flush=True)

    def figure(
        self, what: str, unit: str, values: list[float], goal: Goal | None = None, peer: str = "",
        peer_values: list[float] | None = None,
    ) -> Figure:  # fmt: skip
        # NumPy's numbers are no JSON.
        found = Figure(what, unit, [float(value) for value in values], goal, peer,
                       [float(value) for value in peer_values or []])  # fmt: skip
        self.figures.append(found)
        parts = [f"{what}: {spread(found.values)} {unit}".rstrip()]
        if found.peer_values:
            ratio = f", ratio {found.ratio:.3f}" if found.ratio is not None else ""
            parts.append(f"{peer} {spread(found.peer_values)}{ratio}")
        if goal:
            parts.append(f"goal {found.goal_text}: {verdict(found.holds)}")
        print("  " + "; ".join(parts), flush=True)
        return found

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(f"  {text}", flush=True)


def provenance() -> dict:
    """The machine and the commit that figures belong to."""

    def git(*arguments: str) -> str:
        result = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return result.stdout.strip()

    cpu = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")),
        platform.machine(),
    )  # fmt: skip
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "commit": git("rev-parse", "HEAD") or None,
        "uncommitted_changes": bool(git("status", "--porcelain", "--untracked-files=no")),
        "machine": {
            "cpu": cpu,
            "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(int(memory) / 1e6, 1),
            "kernel": platform.release(),
        },
    }
