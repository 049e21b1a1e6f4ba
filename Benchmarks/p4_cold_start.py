"""P4: from starting a viewer to its first picture, while nothing runs for that output; for cameras of 12, 15 and 25 fps.

The viewer is one ffmpeg with default options, started once. Peers: the same ffmpeg at the camera itself, which has no
server to wake, and MediaMTX, where one is given, which has ffmpeg pull and encode the camera on demand. The first packet is
measured without a player. A live picture needs a keyframe of the camera; the wait for the next one is taken off.
"""

import functools
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import STANDARD, Camera, camera, clip, listening, mediamtx, ports, processes, program, server
from experiment import Experiment, at_most
from p1_transcode import transcode
from peers import mediamtx_config
from rig import players
from rtsp_sink import seconds_to_first_packet

RATES = (25, 15, 12)


class Viewing:
    """Viewers of one camera, each at another phase of its group of pictures."""

    def __init__(self, source: Camera, content: clip.Clip):
        self._source, self._content = source, content

    def keyframe_wait(self, instant: float) -> float:
        """Until the camera's next keyframe is due."""
        period = self._content.keyframe_seconds
        return period - (instant - self._source.epoch) % period

    def watch(self, url: str, wait_for_cold: Callable[[], object]) -> tuple[float, float]:
        """Seconds to the first picture, and from the camera's next keyframe to the first that shows it."""
        wait_for_cold()
        time.sleep(random.uniform(0, self._content.keyframe_seconds))
        with players.ffmpeg_rtsp(url) as viewer:
            first = viewer.wait_for_picture(20)
            live = viewer.wait_for(lambda seen: next(filter(self._is_live, seen), None), 20, "a live picture")
            return first.at - viewer.started, live.at - viewer.started - self.keyframe_wait(viewer.started)

    def _is_live(self, picture) -> bool:
        return picture.counter is not None and picture.counter < self._content.frames


def measure(experiment: Experiment, rate: int) -> None:
    content = clip.standard_at(rate)
    with camera(content) as source, server() as running, tempfile.TemporaryDirectory() as folder:
        running.start_engine()
        stream = running.api.add_stream(source.url, encoding=STANDARD)
        viewing = Viewing(source, content)
        port = ports.free_port()
        relayed = f"rtsp://127.0.0.1:{port}/front"
        on_demand = " ".join(transcode(source.url, ["-f", "rtsp", "-rtsp_transport", "tcp", relayed]))

        def cold() -> None:
            processes.wait_until(lambda: not running.living("worker"), 30, "a cold output")

        def packet() -> tuple[float, float]:
            cold()
            return seconds_to_first_packet(stream.rtsp_url), 0.0

        sides = {
            "first packet": packet,
            "ours": lambda: viewing.watch(stream.rtsp_url, cold),
            "camera itself": lambda: viewing.watch(source.url, lambda: time.sleep(3)),
        }
        if mediamtx() and rate == RATES[0]:
            path = {"runOnDemand": on_demand, "runOnDemandCloseAfter": "1s"}
            config = mediamtx_config(Path(folder), port, {"front": path})
            with program([mediamtx(), config], listening(port)) as relay:
                relay_is_cold = functools.partial(
                    processes.wait_until, lambda: len(processes.descendants(relay.pid)) == 1, 20, "a cold path"
                )
                sides["MediaMTX on demand"] = lambda: viewing.watch(relayed, relay_is_cold)
                seen = experiment.alternate(sides)
        else:
            seen = experiment.alternate(sides)
    first = {name: [one[0] for one in runs] for name, runs in seen.items()}
    live = {name: [one[1] for one in runs] for name, runs in seen.items()}
    experiment.figure(f"{rate} fps: first RTP packet", "s", first["first packet"], at_most(0.12))
    experiment.figure(
        f"{rate} fps: ffmpeg's first picture", "s", first["ours"], at_most(0.45), "camera itself", first["camera itself"]
    )
    experiment.figure(f"{rate} fps: live, after the camera's keyframe", "s", live["ours"], at_most(0.4),
                      "camera itself", live["camera itself"])  # fmt: skip
    if name := next((name for name in first if name.startswith("MediaMTX")), None):
        experiment.figure(f"{rate} fps: ffmpeg's first picture", "s", first["ours"], None, name, first[name])


def main() -> None:
    with Experiment("p4", "cold output, seconds from the viewer's start", pairs=8, short_pairs=2) as experiment:
        for rate in RATES:
            measure(experiment, rate)


if __name__ == "__main__":
    main()
