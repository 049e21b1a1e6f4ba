"""P5: from starting a viewer to its first picture, on a stream that runs already and has a keyframe every 2 s.

The same clip is published by ffmpeg, unchanged, into our engine and into MediaMTX; gst-rtsp-server sends it itself.
"""

import random
import tempfile
import time
from pathlib import Path

from bench import binary, clip, listening, mediamtx, ports, program, row, standard_camera, summary, title
from p3_readers import publisher
from peers import built_in_config, mediamtx_config
from rig import players
from rtsp_sink_process import readers

ROUNDS = 12


def joins(url: str) -> list[float]:
    times = []
    # One reader stays, so that the stream never stops.
    with readers(url, 1):
        for _ in range(ROUNDS):
            time.sleep(random.uniform(0.5, 0.5 + clip.KEYFRAME_SECONDS))
            with players.ffmpeg_rtsp(url) as viewer:
                times.append(viewer.wait_for_picture(20).at - viewer.started)
    return times


def published(command: list, port: int) -> list[float]:
    url = f"rtsp://127.0.0.1:{port}/front"
    with program(command, listening(port)), program(publisher(url), lambda: True):
        time.sleep(4)
        return joins(url)


def main() -> None:
    title("P5  joining a running stream with a keyframe every 2 s: seconds to the first picture")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = ports.free_port()
        config = built_in_config(folder, port, ports.free_port(), ports.free_port())
        our_times = published([binary(), "engine", config], port)
        with standard_camera() as camera:
            peers = [("gst-rtsp-server", joins(camera.url))]
        if mediamtx():
            port = ports.free_port()
            peers.append(("MediaMTX", published([mediamtx(), mediamtx_config(folder, port)], port)))
    for peer, times in peers:
        row("first picture, median", summary(our_times)[0], summary(times)[0], "s", peer, "goal: <= 0.5 s")
        row("first picture, worst", summary(our_times)[1], summary(times)[1], "s", peer)


if __name__ == "__main__":
    main()
