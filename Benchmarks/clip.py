"""The clips that benchmark cameras play, made once into `.cache/`: 20 s of Big Buck Bunny scaled to the camera's size, with
the noise of a sensor and the frame counter (0 … 499 at 25 fps) in each frame, so that a benchmark knows which it sees.
"""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT / "Tests" / "EndToEnd"))

from rig import counter  # noqa: E402

_SOURCE = _ROOT / ".cache" / "bigbuckbunny.mp4"
SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Clip:
    """What a camera sends."""

    name: str
    width: int
    height: int
    fps: int
    encoder: tuple[str, ...]  # what ffmpeg makes of the raw frames
    container: str = "h264"
    colour: str = "in_range=tv:out_range=tv"  # from the source's matrix, by the scale filter
    keyframe_seconds: int = 2

    @property
    def matrix(self) -> str:
        """The matrix that the camera's colours are made by, in zimg's words (170m is BT.601), or nothing when it does not say."""
        return "170m" if "out_color_matrix=bt601" in self.colour else ""

    @property
    def frames(self) -> int:
        return SECONDS * self.fps

    def file(self) -> Path:
        """H.264 as a byte stream with access unit delimiters, or JPEG pictures one after the other."""
        made = _ROOT / ".cache" / f"{self.name}.{'mjpeg' if self.container == 'mjpeg' else 'h264'}"
        if not made.exists():
            self._make(made)
        return made

    def movie(self) -> Path:
        """The same with timestamps, for ffmpeg to loop."""
        made = self.file().with_suffix(".mp4")
        if not made.exists():
            partial = made.with_suffix(".partial")
            _ffmpeg("-r", self.fps, "-f", self.container, "-i", self.file(), "-c", "copy", "-f", "mp4", partial)
            partial.rename(made)
        return made

    def _make(self, made: Path) -> None:
        print(f"making the clip {self.name}, once", flush=True)
        width, height = self.width, self.height
        full = "out_range=pc" in self.colour
        decoder = subprocess.Popen(
            ["ffmpeg", "-loglevel", "error", "-stream_loop", "-1", "-i", _SOURCE, "-an",
             "-vf", f"fps={self.fps},scale={width}:{height}:{self.colour},noise=alls=5:allf=t",
             "-frames:v", str(self.frames), "-pix_fmt", "yuvj420p" if full else "yuv420p", "-f", "rawvideo", "pipe:1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )  # fmt: skip
        partial = made.with_suffix(".partial")
        encoder = subprocess.Popen(
            ["ffmpeg", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuvj420p" if full else "yuv420p",
             "-s", f"{width}x{height}", "-r", str(self.fps), "-i", "pipe:0", *self.encoder, "-f", self.container, partial],
            stdin=subprocess.PIPE,
        )  # fmt: skip
        for number in range(self.frames):
            frame = np.frombuffer(decoder.stdout.read(width * height * 3 // 2), np.uint8).copy()
            counter.draw(frame[: width * height].reshape(height, width), number)
            encoder.stdin.write(frame.tobytes())
        encoder.stdin.close()
        if encoder.wait() != 0 or decoder.wait() != 0:
            raise SystemExit(f"ffmpeg could not make the clip {self.name}")
        partial.rename(made)


def _ffmpeg(*arguments) -> None:
    command = ["ffmpeg", "-loglevel", "error", "-y", *(str(argument) for argument in arguments)]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)


def _h264(fps: int, rate: str, maximum: str, *more: str) -> tuple[str, ...]:
    return (
        "-c:v", "libx264", "-preset", "fast", "-profile:v", "high", "-bf", "0", "-g", str(2 * fps), "-sc_threshold", "0",
        "-b:v", rate, "-maxrate", maximum, "-bufsize", "8M", *more, "-bsf:v", "h264_metadata=aud=insert",
    )  # fmt: skip


# The standard camera of the quality bars: it says nothing of its colours.
STANDARD = Clip("standard-1080p25", 1920, 1080, 25, _h264(25, "4M", "5M"))
# As Hikvision's and Dahua's 4 megapixels: not quite 16:9, full range, BT.601.
LARGE = Clip(
    "large-1520p25", 2688, 1520, 25,
    _h264(25, "6M", "7M", "-color_range", "pc", "-colorspace", "smpte170m", "-color_primaries", "smpte170m",
          "-color_trc", "smpte170m"),
    colour="in_range=tv:out_range=pc:out_color_matrix=bt601",
)  # fmt: skip
# Each picture a JPEG, which is full range and BT.601 by its own rules.
JPEG = Clip(
    "jpeg-1080p25", 1920, 1080, 25, ("-c:v", "mjpeg", "-q:v", "5"), container="mjpeg",
    colour="in_range=tv:out_range=pc:out_color_matrix=bt601",
)  # fmt: skip
# What costs next to nothing, for what lasts an hour.
SMALL = Clip("small-180p12", 320, 180, 12, _h264(12, "200k", "300k"))


def standard_at(fps: int) -> Clip:
    """The standard camera at another frame rate."""
    return STANDARD if fps == STANDARD.fps else Clip(f"standard-1080p{fps}", 1920, 1080, fps, _h264(fps, "4M", "5M"))


if __name__ == "__main__":
    for made in (STANDARD, LARGE, JPEG, SMALL):
        print(made.file())
