"""What the benchmarks share: the rig, the standard camera, CPU accounting, peers, and the table that each prints."""

import contextlib
import os
import socket
import statistics
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


def standard_camera() -> Camera:
    """1080p25 H.264 at 4 Mb/s, a keyframe every 2 s, sent without encoding anything at run time."""
    return Camera(source="clip", clip=str(clip.byte_stream()), fps=clip.FPS, keyframe_interval=clip.KEYFRAME_SECONDS)


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
    lines = [
        line
        for process in found
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    ]
    return sum(int(line.split()[1]) for line in lines) * 1024 / 1e6


def title(text: str) -> None:
    print(f"\n== {text}", flush=True)


def row(what: str, ours: float, peer: float | None, unit: str, peer_name: str, goal: str = "") -> None:
    peer_text = f"{peer:8.2f} {unit}  ratio {ours / peer:5.2f}" if peer else "     n/a" + " " * (len(unit) + 14)
    print(f"{what:46} ours {ours:8.2f} {unit}   {peer_name} {peer_text}   {goal}", flush=True)


def summary(values: list[float]) -> tuple[float, float]:
    """Median and maximum."""
    return statistics.median(values), max(values)


__all__ = [
    "ROOT", "STANDARD", "Camera", "binary", "clip", "cpu_percent", "go2rtc", "listening", "mediamtx", "ports",
    "processes", "program", "proportional_megabytes", "resident_megabytes", "row", "server", "standard_camera", "summary",
    "title",
]  # fmt: skip
