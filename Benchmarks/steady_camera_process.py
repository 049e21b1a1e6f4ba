"""Runs `steady_cameras.py`, a server that streams them, and `rtsp_pictures.py` beside a measurement."""

import contextlib
import dataclasses
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench import ports, server

_FOLDER = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class SteadyCameras:
    urls: list[str]
    epoch: float


def _program(name: str, *arguments: object) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, str(_FOLDER / name), *(str(argument) for argument in arguments)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if not process.stdout.readline():
        raise SystemExit(f"{name} could not start")
    return process


@contextlib.contextmanager
def steady_cameras(count: int) -> Iterator[SteadyCameras]:
    port, epoch = ports.free_port(), time.monotonic()
    process = _program("steady_cameras.py", port, epoch)
    try:
        yield SteadyCameras([f"rtsp://127.0.0.1:{port}/camera-{number}" for number in range(count)], epoch)
    finally:
        process.communicate()


@contextlib.contextmanager
def streamed_cameras(count: int, encoding: dict) -> Iterator[tuple]:
    """So many cameras, a server, and a stream of each camera: `(cameras, server, streams)`."""
    with steady_cameras(count) as cameras, server() as running:
        running.start_engine()
        yield cameras, running, [
            running.api.add_stream(url, path=f"camera-{number}", encoding=encoding)
            for number, url in enumerate(cameras.urls)
        ]


def count_pictures(urls: list[str]) -> subprocess.Popen:
    """Readers that count; what they saw is the JSON that `communicate()` gives."""
    return _program("rtsp_pictures.py", *urls)
