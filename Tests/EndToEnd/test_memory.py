"""What pages and programs ask for again and again leaves nothing behind in memory (see also `make soak`)."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rig import processes

pytestmark = pytest.mark.alone

QUESTIONS = 150
# One question reads a file of the kernel for each process there is.
PROCESSES = 60
# A leak of 3 kB for each file would be 27 MB.
ALLOWED_MB = 12


@contextlib.contextmanager
def sleepers(count: int) -> Iterator[None]:
    found = [subprocess.Popen(["sleep", "300"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in found:
            process.kill()
            process.wait()


def anonymous_mb(process: processes.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon:"))


def test_asking_for_states_leaves_nothing_in_memory(server):
    server.start_engine()

    def ask(times: int) -> None:
        for _ in range(times):
            server.api.get("api/streams/engine/status")
            server.api.get("api/streams/runtime/outputs")
            server.api.request("GET", "metrics").raise_for_status()

    serve = server.only("serve")
    with sleepers(PROCESSES):
        ask(20)
        before = anonymous_mb(serve)
        ask(QUESTIONS)
        assert anonymous_mb(serve) - before < ALLOWED_MB
