"""Starts and controls the test camera."""

import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import ports

_PROCESS = Path(__file__).with_name("camera_process.py")
# The next camera's process, which has loaded what it needs and waits to be told what it is: a test waits for none of that.
_spares: list[subprocess.Popen] = []


def _launch() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, str(_PROCESS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


@dataclasses.dataclass
class CameraOptions:
    # live, yard (stands still until something moves in it), things (grey until something moves), clip, silent-picture (sound alone), or flash (black, with a flash
    # and a tone each second)
    source: str = "live"
    width: int = 640
    height: int = 360
    fps: int = 25
    keyframe_interval: float = 1.0
    b_frames: int = 0
    bitrate_kbps: int = 800
    preset: str = "ultrafast"
    codec: str = "h264"  # or h265
    audio: bool = False
    sound: str = "alaw"  # of a flash: alaw, aac, opus, mp3, g726, or l16
    sound_ppm: float = 0  # how much faster than time its clock runs
    clip: str | None = None
    authentication: str | None = None  # None, basic or digest
    username: str = "viewer"
    password: str = "secret-of-the-camera"
    path: str = "/live"
    # One encoder for all clients, as a camera has; else one for each, which begins with a keyframe and, on a busy machine,
    # leaves out frames that another does not.
    shared: bool = False
    # Far from the demo's counter, so that a test can tell whose picture it sees.
    counter_start: int = 0x400000


class Camera:
    """A camera that listens on one port for its whole life, through any number of `unplug` and `plug`."""

    def __init__(self, **options):
        self.options = CameraOptions(**options)
        self.port = ports.free_port()
        self.epoch = time.monotonic()
        self._process: subprocess.Popen | None = None

    def __enter__(self):
        self.plug()
        return self

    def __exit__(self, *_):
        self.unplug()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}{self.options.path}"

    def url_with(self, username: str, password: str) -> str:
        return f"rtsp://{username}:{password}@127.0.0.1:{self.port}{self.options.path}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def plug(self) -> None:
        options = dataclasses.asdict(self.options) | {"port": self.port, "epoch": self.epoch}
        self._process = _spares.pop() if _spares else _launch()
        self._tell(options)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the test camera did not start (exit status {self._process.wait()})")
        if not _spares:
            # It ends by itself with the tests: nothing comes from its standard input any more.
            _spares.append(_launch())

    def first_keyframe(self) -> float:
        """When the first frame since `plug` was due, which a live picture begins with a keyframe; `time.monotonic()`.

        Waits for a client, and answers once for each time that the camera begins to send.
        """
        return self.epoch + json.loads(self._process.stdout.readline())["first_frame"] / self.options.fps

    def unplug(self) -> None:
        """Gone at once: connections break, and new ones are refused."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def freeze(self) -> None:
        """As a pulled cable: connections stay open, and nothing comes any more."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def resize(self, width: int, height: int) -> None:
        self._tell({"command": "resize", "width": width, "height": height})

    def move(self, moving: bool = True) -> None:
        """Something moves in a yard from now on, and its counter counts; things are there."""
        self._tell({"command": "move", "moving": moving})

    def mute(self, muted: bool = True) -> None:
        """No sound comes any more from a flash; the picture does."""
        self._tell({"command": "mute", "muted": muted})

    def _tell(self, what: dict) -> None:
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def counter_at(self, instant: float) -> int:
        """The counter that the camera draws at an instant of `time.monotonic()`."""
        return self.options.counter_start + int((instant - self.epoch) * self.options.fps)

    def drew(self, counter: int | None) -> bool:
        """Whether a counter seen in a picture can be this camera's."""
        if counter is None:
            return False
        return self.options.counter_start <= counter <= self.counter_at(time.monotonic()) + 1

    def age(self, counter: int, instant: float) -> float:
        """How long after it was drawn the frame with this counter was seen at the instant, in seconds."""
        return instant - self.epoch - (counter - self.options.counter_start) / self.options.fps
