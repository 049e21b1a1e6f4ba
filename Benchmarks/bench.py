"""What the benchmarks share: the rig, cameras, peers, and what processes use."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))
os.environ.setdefault("TOPOSYNC_STREAMING_BINARY", str(ROOT / ".build" / "release" / "toposync-streaming"))

import clip  # noqa: E402
from rig import ports, processes  # noqa: E402
from rig.camera import Camera  # noqa: E402
from rig.server import Server, binary  # noqa: E402

# The standard output of the quality bars.
STANDARD = {
    "resolution": {"width": 1280, "height": 720},
    "fps_limit": 25,
    "bitrate_kbps": 2500,
    "latency_profile": "normal",
}


def mediamtx() -> str | None:
    return os.environ.get("TOPOSYNC_BENCH_MEDIAMTX")


def go2rtc() -> str | None:
    return os.environ.get("TOPOSYNC_BENCH_GO2RTC")


class JPEGCamera:
    """A camera that sends JPEG pictures over HTTP, until the block ends."""

    def __init__(self, content: clip.Clip):
        self._content = content
        self._port = ports.free_port()
        self.epoch = time.monotonic()
        self.url = f"http://127.0.0.1:{self._port}/video.mjpg"

    def __enter__(self) -> "JPEGCamera":
        program = ROOT / "Benchmarks" / "jpeg_camera.py"
        command = [sys.executable, program, self._port, self._content.file(), self._content.fps, self.epoch]
        self._process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if "listening" not in self._process.stdout.readline():
            raise SystemExit("the JPEG camera could not start")
        return self

    def __exit__(self, *_) -> None:
        self._process.communicate()


def camera(content: clip.Clip = clip.STANDARD) -> Camera | JPEGCamera:
    """A camera that sends a clip, without encoding anything at run time."""
    if content.container == "mjpeg":
        return JPEGCamera(content)
    return Camera(source="clip", clip=str(content.file()), fps=content.fps, keyframe_interval=content.keyframe_seconds)


@contextlib.contextmanager
def server(*arguments: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        running = Server(Path(folder) / "data", *arguments).start()
        try:
            yield running
        finally:
            running.stop()


@contextlib.contextmanager
def program(command: list, ready: Callable[[], bool]) -> Iterator[subprocess.Popen]:
    """Runs a peer until the block ends; `ready` says when it serves."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            try:
                processes.wait_until(lambda: process.poll() is not None or ready(), 20, f"{command[0]} serving")
                assert process.poll() is None
            except AssertionError:
                output.seek(0)
                raise SystemExit(f"{command[0]} did not come up:\n{output.read()[-2000:]}") from None
            yield process
            if process.poll() is not None:
                output.seek(0)
                raise SystemExit(f"{command[0]} ended during the measurement:\n{output.read()[-2000:]}")
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def listening(port: int) -> Callable[[], bool]:
    def probe() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            return False
        return True

    return probe


def cpu_percent(find: Callable[[], list[processes.Process]], seconds: float) -> float:
    """CPU of the processes over a window, in % of one core. One that ends counts until then."""
    before = {process.pid: process.cpu_seconds for process in find()}
    started = time.monotonic()
    used: dict[int, float] = {}
    while (remaining := started + seconds - time.monotonic()) > 0:
        time.sleep(min(1, remaining))
        for process in find():
            used[process.pid] = process.cpu_seconds - before.get(process.pid, 0)
    return 100 * sum(used.values()) / (time.monotonic() - started)


def resident_megabytes(found: list[processes.Process]) -> float:
    return sum(process.resident_bytes for process in found) / 1e6


def proportional_megabytes(found: list[processes.Process]) -> float:
    """The memory that the processes have to themselves, and their shares of what they share (proportional set size):
    many workers load the same libraries."""
    return _mapped_megabytes(found, "Pss")


def kept_megabytes(find: Callable[[], list[processes.Process]], seconds: float) -> float:
    """The memory that processes have made for themselves, beside what they need for a moment only: the least of a while."""
    deadline = time.monotonic() + seconds
    least = _mapped_megabytes(find(), "Anonymous")
    while time.monotonic() < deadline:
        time.sleep(0.2)
        least = min(least, _mapped_megabytes(find(), "Anonymous"))
    return least


def _mapped_megabytes(found: list[processes.Process], kind: str) -> float:
    lines = [
        line
        for process in found
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        if line.startswith(f"{kind}:")
    ]
    return sum(int(line.split()[1]) for line in lines) * 1024 / 1e6


__all__ = [
    "ROOT", "STANDARD", "Camera", "JPEGCamera", "binary", "camera", "clip", "cpu_percent", "go2rtc", "kept_megabytes",
    "listening", "mediamtx", "ports", "processes", "program", "proportional_megabytes", "resident_megabytes", "server",
]  # fmt: skip
