"""P4: from starting a viewer to its first picture, while nothing runs for that output.

The viewer is one ffmpeg, started once. Peer: the same ffmpeg at the camera itself, which has no server to wake; its
times hold ffmpeg's own start and the wait for the camera's keyframe, so ours less the peer's is what the server adds.
With MediaMTX: the camera pulled and encoded by ffmpeg on demand.
"""

import random
import tempfile
import time
from pathlib import Path

from bench import (
    STANDARD,
    clip,
    listening,
    mediamtx,
    ports,
    processes,
    program,
    row,
    server,
    standard_camera,
    summary,
    title,
)  # fmt: skip
from p1_transcode import transcode
from peers import mediamtx_config
from rig import players

ROUNDS = 8


def is_live(picture) -> bool:
    return picture.counter is not None and picture.counter < clip.FRAMES


def watch(url: str) -> tuple[float, float]:
    """Seconds to the first picture, and to the first with the camera's counter."""
    # Another phase of the camera's group of pictures each time.
    time.sleep(random.uniform(0, clip.KEYFRAME_SECONDS))
    with players.ffmpeg_rtsp(url) as viewer:
        first = viewer.wait_for_picture(20)
        live = viewer.wait_for(lambda seen: next(filter(is_live, seen), None), 20, "a live picture")
        return first.at - viewer.started, live.at - viewer.started


def cold_rounds(url: str, wait_for_cold) -> tuple[list[float], list[float]]:
    firsts, lives = [], []
    for _ in range(ROUNDS):
        wait_for_cold()
        first, live = watch(url)
        firsts.append(first)
        lives.append(live)
    return firsts, lives


def main() -> None:
    title("P4  cold output: seconds from the viewer's start")
    with standard_camera() as camera:
        with server() as running:
            running.start_engine()
            stream = running.api.add_stream(camera.url, encoding=STANDARD)
            firsts, lives = cold_rounds(
                stream.rtsp_url,
                lambda: processes.wait_until(lambda: not running.living("worker"), 20, "a cold output"),
            )
        direct, _ = cold_rounds(camera.url, lambda: time.sleep(3))
        peers = [("camera itself", direct, direct)]
        if mediamtx():
            with tempfile.TemporaryDirectory() as folder:
                port = ports.free_port()
                url = f"rtsp://127.0.0.1:{port}/front"
                run = " ".join(transcode(camera.url, ["-f", "rtsp", "-rtsp_transport", "tcp", url]))
                path = {"runOnDemand": run, "runOnDemandCloseAfter": "1s"}
                with program(
                    [mediamtx(), mediamtx_config(Path(folder), port, {"front": path})], listening(port)
                ) as relay:
                    peers.append(("MediaMTX on demand", *cold_rounds(url, lambda: processes.wait_until(
                        lambda: len(processes.descendants(relay.pid)) == 1, 20, "a cold path"
                    ))))  # fmt: skip
    for name, peer_firsts, peer_lives in peers:
        for label, index in (("median", 0), ("worst", 1)):
            row(
                f"first picture, {label}",
                summary(firsts)[index],
                summary(peer_firsts)[index],
                "s",
                name,
                "goal: <= 0.5 s",
            )
            row(f"first live picture, {label}", summary(lives)[index], summary(peer_lives)[index], "s", name,
                "goal: keyframe wait + 0.5 s")  # fmt: skip


if __name__ == "__main__":
    main()
