"""How near a recording of the standard output is to what its camera sent: PSNR, SSIM and bitrate, frame by frame."""

import dataclasses
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import clip
from rig import counter

WIDTH, HEIGHT, FPS = 1280, 720, 25
# The first two seconds are the rate control's, not the encoder's.
_SKIPPED = 2 * FPS


@dataclasses.dataclass(frozen=True)
class Quality:
    psnr: float
    ssim: float
    kbps: float


class Reference:
    """A clip's luma at the output's size and range, scaled with care, by frame number.

    In another matrix the same colour has another luma, and who turns HD into BT.709 is not worse for it: a recording is
    compared with the clip in the matrix that the recording says it has. zimg converts without libswscale's rounding.
    """

    def __init__(self, content: clip.Clip):
        self._content = content
        self._by_matrix: dict[str, np.ndarray] = {}

    def quality(self, make: Callable[[Path], list[str] | None]) -> Quality:
        """Of the file that `make` writes, or that the command writes that it returns."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "recording.h264"
            if command := make(file):
                subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
            return self._compare(_luma(["-i", file], ""), self._frames(_matrix(file)), file.stat().st_size)

    def _frames(self, told: str) -> np.ndarray:
        source = self._content
        matrix = "709" if source.matrix and told == "bt709" else source.matrix
        if matrix not in self._by_matrix:
            # Primaries and transfer stay what they are: only the matrix and the range differ.
            colour = (
                f":matrixin=170m:rangein=full:matrix={matrix}:range=limited"
                ":primariesin=709:primaries=709:transferin=709:transfer=709"
                if source.matrix
                else ""
            )
            self._by_matrix[matrix] = _luma(
                ["-f", source.container, "-r", str(source.fps), "-i", source.file()],
                f"zscale=w={WIDTH}:h={HEIGHT}:filter=lanczos{colour},",
            )
        return self._by_matrix[matrix]

    def _compare(self, frames: np.ndarray, reference: np.ndarray, size: int) -> Quality:
        rows = HEIGHT - counter.row_height(HEIGHT)
        rows -= rows % 8
        psnr, ssim = [], []
        for frame in frames[_SKIPPED::3]:
            number = counter.read(frame)
            if number is None or number >= len(reference):
                continue
            one, two = frame[:rows].astype(np.float32), reference[number][:rows].astype(np.float32)
            psnr.append(10 * np.log10(255**2 / max(np.mean((one - two) ** 2), 1e-6)))
            ssim.append(_ssim(one, two))
        if not psnr:
            raise SystemExit("no frame of the recording shows the clip")
        return Quality(float(np.mean(psnr)), float(np.mean(ssim)), size * 8 / 1000 / (len(frames) / FPS))


def record(url: str, file: Path, seconds: float) -> None:
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", "-rtsp_transport", "tcp", "-i", url, "-t", str(seconds), "-c", "copy",
         "-f", "h264", file],
        stdin=subprocess.DEVNULL, check=True, timeout=seconds + 30,
    )  # fmt: skip


def _matrix(file: Path) -> str:
    """The matrix that a recording says its colours are made by."""
    return subprocess.run(
        ["ffprobe", "-loglevel", "error", "-show_entries", "stream=color_space", "-of", "csv=print_section=0", file],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


def _luma(source: list, scale: str) -> np.ndarray:
    raw = subprocess.run(
        ["ffmpeg", "-loglevel", "error", *source, "-fps_mode", "passthrough",
         "-vf", f"{scale}format=yuv420p,extractplanes=y", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        capture_output=True, check=True, stdin=subprocess.DEVNULL,
    ).stdout  # fmt: skip
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


def _ssim(one: np.ndarray, two: np.ndarray) -> float:
    """SSIM over disjoint 8x8 blocks (Wang et al. 2004, constants for 8 bits)."""

    def blocks(image):
        return image.reshape(image.shape[0] // 8, 8, image.shape[1] // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 64)

    a, b = blocks(one), blocks(two)
    mean_a, mean_b = a.mean(1), b.mean(1)
    covariance = (a * b).mean(1) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    value = (2 * mean_a * mean_b + c1) * (2 * covariance + c2)
    value /= (mean_a**2 + mean_b**2 + c1) * (a.var(1) + b.var(1) + c2)
    return float(value.mean())
