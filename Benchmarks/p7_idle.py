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
    row,
    server,
    title,
)  # fmt: skip
from peers import mediamtx_config

COUNT, SETTLE, WINDOW = 32, 10, 30


def main() -> None:
    title(f"P7  {COUNT} transmissions, nobody watching")
    with server() as running:
        running.start_engine()
        for number in range(COUNT):
            running.api.add_stream("demo:", path=f"camera-{number}", encoding=STANDARD)
        time.sleep(SETTLE)
        our_cpu = cpu_percent(running.living, WINDOW)
        alive = running.living()
        our_memory = resident_megabytes(alive)
        workers = [process for process in alive if process.role == "worker"]
        for process in alive:
            print(f"  {process.role:12} {process.resident_bytes / 1e6:7.1f} MB")
    peer_cpu = peer_memory = None
    if mediamtx():
        with tempfile.TemporaryDirectory() as folder:
            port = ports.free_port()
            paths = {f"camera-{number}": {} for number in range(COUNT)}
            with program([mediamtx(), mediamtx_config(Path(folder), port, paths)], listening(port)) as relay:
                time.sleep(SETTLE)
                peer_cpu = cpu_percent(lambda: processes.descendants(relay.pid), WINDOW)
                peer_memory = resident_megabytes(processes.descendants(relay.pid))
    row("CPU", our_cpu, peer_cpu, "%", "MediaMTX", "goal: <= 1 % of a core")
    row("resident memory", our_memory, peer_memory, "MB", "MediaMTX", "goal: <= 120 MB")
    row("CPU", our_cpu, 4.2, "%", "Toposync 0.11.0 with one, demand-gated")
    row("resident memory", our_memory, 356, "MB", "Toposync 0.11.0 with one, demand-gated")
    print(f"workers alive: {len(workers)} (goal: 0)")


if __name__ == "__main__":
    main()
