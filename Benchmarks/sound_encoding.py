"""What encoding a camera's sound costs: CPU of all our processes for one RTSP viewer of a copied picture, with its sound as it comes
(G.711) and encoded."""

import time

from bench import Camera, cpu_percent, server
from experiment import Experiment
from sink_process import readers

COPIED = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
SETTLE = 6


def cpu(camera_url: str, audio: str, window: float) -> float:
    with server() as running:
        running.start_engine()
        output = {"protocol": "rtsp", "audio": audio} | COPIED
        stream = running.api.add_stream(camera_url, outputs=[output])
        with readers(stream.rtsp_url, 1):
            time.sleep(SETTLE)
            (heard,) = [output["audio"] for output in stream.outputs()]
            if audio != "copy" and heard["codec"] != audio:
                raise SystemExit(f"the sound is not encoded: {heard}")
            return cpu_percent(running.living, window)


def main() -> None:
    title = "a camera's sound encoded, one RTSP viewer of its copied picture"
    with Experiment("sound", title) as experiment, Camera(source="flash") as camera:
        window = experiment.seconds(20, 8)
        seen = experiment.alternate(
            {audio: lambda audio=audio: cpu(camera.url, audio, window) for audio in ("copy", "aac", "opus")}
        )
        for audio in ("aac", "opus"):
            experiment.figure(f"CPU with {audio}", "% of a core", seen[audio], None, "as it comes", seen["copy"])


if __name__ == "__main__":
    main()
