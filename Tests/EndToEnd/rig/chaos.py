"""Kills the server while its settings are written, and looks at what is left (quality bar R4).

Three writers change things without pause, each its own: one request that changes many things at once, one thing that is
replaced, and things that come and go. Each knows what was accepted, and what it had asked for when the server died. After
the kill the database must be sound, and each thing must be as it was accepted last or as it was being asked for, whole.
"""

import contextlib
import dataclasses
import random
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

from . import processes
from .api import API
from .server import Server

# A kill comes at any moment of the writing, and of every tenth start.
WRITING_SECONDS = 0.4
START_SECONDS = 0.3


@dataclasses.dataclass
class Report:
    """What a run has seen so far."""

    kills: int = 0
    kills_at_start: int = 0
    worker_kills: int = 0
    engine_kills: int = 0
    accepted: int = 0
    # Asked for when the server died, and there afterwards or not: both are right.
    unanswered_kept: int = 0
    unanswered_lost: int = 0
    problems: list[str] = dataclasses.field(default_factory=list)
    start_seconds: list[float] = dataclasses.field(default_factory=list)
    worker_back_seconds: list[float] = dataclasses.field(default_factory=list)
    engine_back_seconds: list[float] = dataclasses.field(default_factory=list)


class Writer:
    """Asks for one change after the other, each with a number of its own, and knows which the server accepted."""

    name = ""

    def __init__(self, report: Report):
        self.report = report
        self.number = 0
        self.accepted: object = None
        self.asked: object = None

    def ask(self, api: API) -> requests.Response:
        """Sets `asked` to what will be there when this change is accepted, and sends it."""
        raise NotImplementedError

    def find(self, api: API) -> object:
        """What is there."""
        raise NotImplementedError

    def write(self, url: str, stopped: threading.Event) -> None:
        api = API(url)
        while not stopped.is_set():
            self.number += 1
            try:
                response = self.ask(api)
            except requests.RequestException:
                return
            except AssertionError as error:
                self.report.problems.append(f"{self.name}: {error}")
                return
            if response.status_code != 200:
                self.report.problems.append(f"{self.name}: refused with {response.status_code} {response.text[:300]}")
                return
            self.accepted, self.asked = self.asked, None
            self.report.accepted += 1

    def check(self, api: API) -> None:
        found = self.find(api)
        if self.asked is not None and found == self.asked:
            self.report.unanswered_kept += 1
        elif found == self.accepted:
            self.report.unanswered_lost += self.asked is not None
        else:
            self.report.problems.append(
                f"{self.name}: found {found!r}, accepted was {self.accepted!r}, asked for {self.asked!r}"
            )
        self.accepted, self.asked = found, None


class ManyAtOnce(Writer):
    """One request that changes two transmissions and the engine's settings: all carry its number, or none."""

    name = "settings"

    def ask(self, api: API) -> requests.Response:
        transmissions = api.get("api/streams/settings")["transmissions"]
        for transmission in transmissions:
            if transmission["path"].startswith("pair-"):
                transmission["name"] = f"Number {self.number}"
                transmission["outputs"] = [
                    output | {"bitrate_kbps": 64 + self.number} for output in transmission["outputs"]
                ]
        self.asked = {self.number}
        return api.request(
            "PATCH", "api/streams/settings",
            {"transmissions": transmissions, "engine": {"webrtc_additional_hosts": [f"number-{self.number}.example"]}},
        )  # fmt: skip

    def find(self, api: API) -> object:
        settings = api.get("api/streams/settings")
        numbers = {int(host.partition(".")[0].partition("-")[2]) for host in settings["engine"]["webrtc_additional_hosts"]}
        for transmission in settings["transmissions"]:
            if transmission["path"].startswith("pair-"):
                numbers.add(int(transmission["name"].split()[1]))
                numbers |= {output["bitrate_kbps"] - 64 for output in transmission["outputs"]}
        return numbers


class OneReplaced(Writer):
    """A camera whose name and address carry the same number."""

    name = "camera"

    def __init__(self, report: Report, camera_id: str):
        super().__init__(report)
        self.camera_id = camera_id

    def ask(self, api: API) -> requests.Response:
        self.asked = (f"Camera {self.number}", f"rtsp://127.0.0.1:9/{self.number}")
        name, url = self.asked
        return api.request("PUT", f"api/cameras/{self.camera_id}", {"name": name, "url": url})

    def find(self, api: API) -> object:
        camera = api.get(f"api/cameras/{self.camera_id}")
        return (camera["name"], camera["url"])


class ComingAndGoing(Writer):
    """Cameras that are added and deleted."""

    name = "coming and going"
    _PREFIX = "For a while "

    def ask(self, api: API) -> requests.Response:
        there = {name: identity for identity, name in self._there(api)}
        if len(there) < 3:
            name = f"{self._PREFIX}{self.number}"
            self.asked = frozenset(there) | {name}
            return api.request("POST", "api/cameras", {"name": name, "url": "rtsp://127.0.0.1:9/x"})
        name = min(there)
        self.asked = frozenset(there) - {name}
        return api.request("DELETE", f"api/cameras/{there[name]}")

    def find(self, api: API) -> object:
        return frozenset(name for _, name in self._there(api))

    def _there(self, api: API) -> list[tuple[str, str]]:
        return [
            (camera["id"], camera["name"])
            for camera in api.get("api/cameras")
            if camera["name"].startswith(self._PREFIX)
        ]


class Chaos:
    """A data directory through any number of kills."""

    def __init__(self, data_dir: Path, seed: int | None = None):
        self.data_dir = data_dir
        self.report = Report()
        self._random = random.Random(seed)
        self._dead: list[Server] = []
        self.server = Server(data_dir).start()
        self._set_up()

    def _set_up(self) -> None:
        api = self.server.api
        self.server.start_engine()
        for path in ("pair-a", "pair-b"):
            outputs = [{"id": name, "protocol": name, "bitrate_kbps": 64} for name in ("rtsp", "hls")]
            api.post("api/streams/transmissions", {"name": "Number 0", "path": path, "outputs": outputs})
        api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": ["number-0.example"]}})
        self._watched = api.add_stream("demo:", path="watched")
        camera = api.post("api/cameras", {"name": "Camera 0", "url": "rtsp://127.0.0.1:9/0"})
        self.writers = [
            ManyAtOnce(self.report), OneReplaced(self.report, camera["id"]), ComingAndGoing(self.report)
        ]  # fmt: skip
        for writer in self.writers:
            writer.accepted = writer.find(api)

    def close(self) -> None:
        """Stops the last server, which must have nothing left of all that were killed."""
        self._note_assertion(self._stop)
        for server in self._dead:
            self._note_assertion(
                lambda server=server: processes.wait_until(lambda: not server.living(), 5, "the end of its processes")
            )
            server.kill_everything()

    def _stop(self) -> None:
        status = self.server.stop()
        assert status == 0, f"the last server ended with {status}"

    def round(self, number: int) -> None:
        """Writes, kills, starts again and looks. Every tenth also kills a worker, an engine, and a server that starts."""
        with self._writing():
            if number % 10 == 9:
                self._kill_worker()
                self._kill_engine()
            time.sleep(self._random.uniform(0, WRITING_SECONDS))
            self._kill_server()
        self._check_database()
        if number % 10 == 9:
            self._kill_at_start()
        began = time.monotonic()
        self.server = Server(self.data_dir).start()
        self.report.start_seconds.append(time.monotonic() - began)
        for writer in self.writers:
            self._note_assertion(lambda writer=writer: writer.check(self.server.api))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        stopped = threading.Event()
        threads = [
            threading.Thread(target=writer.write, args=(self.server.url, stopped), daemon=True)
            for writer in self.writers
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopped.set()
            for thread in threads:
                thread.join(40)

    def _kill_server(self) -> None:
        self.server.process.kill()
        self.server.wait_for_exit(5)
        self._dead.append(self.server)
        self.report.kills += 1

    def _kill_at_start(self) -> None:
        server = Server(self.data_dir)
        server.spawn()
        time.sleep(self._random.uniform(0, START_SECONDS))
        server.process.kill()
        server.wait_for_exit(5)
        self._dead.append(server)
        self.report.kills_at_start += 1
        self._check_database()

    def _kill_worker(self) -> None:
        self.server.api.post(
            f"api/streams/transmissions/{self._watched.transmission_id}/demand/heartbeat",
            {"playback_session_id": "chaos", "ttl_seconds": 60},
        )
        self.report.worker_kills += 1
        self._replaced("worker", self.report.worker_back_seconds)

    def _kill_engine(self) -> None:
        self.report.engine_kills += 1
        self._replaced("engine", self.report.engine_back_seconds)
        self._note_assertion(self.server.wait_for_engine)

    def _replaced(self, role: str, seconds: list[float]) -> None:
        def replaced() -> None:
            victim = self.server.only(role)
            victim.kill()
            began = time.monotonic()
            processes.wait_until(
                lambda: any(process.pid != victim.pid for process in self.server.living(role)), 10, f"a new {role}", 0.02
            )
            seconds.append(time.monotonic() - began)

        self._note_assertion(replaced)

    def _check_database(self) -> None:
        """On a copy: to open the database itself would recover it in the server's place."""
        with tempfile.TemporaryDirectory() as folder:
            for file in self.data_dir.iterdir():
                if file.is_file() and not file.name.endswith("-shm"):
                    shutil.copy(file, folder)
            database = next(
                (file for file in Path(folder).iterdir() if file.read_bytes()[:15] == b"SQLite format 3"), None
            )
            if database is None:
                self.report.problems.append("there is no database")
                return
            try:
                with contextlib.closing(sqlite3.connect(database)) as connection:
                    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
            except sqlite3.DatabaseError as error:
                answer = str(error)
            if answer != "ok":
                self.report.problems.append(f"the database is damaged: {answer}")

    def _note_assertion(self, action: Callable[[], object]) -> None:
        try:
            action()
        except AssertionError as error:
            self.report.problems.append(str(error)[:2000])
