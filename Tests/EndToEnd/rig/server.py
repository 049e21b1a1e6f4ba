"""The server under test: the real binary, a fresh data directory, free ports."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from pathlib import Path

from . import ports, processes
from .api import API

ROOT = Path(__file__).parents[3]
# The server passes this variable on to all of its processes.
_MARK = "TOPOSYNC_STREAMING_INSTANCE"
# Where the clips are that tests use as cameras.
_MEDIA_ROOTS = f"{ROOT / '.cache'}:{tempfile.gettempdir()}"


def binary() -> Path:
    """The server to test: TOPOSYNC_STREAMING_BINARY, else what `swift build` made."""
    return Path(os.environ.get("TOPOSYNC_STREAMING_BINARY") or ROOT / ".build" / "debug" / "toposync-streaming")


def uses_mediamtx() -> bool:
    """Whether TOPOSYNC_STREAMING_ENGINE_PATH names a MediaMTX, which the server then takes for its engine."""
    return bool(os.environ.get("TOPOSYNC_STREAMING_ENGINE_PATH"))


class Server:
    """One `serve` process, and everything that it starts."""

    def __init__(self, data_dir: Path, *arguments: str, port: int = 0, environment: dict[str, str] | None = None):
        self.data_dir = data_dir
        self.records: list[dict] = []
        self.stray_lines: list[str] = []
        self._arguments = arguments
        self._port = port
        self._mark = uuid.uuid4().hex
        ours = {_MARK: self._mark, "TOPOSYNC_STREAMING_MEDIA_ROOTS": _MEDIA_ROOTS}
        self._environment = os.environ | ours | (environment or {})
        self._listening = threading.Event()
        self._ended = threading.Event()
        self.url = ""

    def start(self, timeout: float = 30) -> "Server":
        self.spawn()
        deadline = time.monotonic() + timeout
        while not self._listening.wait(0.05):
            if self._ended.is_set() or time.monotonic() > deadline:
                status = self.process.poll()
                self.kill_everything()
                raise AssertionError(f"serve did not come up (exit status {status}):\n{self.log}")
        if self.asks_for_account:
            return self
        # It answers at once; what a test does next begins when an engine that is switched on has come up or has failed.
        while (state := self.api.get("api/streams/engine/status"))["enabled"] and state["state"] in ("stopped", "starting"):
            if state["last_error"] or self._ended.wait(0.05) or time.monotonic() > deadline:
                break
        return self

    @property
    def asks_for_account(self) -> bool:
        return any(record.get("access") == "account" for record in self.records)

    def spawn(self) -> None:
        """Starts the process without waiting for it to listen."""
        command = [
            str(binary()), "serve", "--port", str(self._port), "--data-dir", str(self.data_dir), "--log-format", "json",
            *self._arguments,
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self) -> None:
        for line in self.process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                self.stray_lines.append(line.rstrip())
                continue
            self.records.append(record)
            if record.get("message") == "listening" and "url" in record and not self.url:
                self.url = record["url"].rstrip("/")
                self.api = API(self.url)
                self._listening.set()
        self._ended.set()

    def wait_for_exit(self, timeout: float) -> int:
        status = self.process.wait(timeout)
        self._reader.join(5)
        return status

    @property
    def log(self) -> str:
        lines = [json.dumps(record, ensure_ascii=False) for record in self.records[-60:]]
        return "\n".join(self.stray_lines[-30:] + lines)

    def living(self, role: str | None = None) -> list[processes.Process]:
        """Our processes of this run, orphans too."""
        return [process for process in processes.marked(_MARK, self._mark) if role in (None, process.role)]

    def only(self, role: str, timeout: float = 10) -> processes.Process:
        """The one living process of a role; waits for it."""
        found = processes.wait_until(
            lambda: len(self.living(role)) == 1 and self.living(role), timeout, f"exactly one {role} process"
        )
        return found[0]

    def stop(self, timeout: float = 5) -> int:
        """SIGTERM; the exit status. Everything must be gone within the timeout."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            left = [process.arguments for process in self.living()]
            self.kill_everything()
            raise AssertionError(
                f"serve did not end within {timeout:g} s of SIGTERM; left: {left}\n{self.log}"
            ) from None
        self._reader.join(1)
        orphans = self.living()
        if orphans:
            self.kill_everything()
            raise AssertionError(f"serve left orphans: {[process.arguments[:3] for process in orphans]}\n{self.log}")
        return status

    def kill_everything(self) -> None:
        for process in self.living():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        self.process.wait(5)
        self._reader.join(5)

    def start_engine(self) -> dict:
        """Enables the engine on free ports, and returns its status once it runs."""
        names = ("rtsp", "hls", "webrtc", "rtmp", "srt", "api")
        self.api.patch(
            "api/streams/settings",
            {
                "engine": {
                    "enabled": True,
                    "preferred_ports": {name: ports.free_port() for name in names},
                }
            },
        )
        return self.wait_for_engine()

    def wait_for_engine(self, timeout: float = 15) -> dict:
        def running():
            status = self.api.get("api/streams/engine/status")
            return status["running"] and status

        return processes.wait_until(running, timeout, "a running engine")
