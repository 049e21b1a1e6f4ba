"""P7: 32 transmissions and nobody watching: CPU and memory of everything that runs."""

import tempfile
import time
from pathlib import Path

from bench import (
    STANDARD,
    cpu_percent,
    listening,
    mediamtx,
    ports,
    processes,
    program,
    resident_megabytes,
    server,
)  # fmt: skip
from experiment import Experiment, at_most
from peers import mediamtx_config

COUNT, SETTLE = 32, 10


def ours(window: float) -> tuple[float, float, int]:
    with server() as running:
        running.start_engine()
        for number in range(COUNT):
            running.api.add_stream("demo:", path=f"camera-{number}", encoding=STANDARD)
        time.sleep(SETTLE)
        used = cpu_percent(running.living, window)
        return used, resident_megabytes(running.living()), len(running.living("worker"))


def peer(window: float) -> tuple[float, float, int]:
    with tempfile.TemporaryDirectory() as folder:
        port = ports.free_port()
        paths = {f"camera-{number}": {} for number in range(COUNT)}
        with program([mediamtx(), mediamtx_config(Path(folder), port, paths)], listening(port)) as relay:
            time.sleep(SETTLE)
            used = cpu_percent(lambda: processes.descendants(relay.pid), window)
            return used, resident_megabytes(processes.descendants(relay.pid)), 0


def main() -> None:
    with Experiment("p7", f"{COUNT} transmissions, nobody watching", pairs=3) as experiment:
        window = experiment.seconds(30, 5)
        sides = {"ours": lambda: ours(window)}
        if mediamtx():
            sides["MediaMTX alone"] = lambda: peer(window)
        seen = experiment.alternate(sides)
        for index, (what, unit, limit) in enumerate(
            [("CPU", "% of a core", 1), ("resident memory", "MB", 120), ("workers alive", "", 0)]
        ):
            values = {name: [one[index] for one in runs] for name, runs in seen.items()}
            experiment.figure(what, unit, values["ours"], at_most(limit, "worst"), "MediaMTX alone",
                              values.get("MediaMTX alone") if index < 2 else None)  # fmt: skip


if __name__ == "__main__":
    main()
