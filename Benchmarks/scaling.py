"""What sharing the work of scaling saves, with libswscale alone, in one run.

Equal sizes are scaled once for all renditions. Smaller sizes are made from the source, and this shows why: the cascade,
from the next larger size, saves a third of a small part, filters twice, and makes renditions wait for each other.
"""

import resource
import subprocess

FRAMES, ROUNDS = 300, 3
SOURCE = (1920, 1080)


def milliseconds(source: tuple[int, int], target: tuple[int, int] | None) -> float:
    """CPU time of a picture, the best of some rounds. Without a target it is only read."""
    filters = f"scale={target[0]}:{target[1]}:flags=bicublin" if target else "null"
    command = [
        "ffmpeg", "-loglevel", "error", "-filter_threads", "1", "-f", "lavfi",
        "-i", f"color=gray:size={source[0]}x{source[1]}:rate=25,format=yuv420p", "-frames:v", str(FRAMES),
        "-vf", filters, "-f", "null", "-",
    ]  # fmt: skip
    best = None
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = used if best is None else min(best, used)
    return best / FRAMES * 1000


def scaling(source: tuple[int, int], target: tuple[int, int]) -> float:
    return max(milliseconds(source, target) - milliseconds(source, None), 0)


def main() -> None:
    print(f"\nScaling a {SOURCE[0]}x{SOURCE[1]} camera for several renditions")
    for larger, smaller in [((1280, 720), (640, 360)), ((1280, 720), (960, 540)), ((960, 540), (480, 270))]:
        once, direct, cascaded = scaling(SOURCE, larger), scaling(SOURCE, smaller), scaling(larger, smaller)
        name = f"{larger[0]}x{larger[1]} and {smaller[0]}x{smaller[1]}"
        print(
            f"  {name:24} each from the source {once + direct:5.2f} ms a picture, cascade {once + cascaded:5.2f} ms: "
            f"saves {(direct - cascaded) * 2.5:4.1f} % of a core at 25 fps"
        )
        name = f"{larger[0]}x{larger[1]} twice"
        print(
            f"  {name:24} each by itself {2 * once:11.2f} ms a picture, shared {once:6.2f} ms: "
            f"saves {once * 2.5:4.1f} % of a core at 25 fps"
        )


if __name__ == "__main__":
    main()
