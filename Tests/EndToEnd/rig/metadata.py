"""What travels with pictures: read by our own program, and found in what ffmpeg recorded."""

import contextlib
import dataclasses
import json
import signal
import subprocess
import uuid
from pathlib import Path

import av
import numpy as np

from . import counter, processes
from .server import binary
from .told import Told

# As docs/metadata.md has it.
UUID = uuid.UUID("9a5d3f27-6c41-4e8b-b2f6-71d8c4a93e15").bytes


class Reader(Told[dict]):
    """`toposync-streaming metadata` on an address, until the `with` block ends."""

    def __init__(self, url: str):
        super().__init__([str(binary()), "metadata", "-"], json.loads, given=url + "\n")

    def wait_for_picture_with(self, metadata: dict, timeout: float = 15) -> dict:
        """The line of the picture that carries this."""
        return self.wait_for(lambda line: line["metadata"] == metadata, timeout, f"a picture with {metadata}")


@dataclasses.dataclass(frozen=True)
class RecordedPicture:
    pts: int
    counter: int | None
    metadata: dict | None
    has_uuid: bool


class Recording:
    """What ffmpeg records of a stream, as it comes, until `stop` or the end of the `with` block."""

    def __init__(self, url: str, path: Path):
        self._url = url
        self._path = path

    def __enter__(self):
        self._process = subprocess.Popen(
            [
                "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", self._url,
                "-an", "-c", "copy", "-flush_packets", "1", "-f", "mpegts", "-y", str(self._path),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_until_it_records(self, timeout: float = 30) -> None:
        processes.wait_until(
            lambda: self._path.exists() and self._path.stat().st_size > 0, timeout, f"a picture of {self._url}"
        )

    def wait_for(self, metadata: dict, timeout: float = 15) -> None:
        """Until the picture that carries this is in it."""

        def is_there() -> bool:
            with av.open(str(self._path)) as container:
                is_h265 = container.streams.video[0].codec_context.name == "hevc"
                return any(metadata_of(bytes(packet), is_h265) == metadata for packet in container.demux(video=0))

        processes.wait_until(is_there, timeout, f"{metadata} in what is recorded of {self._url}")

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
        self._process.kill()
        self._process.wait()

    def pictures(self) -> list[RecordedPicture]:
        """In the order in which they are shown."""
        coded: dict[int, bytes] = {}
        counters: dict[int, int | None] = {}
        with av.open(str(self._path)) as container:
            stream = container.streams.video[0]
            is_h265 = stream.codec_context.name == "hevc"
            for packet in container.demux(stream):
                if packet.pts is not None:
                    coded[packet.pts] = bytes(packet)
                for frame in packet.decode():
                    counters[frame.pts] = counter.read(_luma(frame))
        return [
            RecordedPicture(pts, counters[pts], metadata_of(coded[pts], is_h265), UUID in coded[pts])
            for pts in sorted(counters.keys() & coded.keys())
        ]


def _luma(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def metadata_of(picture: bytes, is_h265: bool) -> dict | None:
    """The JSON of a coded picture with start codes, by ITU-T H.264 §7.3.2.3.1 and D.1.7."""
    for unit in picture.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")[1:]:
        header = 2 if is_h265 else 1
        kind = unit[0] >> 1 & 0x3F if is_h265 else unit[0] & 0x1F
        if kind != (39 if is_h265 else 6) or unit[header] != 5:
            continue
        size, place = 0, header + 1
        while unit[place] == 255:
            size, place = size + 255, place + 1
        size, place = size + unit[place], place + 1
        payload = unit[place : place + size]
        if payload.startswith(UUID):
            return json.loads(payload[len(UUID) :])
    return None
