"""The packets of a stream as ffprobe reads them: their times, and which of them are keyframes."""

import dataclasses
import subprocess
import threading
import time


@dataclasses.dataclass(frozen=True)
class Packet:
    at: float  # time.monotonic() when ffprobe had read it
    pts: float  # seconds
    is_keyframe: bool


class PacketLog:
    """Reads a stream by RTSP/TCP until the `with` block ends."""

    def __init__(self, url: str):
        self._command = [
            "ffprobe", "-loglevel", "warning", "-rtsp_transport", "tcp", "-fflags", "nobuffer", "-select_streams", "v",
            "-show_entries", "packet=pts_time,flags", "-of", "csv=print_section=0", url,
        ]  # fmt: skip
        self._packets: list[Packet] = []

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._reader.join(5)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def packets(self) -> list[Packet]:
        return list(self._packets)

    def _read(self) -> None:
        for line in self._process.stdout:
            pts, flags, *_ = [*line.strip().split(","), "", ""]
            if pts not in ("", "N/A"):
                self._packets.append(Packet(time.monotonic(), float(pts), flags.startswith("K")))
