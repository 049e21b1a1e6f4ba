"""P5: from starting a viewer to its first picture, on a stream that runs already and has a keyframe every 2 s.

The same clip is published by ffmpeg, unchanged, into our engine and into MediaMTX; gst-rtsp-server sends it itself. The viewers
are ffmpeg by RTSP, and aiortc by WHEP, from its offer on.
"""

import contextlib
import random
import time

from bench import camera, clip
from experiment import Experiment, at_most
from published import engines, published
from rig import players
from rig.whep import WHEPViewer
from sink_process import readers


def join(url: str) -> float:
    time.sleep(random.uniform(0.5, 0.5 + clip.STANDARD.keyframe_seconds))
    with players.ffmpeg_rtsp(url) as viewer:
        return viewer.wait_for_picture(20).at - viewer.started


def join_by_whep(url: str) -> float:
    time.sleep(random.uniform(0.5, 0.5 + clip.STANDARD.keyframe_seconds))
    with WHEPViewer(url, kinds=("video",)) as viewer:
        return viewer.wait_for_picture(20).at - viewer.started


def main() -> None:
    with (
        Experiment("p5", "joining a running stream, seconds to the picture", pairs=12, short_pairs=3) as experiment,
        contextlib.ExitStack() as stack,
    ):
        running = {name: stack.enter_context(published(name)) for name in engines()}
        urls = {name: engine.rtsp for name, engine in running.items()}
        urls["gst-rtsp-server"] = stack.enter_context(camera()).url
        for url in urls.values():
            # One reader stays, so that the stream never stops.
            stack.enter_context(readers(url, 1))
        seen = experiment.alternate({name: lambda url=url: join(url) for name, url in urls.items()})
        for peer in list(urls)[1:]:
            experiment.figure("first picture by RTSP", "s", seen["ours"], at_most(0.5), peer, seen[peer])
        seen = experiment.alternate(
            {name: lambda url=engine.whep: join_by_whep(url) for name, engine in running.items()}
        )
        experiment.figure(
            "first picture by WHEP", "s", seen["ours"], at_most(0.4), "MediaMTX", seen.get("MediaMTX")
        )  # fmt: skip


if __name__ == "__main__":
    main()
