"""P5: from starting a viewer to its first picture, on a stream that runs already and has a keyframe every 2 s.

The same clip is published by ffmpeg, unchanged, into our engine and into MediaMTX; gst-rtsp-server sends it itself.
"""

import contextlib
import random
import time

from bench import camera, clip, mediamtx
from experiment import Experiment, at_most
from p3_readers import published
from rig import players
from sink_process import readers


def join(url: str) -> float:
    time.sleep(random.uniform(0.5, 0.5 + clip.STANDARD.keyframe_seconds))
    with players.ffmpeg_rtsp(url) as viewer:
        return viewer.wait_for_picture(20).at - viewer.started


def main() -> None:
    with (
        Experiment("p5", "joining a running stream, seconds to the picture", pairs=12, short_pairs=3) as experiment,
        contextlib.ExitStack() as stack,
    ):
        urls = {
            "ours": stack.enter_context(published("ours")).rtsp,
            "gst-rtsp-server": stack.enter_context(camera()).url,
        }
        if mediamtx():
            urls["MediaMTX"] = stack.enter_context(published("MediaMTX")).rtsp
        for url in urls.values():
            # One reader stays, so that the stream never stops.
            stack.enter_context(readers(url, 1))
        seen = experiment.alternate({name: lambda url=url: join(url) for name, url in urls.items()})
        for peer in list(urls)[1:]:
            experiment.figure("first picture", "s", seen["ours"], at_most(0.5), peer, seen[peer])


if __name__ == "__main__":
    main()
