"""The packets of a stream as ffprobe reads them: their times, and which of them are keyframes."""

import dataclasses
import time

from .told import Told


@dataclasses.dataclass(frozen=True)
class Packet:
    at: float  # time.monotonic() when ffprobe had read it
    pts: float  # seconds
    is_keyframe: bool


def _parse(line: str) -> Packet | None:
    pts, flags, *_ = [*line.strip().split(","), "", ""]
    return None if pts in ("", "N/A") else Packet(time.monotonic(), float(pts), flags.startswith("K"))


class PacketLog(Told[Packet]):
    """Reads a stream by RTSP/TCP until the `with` block ends."""

    def __init__(self, url: str):
        command = [
            "ffprobe", "-loglevel", "warning", "-rtsp_transport", "tcp", "-fflags", "nobuffer", "-select_streams", "v",
            "-show_entries", "packet=pts_time,flags", "-of", "csv=print_section=0", url,
        ]  # fmt: skip
        super().__init__(command, _parse)
