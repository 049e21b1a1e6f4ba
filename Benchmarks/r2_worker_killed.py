"""R2: a worker is killed by SIGKILL while watched by RTSP and HLS."""

import time

from experiment import Experiment, at_most
from recovery import watched

# After so long without a crash the server counts from the beginning, and starts a worker at once (contract B.4).
SETTLE = 32


def main() -> None:
    with Experiment("r2", "worker killed while watched", short_pairs=2) as experiment, watched() as seen:

        def kill() -> dict[str, float]:
            worker = seen.running.only("worker")
            killed = time.monotonic()
            worker.kill()
            found = {"process": seen.seconds_to_new_process("worker", worker.pid, killed)}
            for player in (seen.rtsp, seen.hls):
                player.wait_for_counted(60, count=25, after=killed, accept=seen.is_new(killed))
            first = seen.rtsp.wait_for_counted(1, count=1, after=killed, accept=seen.is_new(killed))[0]
            # What HLS lacks is missed when its buffer is empty.
            time.sleep(max(0, killed + SETTLE - time.monotonic()))
            found |= {
                "rtsp": first.at - killed,
                "hls": seen.longest_stop(seen.hls, killed),
                "reconnected": 0 if seen.rtsp.running and seen.hls.running else 1,
            }
            return found

        runs = experiment.alternate({"ours": kill})["ours"]
        for what, unit, key, goal in (
            ("new worker process", "s", "process", at_most(1, "worst")),
            ("camera's picture by RTSP again", "s", "rtsp", at_most(3, "worst")),
            ("longest stop by HLS", "s", "hls", at_most(3, "worst")),
            ("viewers that had to reconnect", "", "reconnected", at_most(0, "worst")),
        ):
            experiment.figure(what, unit, [run[key] for run in runs], goal)


if __name__ == "__main__":
    main()
