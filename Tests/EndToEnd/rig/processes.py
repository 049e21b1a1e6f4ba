"""What the kernel says about the server's processes."""

import dataclasses
import os
import signal
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclasses.dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    arguments: tuple[str, ...]
    cpu_seconds: float
    resident_bytes: int

    @property
    def role(self) -> str:
        """serve, worker, engine, demand-hook; or the name of a program that is not ours."""
        program = Path(self.arguments[0]).name if self.arguments else ""
        if program == "toposync-streaming-worker":
            return "worker"
        if program.startswith("mediamtx"):
            return "engine"
        if program.startswith("toposync-streaming"):
            return self.arguments[1] if len(self.arguments) > 1 else ""
        return program

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _read(pid: int) -> Process | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[:-1]
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Process(
        pid,
        int(fields[1]),
        tuple(argument.decode(errors="replace") for argument in arguments),
        (int(fields[11]) + int(fields[12])) / _TICKS,
        int(fields[21]) * _PAGE,
    )


def marked(variable: str, value: str) -> list[Process]:
    """Every living process whose environment says `variable=value`: a server's descendants, orphans among them."""
    wanted = f"{variable}={value}".encode()
    found = []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            environment = Path(entry.path, "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in environment and (process := _read(int(entry.name))):
            found.append(process)
    return sorted(found, key=lambda process: process.pid)


def descendants(pid: int) -> list[Process]:
    """The process and all that came from it, as long as their parents live."""
    everyone = [
        process for entry in os.scandir("/proc") if entry.name.isdigit() and (process := _read(int(entry.name)))
    ]
    found = [process for process in everyone if process.pid == pid]
    for parent in found:
        found.extend(process for process in everyone if process.parent == parent.pid)
    return found


def wait_until(condition, timeout: float, what: str, interval: float = 0.05):
    """Waits until `condition()` is true, and returns what it gave."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            raise AssertionError(f"{timeout:g} s passed without {what}")
        time.sleep(interval)
