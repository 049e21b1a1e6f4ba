"""P1: CPU of one camera turned into the standard output for one RTSP viewer, and the quality at that bitrate; for three
cameras: 1080p that says nothing of its colours, 2688x1520 in full range, and 1080p JPEG by HTTP.

Ours: everything that `serve` runs. Peer: ffmpeg pulling and encoding, as its users type it, publishing to MediaMTX
where one is given. Floor: ffmpeg confined to one thread, with the quickest scaler.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import STANDARD, camera, clip, cpu_percent, listening, mediamtx, ports, processes, program, server
from experiment import Experiment, at_least, at_most
from peers import mediamtx_config
from quality import FPS, HEIGHT, WIDTH, Quality, Reference, record
from rtsp_sink import described
from sink_process import readers

CAMERAS = {
    "1080p untagged": clip.STANDARD,
    "2688x1520 full range": clip.LARGE,
    "1080p JPEG": clip.JPEG,
}
SETTLE = 3
_ENCODE = [
    "-fps_mode", "cfr", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
    "-b:v", "2500k", "-maxrate", "2750k", "-bufsize", "5000k", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0",
]  # fmt: skip


def transcode(url: str, output: list[str], floor: bool = False) -> list[str]:
    one = ["-threads", "1"] if floor else []
    # The command limits what is shown as it does for ours: full range in, limited range out.
    flags = ":flags=fast_bilinear" if floor else ""
    transport = ["-rtsp_transport", "tcp"] if url.startswith("rtsp") else []
    return [
        "ffmpeg", "-hide_banner", "-loglevel", "error", *(["-filter_threads", "1"] if floor else []),
        *transport, *one, "-fflags", "nobuffer", "-i", url, "-an",
        "-vf", f"fps={FPS},scale={WIDTH}:{HEIGHT}{flags}:out_range=tv,format=yuv420p",
        *_ENCODE, *one, *output,
    ]  # fmt: skip


class Measurement:
    """The sides of one camera, each with what it used, and what its pictures were worth."""

    def __init__(self, camera_url: str, reference: Reference, window: float, recording: float):
        self._url, self._reference = camera_url, reference
        self._window, self._recording = window, recording

    def ours(self) -> tuple[float, Quality]:
        with server() as running:
            running.start_engine()
            stream = running.api.add_stream(self._url, encoding=STANDARD)
            return self._watched(stream.rtsp_url, running.living)

    def floor(self) -> tuple[float, Quality]:
        """Without a relay, whose cost is no part of a floor: its picture is taken by RTP from nobody, and recorded after."""
        command = transcode(self._url, ["-f", "rtp", f"rtp://127.0.0.1:{ports.free_port()}"], floor=True)
        with program(command, lambda: True) as process:
            time.sleep(SETTLE)
            used = cpu_percent(lambda: processes.descendants(process.pid), self._window)
        return used, self._reference.quality(
            lambda file: transcode(self._url, ["-t", str(self._recording), "-f", "h264", str(file)], floor=True)
        )

    def ffmpeg_and_mediamtx(self) -> tuple[float, Quality]:
        with tempfile.TemporaryDirectory() as folder:
            port = ports.free_port()
            url = f"rtsp://127.0.0.1:{port}/front"
            with program([mediamtx(), mediamtx_config(Path(folder), port)], listening(port)) as relay:
                command = transcode(self._url, ["-f", "rtsp", "-rtsp_transport", "tcp", url])
                with program(command, described(url)) as encoder:
                    return self._watched(
                        url, lambda: processes.descendants(encoder.pid) + processes.descendants(relay.pid)
                    )

    def _watched(self, url: str, find: Callable[[], list[processes.Process]]) -> tuple[float, Quality]:
        with readers(url, 1):
            time.sleep(SETTLE)
            used = cpu_percent(find, self._window)
            return used, self._reference.quality(lambda file: record(url, file, self._recording))


def measure(experiment: Experiment, name: str, content: clip.Clip) -> None:
    reference = Reference(content)
    with camera(content) as source:
        measurement = Measurement(source.url, reference, experiment.seconds(20, 5), 8 if experiment.short else 20)
        sides = {"ours": measurement.ours, "one-thread floor": measurement.floor}
        if mediamtx():
            sides["ffmpeg + MediaMTX"] = measurement.ffmpeg_and_mediamtx
        seen = experiment.alternate(sides)

    def values(side: str, of: Callable[[tuple[float, Quality]], float]) -> list[float]:
        return [of(one) for one in seen.get(side, [])]

    for side, limit in (("one-thread floor", 1.03), ("ffmpeg + MediaMTX", 0.85)):
        cpu = [values(one, lambda run: run[0]) for one in ("ours", side)]
        experiment.figure(f"{name}: CPU", "% of a core", cpu[0], at_most(limit, "ratio"), side, cpu[1])
    # The floor scales as quickly as it can; ffmpeg as its users have it, who are shown the picture that ours is beside.
    side = "ffmpeg + MediaMTX" if mediamtx() else "one-thread floor"
    for what, unit, field, room in (("PSNR", "dB", "psnr", -0.2), ("SSIM", "", "ssim", -0.002)):
        one, two = (values(each, lambda run, field=field: getattr(run[1], field)) for each in ("ours", side))
        experiment.figure(f"{name}: {what}", unit, one, at_least(room, "difference"), side, two)
    one, two = (values(each, lambda run: run[1].kbps) for each in ("ours", side))
    experiment.figure(f"{name}: bitrate", "kb/s", one, None, side, two)


def main() -> None:
    with Experiment("p1", "camera to the standard output, one RTSP viewer") as experiment:
        for name, content in CAMERAS.items():
            measure(experiment, name, content)


if __name__ == "__main__":
    main()
