"""P2: CPU of a camera that already sends what the output asks for, for one RTSP viewer.

Ours: everything that `serve` runs. Peer: MediaMTX pulling the camera and relaying it, where one is given.
"""

import tempfile
import time
from pathlib import Path

from bench import camera, clip, cpu_percent, listening, mediamtx, ports, processes, program, server
from experiment import Experiment, at_most
from peers import mediamtx_config
from sink_process import readers

# What the standard camera sends, with room in the bitrate.
COPIED = {
    "resolution": {"width": clip.STANDARD.width, "height": clip.STANDARD.height},
    "fps_limit": clip.STANDARD.fps,
    "bitrate_kbps": 8000,
}
SETTLE = 6


def ours(camera_url: str, window: float) -> float:
    with server() as running:
        running.start_engine()
        stream = running.api.add_stream(camera_url, encoding=COPIED)
        with readers(stream.rtsp_url, 1):
            time.sleep(SETTLE)
            modes = [(output["mode"], output["mode_reason"]) for output in stream.outputs()]
            if any(mode != "copy" for mode, _ in modes):
                raise SystemExit(f"the camera is not copied: {modes}")
            return cpu_percent(running.living, window)


def relay(camera_url: str, window: float) -> float:
    port = ports.free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = mediamtx_config(Path(folder), port, {"front": {"source": camera_url, "rtspTransport": "tcp"}})
        with program([mediamtx(), config], listening(port)) as peer:
            time.sleep(2)
            with readers(f"rtsp://127.0.0.1:{port}/front", 1):
                time.sleep(SETTLE)
                return cpu_percent(lambda: processes.descendants(peer.pid), window)


def main() -> None:
    with Experiment("p2", "eligible camera in copy mode, one RTSP viewer") as experiment, camera() as source:
        window = experiment.seconds(20, 5)
        sides = {"ours": lambda: ours(source.url, window)}
        if mediamtx():
            sides["MediaMTX relay"] = lambda: relay(source.url, window)
        seen = experiment.alternate(sides)
        experiment.figure(
            "CPU of all our processes", "% of a core", seen["ours"], at_most(3),
            "MediaMTX relay", seen.get("MediaMTX relay"),
        )  # fmt: skip


if __name__ == "__main__":
    main()
