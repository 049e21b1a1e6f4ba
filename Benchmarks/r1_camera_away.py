"""R1: a watched camera is unplugged for 10 s and comes back: the placeholder, and the live picture again.

Live counts from the camera's first keyframe after it came back, which it sends when it is asked; how long the server's
next try took is a figure of its own.
"""

import time

from experiment import Experiment, at_most
from recovery import watched

AWAY = 10


def main() -> None:
    with Experiment("r1", f"camera away for {AWAY} s while watched") as experiment, watched() as seen:

        def away() -> dict[str, float]:
            gone = time.monotonic()
            seen.camera.unplug()
            placeholder = seen.rtsp.wait_for(
                lambda pictures: next((one for one in pictures if one.at > gone and one.counter is None), None),
                30, "the placeholder",
            )  # fmt: skip
            time.sleep(max(0, gone + AWAY - time.monotonic()))
            back = time.monotonic()
            seen.camera.plug()
            live = seen.rtsp.wait_for_counted(60, count=1, after=back, accept=seen.is_new(back))[0]
            keyframe = seen.camera.first_keyframe()
            found = {"placeholder": placeholder.at - gone, "live": live.at - keyframe, "try": keyframe - back}
            found["reconnected"] = 0 if seen.rtsp.running and seen.hls.running else 1
            # Steady again before the next.
            seen.hls.wait_for_counted(60, count=25, after=back, accept=seen.is_new(back))
            return found

        runs = experiment.alternate({"ours": away})["ours"]
        for what, unit, key, goal in (
            ("placeholder", "s", "placeholder", at_most(3, "worst")),
            ("live after the first keyframe", "s", "live", at_most(2, "worst")),
            ("viewers that had to reconnect", "", "reconnected", at_most(0, "worst")),
            ("the server's next try", "s", "try", None),
        ):
            experiment.figure(what, unit, [run[key] for run in runs], goal)


if __name__ == "__main__":
    main()
