"""Runs `steady_cameras.py`, a server that streams them, and `rtsp_pictures.py` beside a measurement."""

import contextlib
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import ports, server
from rig import players

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


@dataclasses.dataclass
class Recording:
    """What a reader got: the frame counter of each picture, None where it shows none, and when it was there."""

    arrivals: list[float]
    counters: list[int | None]


@contextlib.contextmanager
def recordings(urls: list[str]) -> Iterator[list[Recording]]:
    """Records each URL for as long as the block lasts; the list is filled behind it."""
    found: list[Recording] = []
    with tempfile.TemporaryDirectory() as folder:
        process = _program("rtsp_recorder.py", folder, *urls)
        try:
            yield found
        finally:
            output = process.communicate()[0]
        for number, arrivals in enumerate(json.loads(output)):
            with players.ffmpeg("the recording", ["-f", "h264"], f"{folder}/{number}.h264") as player:
                player.wait_for_end(120)
            counters = [picture.counter for picture in player.pictures]
            if len(counters) != len(arrivals):
                raise SystemExit(f"{len(arrivals)} pictures came, of which {len(counters)} could be decoded")
            found.append(Recording(arrivals, counters))
