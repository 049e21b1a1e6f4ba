"""The server is killed at any moment while settings are written (quality bar R4; `make chaos` does it 500 times)."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from rig import processes
from rig.chaos import Chaos

pytestmark = pytest.mark.alone

KILLS = 10


@pytest.mark.timeout(180)
def test_killed_while_settings_are_written_loses_nothing_that_was_accepted(tmp_path):
    chaos = Chaos(tmp_path / "data")
    try:
        for number in range(KILLS):
            chaos.round(number)
    finally:
        chaos.close()
    report = chaos.report
    assert not report.problems, "\n\n".join(report.problems)
    assert report.kills == KILLS
    assert report.worker_kills == report.engine_kills == report.kills_at_start == 1
    # Something was at stake each time.
    assert report.accepted > 3 * KILLS


class SomethingToLose(Chaos):
    """Kills only after a change was accepted: before that, nothing can be missing."""

    def _kill_server(self) -> None:
        processes.wait_until(lambda: self.writers[0].accepted != {0}, 20, "a change of settings that was accepted", 0.01)
        super()._kill_server()


class Forgetful(SomethingToLose):
    """After a kill the database is the one of the beginning."""

    def start_to_forget(self) -> None:
        self.saved = self.data_dir.with_name("saved")
        shutil.copytree(self.data_dir, self.saved, ignore=shutil.ignore_patterns("runtime", "*.lock"))

    def _check_database(self) -> None:
        for file in self.saved.iterdir():
            shutil.copy(file, self.data_dir)
        super()._check_database()


class HalfWritten(SomethingToLose):
    """After a kill one of the two transmissions that change together is as it was before."""

    def start_to_forget(self) -> None:
        pass

    def _check_database(self) -> None:
        database = next(
            file
            for file in self.data_dir.iterdir()
            if file.is_file() and Path(file).read_bytes()[:15] == b"SQLite format 3"
        )
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            for identity, text in connection.execute("SELECT id, document FROM transmission").fetchall():
                document = json.loads(text)
                if document["path"] == "pair-a":
                    document["name"] = "Number 0"
                    connection.execute(
                        "UPDATE transmission SET document = ? WHERE id = ?", (json.dumps(document), identity)
                    )
        super()._check_database()


@pytest.mark.parametrize("broken", [Forgetful, HalfWritten])
def test_chaos_sees_what_is_lost_and_what_is_half(tmp_path, broken):
    chaos = broken(tmp_path / "data")
    try:
        chaos.start_to_forget()
        chaos.round(0)
    finally:
        chaos.close()
    assert any(problem.startswith("settings: found") for problem in chaos.report.problems), chaos.report.problems
