"""P1: CPU of one camera turned into the standard output for one RTSP viewer, and the quality at that bitrate.

Ours: everything that `serve` runs. Peer: ffmpeg pulling and encoding, as its users type it, publishing to MediaMTX
where one is given. Floor: ffmpeg confined to one thread, with the quickest scaler.
"""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import (
    STANDARD,
    clip,
    cpu_percent,
    listening,
    mediamtx,
    ports,
    processes,
    program,
    row,
    server,
    standard_camera,
    title,
)  # fmt: skip
from peers import mediamtx_config
from rig import counter
from rtsp_sink_process import readers

WINDOW = 20
WIDTH, HEIGHT, FPS = 1280, 720, 25
_ENCODE = [
    "-fps_mode", "cfr", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
    "-b:v", "2500k", "-maxrate", "2750k", "-bufsize", "5000k", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0",
]  # fmt: skip


def transcode(url: str, output: list[str], floor: bool = False) -> list[str]:
    one = ["-threads", "1"] if floor else []
    flags = ":flags=fast_bilinear" if floor else ""
    return [
        "ffmpeg", "-hide_banner", "-loglevel", "error", *(["-filter_threads", "1"] if floor else []),
        "-rtsp_transport", "tcp", *one, "-fflags", "nobuffer", "-i", url, "-an",
        "-vf", f"fps={FPS},scale={WIDTH}:{HEIGHT}{flags}",
        *_ENCODE, *one, *output,
    ]  # fmt: skip


def reference_frames() -> np.ndarray:
    """The clip's luma at the output's size, scaled with care, by frame number."""
    raw = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "h264", "-i", clip.byte_stream(),
         "-vf", f"scale={WIDTH}:{HEIGHT}:flags=lanczos,format=yuv420p,extractplanes=y",
         "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


def quality(recording: Path, reference: np.ndarray) -> tuple[float, float, float]:
    """Mean PSNR and SSIM of the luma above the counter's row, against the clip's same frames; and the kb/s."""
    raw = subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-i", recording, "-fps_mode", "passthrough",
         "-vf", "format=yuv420p,extractplanes=y", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    frames = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)
    rows = HEIGHT - counter.row_height(HEIGHT)
    rows -= rows % 8
    psnr, ssim = [], []
    # The first two seconds are the rate control's, not the encoder's.
    for frame in frames[2 * FPS :: 3]:
        number = counter.read(frame)
        if number is None or number >= len(reference):
            continue
        one, two = frame[:rows].astype(np.float32), reference[number][:rows].astype(np.float32)
        psnr.append(10 * np.log10(255**2 / max(np.mean((one - two) ** 2), 1e-6)))
        ssim.append(_ssim(one, two))
    if not psnr:
        raise SystemExit(f"no frame of {recording} shows the clip")
    kbps = recording.stat().st_size * 8 / 1000 / (len(frames) / FPS)
    return float(np.mean(psnr)), float(np.mean(ssim)), kbps


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


def record(url: str, file: Path, seconds: int) -> None:
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-y", "-rtsp_transport", "tcp", "-i", url, "-t", str(seconds), "-c", "copy",
         "-f", "h264", file],
        stdin=subprocess.DEVNULL, check=True, timeout=seconds + 30,
    )  # fmt: skip


def ours(camera_url: str, recording: Path) -> float:
    with server() as running:
        running.start_engine()
        stream = running.api.add_stream(camera_url, encoding=STANDARD)
        with readers(stream.rtsp_url, 1):
            time.sleep(3)
            used = cpu_percent(running.living, WINDOW)
            record(stream.rtsp_url, recording, 20)
        return used


def ffmpeg_alone(camera_url: str, floor: bool) -> float:
    command = transcode(camera_url, ["-f", "rtp", f"rtp://127.0.0.1:{ports.free_port()}"], floor)
    with program(command, lambda: True) as process:
        time.sleep(3)
        return cpu_percent(lambda: processes.descendants(process.pid), WINDOW)


def ffmpeg_and_mediamtx(camera_url: str, folder: Path) -> float:
    port = ports.free_port()
    config = mediamtx_config(folder, port)
    url = f"rtsp://127.0.0.1:{port}/front"
    with program([mediamtx(), config], listening(port)) as relay:
        command = transcode(camera_url, ["-f", "rtsp", "-rtsp_transport", "tcp", url])
        with program(command, lambda: True) as encoder:
            time.sleep(4)
            with readers(url, 1):
                return cpu_percent(
                    lambda: processes.descendants(encoder.pid) + processes.descendants(relay.pid), WINDOW
                )


def main() -> None:
    title("P1  camera to the standard output, one RTSP viewer: CPU in % of a core")
    with standard_camera() as camera, tempfile.TemporaryDirectory() as folder:
        our_file, peer_file = Path(folder) / "ours.h264", Path(folder) / "peer.h264"
        our_cpu = ours(camera.url, our_file)
        row("CPU", our_cpu, ffmpeg_alone(camera.url, floor=False), "%", "ffmpeg alone")
        row("CPU", our_cpu, ffmpeg_alone(camera.url, floor=True), "%", "one-thread floor", "goal: ratio <= 1.10")
        if mediamtx():
            peer = ffmpeg_and_mediamtx(camera.url, Path(folder))
            row("CPU", our_cpu, peer, "%", "ffmpeg + MediaMTX", "goal: ratio <= 0.80")
        reference = reference_frames()
        our_psnr, our_ssim, our_kbps = quality(our_file, reference)
        # ffmpeg scales bicubically unless told otherwise; the floor scales as quickly as it can.
        for name, floor in (("ffmpeg", False), ("one-thread floor", True)):
            command = transcode(camera.url, ["-t", "20", "-y", "-f", "h264", str(peer_file)], floor)
            subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
            psnr, ssim, kbps = quality(peer_file, reference)
            row("PSNR", our_psnr, psnr, "dB", name, f"goal: difference <= 0.2 dB, is {our_psnr - psnr:+.2f}")
            row("SSIM", our_ssim, ssim, "  ", name, f"goal: difference <= 0.002, is {our_ssim - ssim:+.4f}")
            row("bitrate", our_kbps, kbps, "kb/s", name)


if __name__ == "__main__":
    main()
