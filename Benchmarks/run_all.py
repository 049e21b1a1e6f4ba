"""Runs benchmarks and says at the end which bars hold: `run_all.py [NAME …] [--short] [--pairs N]`.

Without names: all but the two that have a command of their own, `make chaos` (r4) and `make soak` (r11).
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import binary, clip, go2rtc, mediamtx
from experiment import ROOT, columns, verdict

BENCHMARKS = {
    name.stem.partition("_")[0]: name
    for name in sorted(
        Path(__file__).parent.glob("[pr][0-9]*_*.py"),
        key=lambda path: (path.name[0], int(re.search(r"\d+", path.name).group())),
    )
}
ON_REQUEST = {"r4", "r11"}


def table(names: list[str], results: Path) -> str:
    rows = [("bar", "figure", "median", "unit", "ratio", "goal", "holds")]
    for name in names:
        file = results / f"{name}.json"
        if not file.exists():
            rows.append((name.upper(), "did not begin", "", "", "", "", "-"))
            continue
        record = json.loads(file.read_text())
        for figure in record["figures"]:
            if figure["goal"]:
                ratio = f"{figure['ratio']:.3f}" if figure["ratio"] is not None else ""
                rows.append((name.upper(), figure["what"], f"{figure['median']:.4g}", figure["unit"], ratio,
                             figure["goal"], verdict(figure["holds"])))  # fmt: skip
        if record["error"]:
            rows.append((name.upper(), f"ended early: {record['error']}"[:80], "", "", "", "", "-"))
    return columns(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--results", type=Path, default=ROOT / "Benchmarks" / "results")
    options, passed_on = parser.parse_known_args()
    names = options.names or [name for name in BENCHMARKS if name not in ON_REQUEST]
    if unknown := set(names) - BENCHMARKS.keys():
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if not binary().exists():
        sys.exit(f"no server at {binary()}: run `make build`")
    if not mediamtx():
        print("MediaMTX is skipped: TOPOSYNC_BENCH_MEDIAMTX names none")
    if not go2rtc():
        print("go2rtc is skipped: TOPOSYNC_BENCH_GO2RTC names none")
    clip.STANDARD.movie()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder)
        for name in names:
            command = [sys.executable, BENCHMARKS[name], "--results", results, *passed_on]
            if subprocess.run(command, check=False).returncode != 0:
                failed.append(name)
        options.results.mkdir(parents=True, exist_ok=True)
        for file in results.glob("*.json"):
            (options.results / file.name).write_bytes(file.read_bytes())
        text = table(names, results)
    print(f"\n== Which bars hold ('-': its peer was not there)\n{text}\n\nThe figures, with their spread: {options.results}")
    if failed:
        sys.exit(f"ended early: {', '.join(failed)}")


if __name__ == "__main__":
    main()
