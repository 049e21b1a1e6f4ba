"""What R1 to R3 share: a live camera of a keyframe a second, encoded, watched by RTSP and by HLS."""

import contextlib
import dataclasses
import itertools
import time
from collections.abc import Iterator

from bench import Camera, processes, server
from rig import players
from rig.api import Stream
from rig.server import Server


@dataclasses.dataclass
class Watched:
    running: Server
    camera: Camera
    stream: Stream
    rtsp: players.Player
    hls: players.Player

    def is_new(self, since: float):
        """Whether a counter is the camera's, and was drawn after an instant."""
        return lambda counter: self.camera.drew(counter) and counter >= self.camera.counter_at(since)

    def seconds_to_new_process(self, role: str, dead: int, since: float) -> float:
        processes.wait_until(
            lambda: any(process.pid != dead for process in self.running.living(role)), 30, f"a new {role}", 0.01
        )
        return time.monotonic() - since

    def longest_stop(self, player: players.Player, since: float) -> float:
        """The longest time without another picture of the camera, from a second before an instant on."""
        shown = [picture.at for picture in player.since(since - 1) if self.camera.drew(picture.counter)]
        return max((later - earlier for earlier, later in itertools.pairwise(shown)), default=float("inf"))


@contextlib.contextmanager
def watched() -> Iterator[Watched]:
    with Camera() as camera, server() as running:
        running.start_engine()
        stream = running.api.add_stream(camera.url)
        with players.ffmpeg_rtsp(stream.rtsp_url) as rtsp, players.ffmpeg_hls(stream.hls_url) as hls:
            rtsp.wait_for_counted(30, count=50, accept=camera.drew)
            hls.wait_for_counted(30, count=50, accept=camera.drew)
            yield Watched(running, camera, stream, rtsp, hls)
