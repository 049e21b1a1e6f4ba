"""An engine into which a clip is published, unchanged: ours or MediaMTX."""

import contextlib
import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from bench import binary, clip, listening, mediamtx, ports, program
from peers import built_in_config, mediamtx_config

T = TypeVar("T")


def publisher(url: str) -> list:
    return ["ffmpeg", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", clip.STANDARD.movie(), "-c", "copy",
            "-f", "rtsp", "-rtsp_transport", "tcp", url]  # fmt: skip


class Published(NamedTuple):
    """An engine's process, and its addresses of the clip."""

    pid: int
    rtsp: str
    hls: str
    whep: str


@contextlib.contextmanager
def published(engine: str, own: str | Path | None = None) -> Iterator[Published]:
    """An engine into which the clip is published. `own` is the program that is "ours", when it is another one than usual."""
    with tempfile.TemporaryDirectory() as folder:
        rtsp, hls, webrtc = ports.free_port(), ports.free_port(), (ports.free_port(), ports.free_port())
        if engine == "ours":
            config = built_in_config(Path(folder), rtsp, ports.free_port(), ports.free_port(), hls, webrtc)
            command = [own or binary(), "engine", config]
        else:
            command = [mediamtx(), mediamtx_config(Path(folder), rtsp, hls_port=hls, webrtc_ports=webrtc)]
        url = f"rtsp://127.0.0.1:{rtsp}/front"
        with program(command, listening(rtsp)) as process, program(publisher(url), lambda: True):
            time.sleep(4)
            yield Published(
                process.pid, url, f"http://127.0.0.1:{hls}/front/index.m3u8", f"http://127.0.0.1:{webrtc[0]}/front/whep"
            )


def engines() -> list[str]:
    """Ours, and MediaMTX where it is there."""
    return ["ours", "MediaMTX"] if mediamtx() else ["ours"]


def of_each_engine(measure: Callable[[str], T]) -> dict[str, Callable[[], T]]:
    """What is measured in turn."""
    return {engine: functools.partial(measure, engine) for engine in engines()}
