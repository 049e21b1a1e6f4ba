"""The standard content: 20 s of 1080p25 H.264 at about 4 Mb/s, a keyframe every 2 s, no B-frames, real texture.

Big Buck Bunny scaled up, with the noise of a sensor, and the frame counter (0 … 499) in each frame, so that a benchmark
knows which frame it sees. Made once, into `.cache/`.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT / "Tests" / "EndToEnd"))

from rig import counter  # noqa: E402

WIDTH, HEIGHT, FPS, KEYFRAME_SECONDS, FRAMES = 1920, 1080, 25, 2, 500
_SOURCE = _ROOT / ".cache" / "bigbuckbunny.mp4"
_CLIP = _ROOT / ".cache" / "standard-1080p25.h264"
_MOVIE = _CLIP.with_suffix(".mp4")


def byte_stream() -> Path:
    """The clip as an H.264 byte stream with access unit delimiters."""
    if not _CLIP.exists():
        _make()
    return _CLIP


def movie() -> Path:
    """The same clip with timestamps, for ffmpeg to loop."""
    if not _MOVIE.exists():
        partial = _MOVIE.with_suffix(".partial")
        subprocess.run(
            ["ffmpeg", "-loglevel", "error", "-y", "-r", str(FPS), "-f", "h264", "-i", byte_stream(), "-c", "copy",
             "-f", "mp4", partial],
            stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        partial.rename(_MOVIE)
    return _MOVIE


def _make() -> None:
    print("making the standard clip, once", flush=True)
    size = f"{WIDTH}x{HEIGHT}"
    decoder = subprocess.Popen(
        ["ffmpeg", "-loglevel", "error", "-stream_loop", "-1", "-i", _SOURCE, "-an",
         "-vf", f"fps={FPS},scale={WIDTH}:{HEIGHT},noise=alls=5:allf=t", "-frames:v", str(FRAMES),
         "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    )  # fmt: skip
    partial = _CLIP.with_suffix(".partial")
    encoder = subprocess.Popen(
        ["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", str(FPS),
         "-i", "pipe:0", "-c:v", "libx264", "-preset", "fast", "-profile:v", "high", "-bf", "0",
         "-g", str(FPS * KEYFRAME_SECONDS), "-sc_threshold", "0", "-b:v", "4M", "-maxrate", "5M", "-bufsize", "8M",
         "-bsf:v", "h264_metadata=aud=insert", "-f", "h264", partial],
        stdin=subprocess.PIPE,
    )  # fmt: skip
    for number in range(FRAMES):
        frame = np.frombuffer(decoder.stdout.read(WIDTH * HEIGHT * 3 // 2), np.uint8).copy()
        counter.draw(frame[: WIDTH * HEIGHT].reshape(HEIGHT, WIDTH), number)
        encoder.stdin.write(frame.tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0 or decoder.wait() != 0:
        raise SystemExit("ffmpeg could not make the standard clip")
    partial.rename(_CLIP)


if __name__ == "__main__":
    print(byte_stream())
