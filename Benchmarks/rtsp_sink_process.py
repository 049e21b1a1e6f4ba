"""Runs `rtsp_sink.py` beside a measurement."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def readers(url: str, count: int) -> Iterator[None]:
    """`count` RTSP/TCP readers of a URL, for as long as the block lasts. Fails if one was dropped or nothing came."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("rtsp_sink.py")), url, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if "play" not in process.stdout.readline():
            raise SystemExit(f"the readers of {url} could not start")
        yield
        if process.poll() is not None:
            raise SystemExit("a reader was disconnected during the measurement")
        process.stdin.close()
        if int(process.stdout.readline()) < 10_000:
            raise SystemExit("the readers got nothing")
    finally:
        process.kill()
        process.wait()
