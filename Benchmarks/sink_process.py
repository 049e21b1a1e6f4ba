"""Runs `rtsp_sink.py`, `hls_sink.py` or `whep_sink.py` beside a measurement."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def readers(url: str, count: int) -> contextlib.AbstractContextManager[None]:
    """`count` RTSP/TCP readers of a URL, for as long as the block lasts. Fails if one was dropped or nothing came."""
    return _sink("rtsp_sink.py", url, count)


def hls_readers(url: str, count: int) -> contextlib.AbstractContextManager[None]:
    """The same by HLS."""
    return _sink("hls_sink.py", url, count)


def whep_viewers(url: str, count: int) -> contextlib.AbstractContextManager[None]:
    """The same by WHEP."""
    return _sink("whep_sink.py", url, count)


@contextlib.contextmanager
def _sink(program: str, url: str, count: int) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name(program)), url, str(count)],
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
