"""P3 by WHEP: CPU and memory that each further viewer of a 4 Mb/s stream costs the engine, at 100 viewers, and how soon the
first packet comes.

The same clip is published by ffmpeg, unchanged, into our engine and into MediaMTX. A side's cost is what 100 viewers use less
what one uses, a viewer. All run on one machine, so that the engine's CPU has a part in it that receives for the viewers.

Memory is what an engine has made for itself, at the moment of a few seconds when it was least. The pages of its program and
its libraries, which the system maps and drops as it likes, are nobody's viewer, and neither is a keyframe that is on its way.
"""

import dataclasses
import statistics
import time

from bench import cpu_percent, kept_megabytes, processes
from experiment import Experiment, at_most
from published import of_each_engine, published
from sink_process import whep_viewers
from whep_sink import seconds_to_first_packet

COUNT = 100
JOINS = 5
# Two groups of pictures.
KEPT_SECONDS = 4


@dataclasses.dataclass(frozen=True)
class Cost:
    cpu: float  # % of a core
    memory: float  # kB
    first_packet: float  # seconds


def measure(engine: str, window: float) -> Cost:
    with published(engine) as running:

        def find() -> list[processes.Process]:
            return processes.descendants(running.pid)

        def used(count: int) -> tuple[float, float]:
            with whep_viewers(running.whep, count):
                time.sleep(4)
                return cpu_percent(find, window), kept_megabytes(find, KEPT_SECONDS)

        (one, small), (all_of_them, large) = used(1), used(COUNT)
        joined = []
        for _ in range(JOINS):
            joined.append(seconds_to_first_packet(running.whep))
            # Anywhere between two keyframes.
            time.sleep(0.7)
    further = COUNT - 1
    return Cost((all_of_them - one) / further, 1000 * (large - small) / further, statistics.median(joined))


def main() -> None:
    with Experiment("p15", f"engine's cost of each further of {COUNT} WHEP viewers of 4 Mb/s") as experiment:
        window = experiment.seconds(20, 4)
        seen = experiment.alternate(of_each_engine(lambda engine: measure(engine, window)))
        ours, peer = seen["ours"], seen.get("MediaMTX", [])
        for what, unit, goal, value in (
            ("CPU of a viewer", "% of a core", at_most(0.25, "ratio"), lambda cost: cost.cpu),
            ("memory of a viewer", "kB", at_most(300), lambda cost: cost.memory),
            ("first packet", "s", None, lambda cost: cost.first_packet),
        ):
            experiment.figure(what, unit, [*map(value, ours)], goal, "MediaMTX", [*map(value, peer)])


if __name__ == "__main__":
    main()
