"""A start that cannot go as wished: it says why in one sentence, and does what can be done."""

import datetime
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import requests

from rig import players, ports, processes
from rig.server import binary


@pytest.mark.parametrize("protocol", ["rtsp", "hls", "api"])
def test_engine_port_in_use_moves_and_warns(server, protocol):
    taken = {name: ports.free_port() for name in ("rtsp", "hls", "webrtc", "api")}
    with socket.create_server(("127.0.0.1", taken[protocol])):
        server.api.patch("api/streams/settings", {"engine": {"enabled": True, "preferred_ports": taken}})
        status = server.wait_for_engine()
        used = status["ports"][protocol]
        assert used != taken[protocol]
        name = {"rtsp": "RTSP", "hls": "HLS", "api": "API"}[protocol]
        assert f"{name} port {taken[protocol]} unavailable; using {used}." in status["warnings"]
        stream = server.api.add_stream("demo:")
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(20)


def test_web_port_in_use_is_an_error_that_names_it(make_server):
    with socket.create_server(("127.0.0.1", 0)) as occupied:
        port = occupied.getsockname()[1]
        server = make_server(port=port)
        server.spawn()
        assert server.wait_for_exit(15) not in (0, None)
    assert str(port) in server.log
    assert not server.living()


def test_two_servers_on_one_data_directory(server, make_server):
    second = make_server(data_dir=server.data_dir)
    second.spawn()
    assert second.wait_for_exit(15) != 0
    assert str(server.data_dir) in second.log
    assert server.api.get("api/streams/health")["status"] == "ok"


@pytest.fixture
def stranger():
    """Runs the server as a user to whom a directory is read-only; root is stopped by no mode."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        data_dir = place / "data"
        data_dir.mkdir(mode=0o555)

        def run(executable: Path) -> subprocess.CompletedProcess:
            command = [executable, "serve", "--port", "0", "--data-dir", data_dir, "--log-format", "json"]
            as_nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
            return subprocess.run(
                command, cwd="/", capture_output=True, text=True, timeout=30, check=False, **as_nobody
            )

        try:
            yield run(binary())
        except PermissionError:
            # The checkout is closed to others (a home directory): nobody gets a copy of the program.
            yield run(Path(shutil.copy(binary(), place / "toposync-streaming")))
        data_dir.chmod(0o755)


def test_read_only_data_directory_is_a_clear_error(stranger):
    text = stranger.stdout + stranger.stderr
    assert stranger.returncode > 0, f"ended by signal {-stranger.returncode}"
    assert "/data" in text
    assert any(words in text.lower() for words in ("permission", "read-only", "not writable", "cannot write")), text
    assert "Fatal error" not in text


def test_engine_that_hangs_does_not_keep_the_page_from_answering(make_server, tmp_path):
    first = make_server("--demo", data_dir=tmp_path / "d").start()
    assert first.stop() == 0
    engine = tmp_path / "mediamtx"
    engine.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo v1.16.2; exit; }\nexec sleep 60\n')
    engine.chmod(0o755)
    server = make_server(data_dir=first.data_dir, environment={"TOPOSYNC_STREAMING_ENGINE_PATH": str(engine)})
    started = time.monotonic()
    server.spawn()
    processes.wait_until(lambda: server.url, 5, "the page's address")
    assert requests.get(server.url, timeout=2).ok
    processes.wait_until(
        lambda: server.api.get("api/streams/engine/status")["state"] == "starting", 2, "an engine that starts"
    )
    states = {output["message"] for output in server.api.get("api/streams/runtime/outputs")["outputs"]}
    assert states == {"The engine starts."}
    assert time.monotonic() - started < 6, "long before the engine is given up"
    assert server.stop(10) == 0


def test_stored_things_that_are_not_understood_are_kept_and_left_out(make_server, tmp_path):
    first = make_server("--demo", data_dir=tmp_path / "d").start()
    kept = first.api.get("api/streams/transmissions")
    assert first.stop() == 0
    (path,) = first.data_dir.glob("*.sqlite")
    with sqlite3.connect(path) as database:
        long = json.dumps({"id": "old", "name": "Old", "path": "x" * 513})
        database.execute("INSERT INTO transmission (id, position, document) VALUES ('old', 9, ?)", [long])
        database.execute("INSERT INTO camera (id, position, document) VALUES ('torn', 9, '{')")
    for _ in range(2):
        server = make_server(data_dir=first.data_dir).start()
        assert server.api.get("api/streams/transmissions") == kept
        warnings = server.api.get("api/streams/engine/status")["warnings"]
        assert any("The transmission 'Old' is left out" in text and "512" in text for text in warnings), warnings
        assert any("The camera 'torn' is left out" in text for text in warnings), warnings
        # A change of something else leaves it alone.
        server.api.post("api/cameras", {"name": "x", "url": "demo:"})
        assert server.stop() == 0
    server = make_server(data_dir=first.data_dir).start()
    server.api.delete("api/streams/transmissions/old")
    server.api.delete("api/cameras/torn")
    assert not any("left out" in text for text in server.api.get("api/streams/engine/status")["warnings"])


def test_disk_that_became_read_only_leaves_everything_running(make_server):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        first = make_server("--demo", data_dir=place / "data").start()
        assert first.stop() == 0
        entries = [place / "data", *(place / "data").rglob("*")]
        for entry in entries:
            entry.chmod(0o555 if entry.is_dir() else 0o444)
        program = shutil.copy(binary(), place / "toposync-streaming")
        process = subprocess.Popen(
            [program, "serve", "--port", "0", "--data-dir", place / "data", "--log-format", "json"],
            cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env=os.environ | {"TOPOSYNC_WEBUI_DIR": str(Path(__file__).parents[2] / "WebUI")},
            **({"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}),
        )  # fmt: skip
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if '"listening"' in line:
                    break
            assert '"listening"' in lines[-1], "".join(lines)
            url = json.loads(lines[-1])["url"]

            def status():
                return requests.get(f"{url}api/streams/engine/status", timeout=5).json()

            processes.wait_until(lambda: status()["running"], 15, "a running engine")
            assert any("can't be written" in text for text in status()["warnings"])
            refused = requests.post(f"{url}api/cameras", json={"name": "x", "url": "demo:"}, timeout=5)
            assert refused.status_code == 500 and "can't be written" in refused.json()["detail"]
            assert len(requests.get(f"{url}api/cameras", timeout=5).json()) == 1
        finally:
            process.terminate()
            process.wait(10)
            for entry in entries:
                entry.chmod(0o755 if entry.is_dir() else 0o644)


def test_data_directory_that_is_a_file_is_a_clear_error(make_server, tmp_path):
    (tmp_path / "file").write_text("not a directory")
    server = make_server(data_dir=tmp_path / "file")
    server.spawn()
    assert server.wait_for_exit(15) > 0
    assert str(tmp_path / "file") in server.log and "Fatal error" not in server.log


def test_damaged_database_is_not_overwritten(make_server, tmp_path):
    first = make_server(data_dir=tmp_path / "d").start()
    assert first.stop() == 0
    (database,) = (
        path for path in first.data_dir.iterdir() if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
    )
    for side in first.data_dir.glob(f"{database.name}-*"):
        side.unlink()
    damaged = b"SQLite format 3\0" + os.urandom(20_000)
    database.write_bytes(damaged)
    second = make_server(data_dir=first.data_dir)
    second.spawn()
    assert second.wait_for_exit(15) > 0
    assert str(database) in second.log or database.name in second.log
    assert database.read_bytes() == damaged


def test_listening_line_is_the_last_of_the_start_up(server):
    last = next(record for record in server.records if record.get("message") == "listening")
    assert last["level"] == "info"
    assert last["url"].startswith("http://127.0.0.1:")
    assert datetime.datetime.fromisoformat(last["time"]).utcoffset() == datetime.timedelta(0)
    assert not server.stray_lines, "with --log-format json every line is JSON"


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["serve", "--help"], ["engine", "--help"], ["worker", "--help"], ["demand-hook", "--help"]],
    ids=" ".join,
)
def test_help_is_everywhere(arguments):
    result = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=15, check=False)
    assert result.returncode == 0 and "USAGE" in result.stdout


@pytest.mark.parametrize(
    "arguments", [["--version"], ["serve", "--version"], ["engine", "--version"], ["worker", "--version"]], ids=" ".join
)
def test_version_is_everywhere(arguments):
    result = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=15, check=False)
    assert result.returncode == 0 and result.stdout.strip()[0].isdigit()


def test_environment_sets_what_no_option_says(tmp_path):
    environment = os.environ | {
        "TOPOSYNC_STREAMING_HOST": "127.0.0.1",
        "TOPOSYNC_STREAMING_PORT": "0",
        "TOPOSYNC_DATA_DIR": str(tmp_path / "from-environment"),
        "TOPOSYNC_STREAMING_DEMO": "1",
    }
    process = subprocess.Popen(
        [binary(), "serve", "--log-format", "json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if json.loads(line).get("message") == "listening":
                break
        assert (tmp_path / "from-environment").is_dir()
    finally:
        process.terminate()
        assert process.wait(10) == 0
