"""Players that we did not write, each reduced to the luma pictures that it decodes.

Every player is a process that writes 640x360 I420 frames to its standard output, whatever the size of the stream. A
reader thread notes when each came and which frame counter it shows.
"""

import dataclasses
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from . import counter

WIDTH, HEIGHT = 640, 360
_FRAME_BYTES = WIDTH * HEIGHT * 3 // 2
_RIG = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Picture:
    at: float  # time.monotonic() when the player delivered it
    counter: int | None
    mean_luma: float
    spread: float  # standard deviation of the luma: a plain placeholder has little


class Player:
    """Runs a player until the `with` block ends."""

    def __init__(self, name: str, command: list[str]):
        self.name = name
        self._command = command
        self._log = tempfile.TemporaryFile("w+")
        self._changed = threading.Condition()
        self._pictures: list[Picture] = []
        self._ended = False

    def started_by(self, *command: str) -> "Player":
        """The same player, started by another program, which is given its command: such as `nsenter`."""
        return Player(self.name, [*command, *self._command])

    def __enter__(self):
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self) -> None:
        """Leaves as a person does who closes the window: asked first, killed when that takes over two seconds."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(5)

    def kill(self) -> None:
        """Goes without a goodbye."""
        self._process.kill()
        self._process.wait()
        self._reader.join(5)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_for_end(self, timeout: float) -> int:
        """Waits until the player ends by itself, and returns its exit status."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name}: still running after {timeout:g} s\n{self.log}") from None
        self._reader.join(5)
        return status

    @property
    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()[-4000:]

    @property
    def pictures(self) -> list[Picture]:
        with self._changed:
            return list(self._pictures)

    def since(self, instant: float) -> list[Picture]:
        return [picture for picture in self.pictures if picture.at >= instant]

    def wait_for(self, wanted: Callable[[list[Picture]], object], timeout: float, what: str):
        """Waits until `wanted` is true of the pictures so far, and returns what it gave."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                result = wanted(self._pictures)
                if result:
                    return result
                remaining = deadline - time.monotonic()
                if remaining <= 0 or self._ended:
                    break
                self._changed.wait(remaining)
            seen = [picture.counter for picture in self._pictures[-8:]]
            count = len(self._pictures)
        ended = "it ended" if self._ended else f"{timeout:g} s passed"
        raise AssertionError(f"{self.name}: {ended} without {what}; {count} pictures, last {seen}\n{self.log}")

    def wait_for_picture(self, timeout: float) -> Picture:
        return self.wait_for(lambda pictures: pictures and pictures[0], timeout, "a picture")

    def wait_for_counted(
        self, timeout: float, count: int = 10, after: float = 0, accept: Callable[[int | None], bool] | None = None
    ) -> list[Picture]:
        """Waits for `count` pictures with a frame counter that `accept` takes, and returns them."""
        accept = accept or (lambda seen: seen is not None)

        def enough(pictures: list[Picture]):
            counted = [picture for picture in pictures if picture.at >= after and accept(picture.counter)]
            return counted if len(counted) >= count else None

        return self.wait_for(enough, timeout, f"{count} pictures with the expected frame counter")

    def _read(self) -> None:
        stream = self._process.stdout
        while True:
            frame = stream.read(_FRAME_BYTES)
            if len(frame) < _FRAME_BYTES:
                break
            at = time.monotonic()
            luma = np.frombuffer(frame, np.uint8, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH)
            sample = luma[::8, ::8]
            picture = Picture(at, counter.read(luma), float(sample.mean()), float(sample.std()))
            with self._changed:
                self._pictures.append(picture)
                self._changed.notify_all()
        stream.close()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def ffmpeg(name: str, options: list[str], url: str) -> Player:
    return Player(name, _ffmpeg(options, url))


def ffmpeg_rtsp(url: str, transport: str = "tcp") -> Player:
    return ffmpeg(f"ffmpeg by RTSP/{transport.upper()}", ["-rtsp_transport", transport], url)


def ffmpeg_hls(url: str) -> Player:
    return ffmpeg("ffmpeg by HLS", [], url)


def _ffmpeg(options: list[str], url: str) -> list[str]:
    return [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning", "-threads", "1",
        # It needs no rate, for which it would hold back twenty pictures and be late by as much from then on.
        "-fpsprobesize", "0", *options, "-i", url, "-an",
        # In the stream's own time base; in one of whole frames two that come close together would be one.
        "-fps_mode", "passthrough", "-enc_time_base", "-1", "-vf", f"scale={WIDTH}:{HEIGHT}", "-pix_fmt", "yuv420p",
        "-f", "rawvideo", "pipe:1",
    ]  # fmt: skip


def gstreamer_rtsp(url: str, transport: str = "tcp", codec: str = "h264") -> Player:
    command = [
        "gst-launch-1.0", "-q", "rtspsrc", f"location={url}", f"protocols={transport}", "latency=100",
        "!", f"rtp{codec}depay", "!", f"{codec}parse", "!", f"avdec_{codec}", "!", "videoconvert",
        "!", "videoscale", "add-borders=false", "!", f"video/x-raw,format=I420,width={WIDTH},height={HEIGHT}",
        "!", "fdsink", "fd=1", "sync=false",
    ]  # fmt: skip
    return Player(f"GStreamer by RTSP/{transport.upper()}", command)


def gstreamer_whep(url: str, codec: str) -> Player:
    """GStreamer by WebRTC, which takes one codec."""
    command = [sys.executable, str(_RIG / "gstreamer_whep_process.py"), url, codec, str(WIDTH), str(HEIGHT)]
    return Player("GStreamer by WHEP", command)


def vlc_speaks_rtsp() -> bool:
    """Debian builds VLC without live555, its RTSP client; other builds have it."""
    return any(Path("/usr/lib").glob("*/vlc/plugins/access/liblive555_plugin.so"))


def vlc_knows_sap() -> bool:
    """Whether this VLC has the plugin that hears announcements."""
    return any(Path("/usr/lib").glob("*/vlc/plugins/services_discovery/libsap_plugin.so"))


def wait_until_vlc_lists(name: str, machine, timeout: float) -> None:
    """Waits until VLC on a machine of a network (`lan`) lists a stream that is announced by SAP."""
    command = [*machine.prefix, sys.executable, str(_RIG / "vlc_sap_process.py"), name]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=timeout)


def vlc(url: str) -> Player:
    """VLC through libvlc: its `vlc` program refuses to run as root, which a container is."""
    return Player("VLC", [sys.executable, str(_RIG / "vlc_process.py"), url, str(WIDTH), str(HEIGHT)])


def ffmpeg_publisher(url: str, fps: int = 25, encoder: str = "libx264", transport: str = "tcp") -> Player:
    """ffmpeg publishing a test picture by RTSP, as any encoder outside the server does. It shows no pictures."""
    return Player("ffmpeg publishing", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning", "-re",
        "-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate={fps}",
        "-c:v", encoder, "-preset", "ultrafast", "-tune", "zerolatency", "-g", str(fps), "-b:v", "1M",
        "-threads", "1", "-f", "rtsp", "-rtsp_transport", transport, url,
    ])  # fmt: skip


def has_rtspclientsink() -> bool:
    """Whether GStreamer can publish here."""
    return (
        bool(shutil.which("gst-inspect-1.0"))
        and subprocess.run(["gst-inspect-1.0", "rtspclientsink"], capture_output=True, check=False).returncode == 0
    )


def without_userinfo(url: str) -> str:
    place = urllib.parse.urlsplit(url)
    return place._replace(netloc=f"{place.hostname}:{place.port}").geturl()


def gstreamer_login(url: str) -> list[str]:
    """How rtspclientsink is told the user and the password of a URL."""
    place = urllib.parse.urlsplit(url)
    return [f"user-id={place.username}", f"user-pw={place.password}"]


def gstreamer_publisher(url: str, transport: str = "tcp", keyframe_distance: int = 25) -> Player:
    """GStreamer publishing a test picture by RTSP. It shows no pictures."""
    return Player(f"GStreamer publishing by {transport.upper()}", [
        "gst-launch-1.0", "-q", "videotestsrc", "is-live=true", "pattern=ball",
        "!", f"video/x-raw,width={WIDTH},height={HEIGHT},framerate=25/1",
        "!", "x264enc", "speed-preset=ultrafast", "tune=zerolatency", "bitrate=1000",
        f"key-int-max={keyframe_distance}", "threads=1",
        "!", "rtspclientsink", f"location={without_userinfo(url)}", f"protocols={transport}", "latency=0",
        *gstreamer_login(url),
    ])  # fmt: skip
