"""R4: `serve` killed by SIGKILL at any moment while settings are written, 500 times; a worker, an engine and a server that
is starting beside every tenth. `r4_chaos.py --pairs N` for another number of kills."""

import sys
import tempfile
import time
from pathlib import Path

from bench import binary
from experiment import Experiment, at_most
from rig.chaos import Chaos


def main() -> None:
    with Experiment("r4", "serve killed while settings are written", pairs=500, short_pairs=20) as experiment:
        if not binary().exists():
            sys.exit(f"no server at {binary()}: run `make build`")
        with tempfile.TemporaryDirectory() as folder:
            chaos = Chaos(Path(folder) / "data")
            report = chaos.report
            began = time.monotonic()
            try:
                for number in range(experiment.pairs):
                    chaos.round(number)
                    left = (time.monotonic() - began) / (number + 1) * (experiment.pairs - number - 1)
                    if number % 10 == 9:
                        experiment.progress(
                            f"{number + 1} of {experiment.pairs} kills, {report.accepted} changes accepted, "
                            f"{len(report.problems)} problems, about {left:.0f} s to go"
                        )
            finally:
                chaos.close()
        experiment.progress("")
        experiment.figure("kills of serve", "", [report.kills])
        experiment.figure("kills of a serve that starts", "", [report.kills_at_start])
        experiment.figure("kills of worker and engine", "", [report.worker_kills + report.engine_kills])
        experiment.figure("changes accepted", "", [report.accepted])
        experiment.figure("unanswered changes that were kept, whole", "", [report.unanswered_kept])
        experiment.figure("unanswered changes that were not made", "", [report.unanswered_lost])
        experiment.figure("start after a kill", "s", report.start_seconds)
        if report.worker_back_seconds:
            experiment.figure("new worker process", "s", report.worker_back_seconds)
        if report.engine_back_seconds:
            experiment.figure("new engine process", "s", report.engine_back_seconds)
        experiment.figure(
            "databases that don't open, changes lost, half changes, orphans", "", [len(report.problems)], at_most(0)
        )
        for problem in report.problems[:20]:
            experiment.note(problem)
    if report.problems:
        sys.exit(1)


if __name__ == "__main__":
    main()
