"""However the server ends, nothing of it stays behind."""

import os
import signal
import socket
import subprocess
import threading
import time

import pytest

from rig import players, processes
from rig.bad_cameras import HungCamera
from rig.server import binary


@pytest.fixture
def busy(stream, streaming, camera):
    """A server with its engine, a worker and a viewer."""
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
        assert {process.role for process in streaming.living()} >= {"serve", "engine", "worker"}
        yield streaming, watched


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_ends_everything_within_five_seconds(busy, how):
    server, watched = busy
    server.process.send_signal(how)
    assert server.wait_for_exit(5) == 0
    assert server.living() == []
    # The viewer was told, or sees its connection end; it does not hang.
    watched.wait_for_end(5)


def test_clients_that_do_not_go_on_do_not_hold_up_a_stop(server):
    host, port = server.url.removeprefix("http://").split(":")
    half = [
        b"POST /api/cameras HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
        b"GET / HTTP/1.1\r\nHos",
        b"",
    ]
    with HungCamera() as camera:
        clients = [socket.create_connection((host, int(port))) for _ in half]
        for client, text in zip(clients, half, strict=True):
            client.sendall(text)
        # And one whose answer takes twenty seconds.
        body = {"name": "x", "url": camera.url}
        test = threading.Thread(target=lambda: _ignore_errors(server.api.post, "api/cameras/test", body))
        test.start()
        processes.wait_until(lambda: server.living("worker"), 10, "the worker of the camera test")
        server.process.send_signal(signal.SIGTERM)
        assert server.wait_for_exit(10) == 0
        assert server.living() == []
        test.join(10)
        for client in clients:
            client.close()


def _ignore_errors(call, *arguments):
    try:
        call(*arguments)
    except Exception:
        pass


def test_second_signal_during_a_stop_does_no_harm(busy):
    server, _ = busy
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGTERM)
    server.wait_for_exit(5)
    processes.wait_until(lambda: not server.living(), 5, "the end of everything")


def test_killed_server_leaves_no_orphan_and_starts_again(busy, make_server, camera):
    server, _ = busy
    (transmission,) = server.api.get("api/streams/transmissions")
    os.kill(server.process.pid, signal.SIGKILL)
    server.wait_for_exit(5)
    processes.wait_until(lambda: not server.living(), 5, "the end of the worker and the engine")
    again = make_server(data_dir=server.data_dir).start()
    again.wait_for_engine()
    (kept,) = again.api.get("api/streams/transmissions")
    assert kept == transmission
    port = again.api.get("api/streams/engine/status")["ports"]["rtsp"]
    with players.ffmpeg_rtsp(f"rtsp://127.0.0.1:{port}/{kept['path']}") as watched:
        watched.wait_for_counted(20, accept=camera.drew)


def test_guard_ends_an_engine_whose_server_was_killed():
    engine = subprocess.Popen(["sleep", "60"], start_new_session=True)
    # A shell in the server's place: it starts the guard, and is killed.
    server = subprocess.Popen(["sh", "-c", '"$0" engine-guard --server $$ "$1" & wait', binary(), str(engine.pid)])
    try:
        processes.wait_until(lambda: len(processes.descendants(server.pid)) == 2, 5, "a guard")
        assert engine.poll() is None
        server.kill()
        assert engine.wait(5) == -signal.SIGTERM
    finally:
        engine.kill()
        server.kill()
        server.wait()


def test_guard_ends_with_its_engine():
    engine = subprocess.Popen(["sleep", "60"], start_new_session=True)
    guard = subprocess.Popen([binary(), "engine-guard", "--server", str(os.getpid()), str(engine.pid)])
    with pytest.raises(subprocess.TimeoutExpired):
        guard.wait(1)
    engine.kill()
    engine.wait()
    assert guard.wait(5) == 0


def test_stop_while_a_camera_hangs(streaming):
    with HungCamera() as hung:
        stream = streaming.api.add_stream(hung.url)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_picture(15)
            assert streaming.stop() == 0


def test_engine_stopped_by_the_user_stays_stopped(stream, streaming):
    status = streaming.api.post("api/streams/engine/stop")
    assert status["running"] is False
    assert "Engine is disabled in settings." in status["warnings"]
    assert not streaming.living("engine")
    time.sleep(2)
    assert not streaming.living("engine")
    assert streaming.api.post("api/streams/engine/start")["running"] is True
    first = streaming.only("engine")
    assert streaming.api.post("api/streams/engine/restart")["running"] is True
    assert streaming.only("engine").pid != first.pid
