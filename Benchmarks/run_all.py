"""Runs the benchmarks named on the command line, or all: `run_all.py p1 p4`."""

import subprocess
import sys
from pathlib import Path

from bench import binary, clip, go2rtc, mediamtx

BENCHMARKS = {name.stem.partition("_")[0]: name for name in sorted(Path(__file__).parent.glob("p[0-9]*_*.py"))}


def main() -> None:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(wanted) - BENCHMARKS.keys():
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    if not binary().exists():
        sys.exit(f"no server at {binary()}: run `make build`")
    if not mediamtx():
        print("MediaMTX is skipped: TOPOSYNC_BENCH_MEDIAMTX names none")
    if not go2rtc():
        print("go2rtc is skipped: TOPOSYNC_BENCH_GO2RTC names none")
    clip.movie()
    failed = [
        name for name in wanted if subprocess.run([sys.executable, BENCHMARKS[name]], check=False).returncode != 0
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
