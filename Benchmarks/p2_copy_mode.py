"""P2: CPU of a camera that already sends what the output asks for, for one RTSP viewer.

Ours: everything that `serve` runs. Peer: MediaMTX pulling the camera and relaying it, where one is given.
"""

import tempfile
import time
from pathlib import Path

from bench import cpu_percent, listening, mediamtx, ports, processes, program, row, server, standard_camera, title
from peers import mediamtx_config
from rtsp_sink_process import readers

WINDOW = 20
# What the standard camera sends, with room in the bitrate.
EQUAL = {"resolution": {"width": 1920, "height": 1080}, "fps_limit": 25, "bitrate_kbps": 8000}


def ours(camera_url: str) -> float:
    with server() as running:
        running.start_engine()
        stream = running.api.add_stream(camera_url, encoding=EQUAL)
        with readers(stream.rtsp_url, 1):
            time.sleep(6)
            modes = [(output["mode"], output["mode_reason"]) for output in stream.outputs()]
            if any(mode != "copy" for mode, _ in modes):
                raise SystemExit(f"the camera is not copied: {modes}")
            return cpu_percent(running.living, WINDOW)


def relay(camera_url: str, folder: Path) -> float:
    port = ports.free_port()
    config = mediamtx_config(folder, port, {"front": {"source": camera_url, "rtspTransport": "tcp"}})
    with program([mediamtx(), config], listening(port)) as peer:
        time.sleep(2)
        with readers(f"rtsp://127.0.0.1:{port}/front", 1):
            time.sleep(2)
            return cpu_percent(lambda: processes.descendants(peer.pid), WINDOW)


def main() -> None:
    title("P2  eligible camera in copy mode, one RTSP viewer: CPU in % of a core")
    with standard_camera() as camera, tempfile.TemporaryDirectory() as folder:
        our_cpu = ours(camera.url)
        peer = relay(camera.url, Path(folder)) if mediamtx() else None
        row("CPU", our_cpu, peer, "%", "MediaMTX relay", "goal: <= 3 %")


if __name__ == "__main__":
    main()
