"""Which engine serves is changed while people watch; engines that fail, and engines that were left over."""

import os
import shlex
import signal
import subprocess
import time

import pytest
import requests

from rig import players, processes
from rig.browser import Watcher
from rig.server import binary

# Without a real MediaMTX, our own engine under another name shows that the switching itself works.
WRAPPER = """#!/bin/sh
[ "$1" = --version ] && echo v1.16.2 && exit
exec {engine} engine "$1"
"""
LOGIN = {"authentication": {"enabled": True, "username": "watcher", "password": "s3cret /é"}}


@pytest.fixture
def mediamtx(tmp_path):
    """A MediaMTX: the one that TOPOSYNC_STREAMING_ENGINE_PATH names, else one that looks like it."""
    if real := os.environ.get("TOPOSYNC_STREAMING_ENGINE_PATH"):
        return real
    program = tmp_path / "mediamtx"
    program.write_text(WRAPPER.format(engine=shlex.quote(str(binary()))))
    program.chmod(0o755)
    return str(program)


@pytest.fixture
def server(make_server, mediamtx):
    server = make_server(environment={"TOPOSYNC_STREAMING_ENGINE_PATH": mediamtx}).start()
    server.api.patch("api/streams/settings", {"engine": {"kind": "builtin"}})
    return server


def status(server) -> dict:
    return server.api.get("api/streams/engine/status")


def use(server, kind: str) -> dict:
    server.api.patch("api/streams/settings", {"engine": {"kind": kind}})
    return server.wait_for_engine()


def test_viewers_come_back_after_a_switch_each_way(streaming, camera, page):
    stream = streaming.api.add_stream(camera.url)
    page.goto(streaming.url)
    player = Watcher(page, "[data-testid=tile-video]")
    player.wait_for_moving_picture(45, camera.drew)
    before = status(streaming)
    for kind in ("mediamtx", "builtin"):
        changed = time.monotonic()
        after = use(streaming, kind)
        assert after["kind"] == kind and after["ports"] == before["ports"]
        assert after["restart_count"] == before["restart_count"] and after["orphan_pids"] == []
        player.wait_for_moving_picture(30, lambda seen: camera.drew(seen) and seen > camera.counter_at(changed))
        # The same engine since the switch: viewers had to come back once.
        assert status(streaming)["pid"] == after["pid"]
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(15, accept=camera.drew)


def test_credentials_hold_on_both_engines(streaming, camera):
    rtsp, hls = ({"protocol": protocol} | LOGIN for protocol in ("rtsp", "hls"))
    stream = streaming.api.add_stream(camera.url, path="closed", outputs=[rtsp, hls])
    for kind in ("mediamtx", "builtin"):
        use(streaming, kind)
        with players.ffmpeg_rtsp(stream.rtsp_url_with("watcher", "s3cret%20%2F%C3%A9")) as watched:
            watched.wait_for_counted(15, accept=camera.drew)
        login = ("watcher".encode(), "s3cret /é".encode())
        assert requests.get(stream.hls_url, auth=login, timeout=20).status_code == 200
        assert requests.get(stream.hls_url, timeout=20).status_code == 401
        assert requests.get(stream.hls_url, auth=("watcher", "wrong"), timeout=20).status_code == 401


def test_other_streams_do_not_notice_live_changes_on_either_engine(streaming, camera):
    stream = streaming.api.add_stream(camera.url)
    for kind in ("mediamtx", "builtin"):
        pid = use(streaming, kind)["pid"]
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(15, accept=camera.drew)
            begun = time.monotonic()
            for index in range(12):
                other = streaming.api.post(
                    "api/streams/transmissions",
                    {"name": "x", "path": f"x{index}", "outputs": [{"protocol": "rtsp"} | LOGIN]},
                )
                if index % 2:
                    streaming.api.delete(f"api/streams/transmissions/{other['id']}")
            # A file watcher of the engine's own would be late by now.
            time.sleep(2.5)
            fresh = watched.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
            assert watched.running, "the viewer had to reconnect"
            seen = [picture.counter for picture in watched.since(begun) if picture.counter is not None]
            assert max(b - a for a, b in zip(seen, seen[1:], strict=False)) <= 3, "pictures were lost"
            assert fresh and status(streaming)["pid"] == pid
        # What was added is there, also after its password was asked for.
        url = stream.rtsp_url.replace("/front", "/x10").replace("://", "://watcher:s3cret%20%2F%C3%A9@")
        probe = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-timeout", "3000000", url],
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert "401 Unauthorized" not in probe.stderr and "404 Not Found" not in probe.stderr, probe.stderr
        for transmission in streaming.api.get("api/streams/transmissions"):
            if transmission["path"].startswith("x"):
                streaming.api.delete(f"api/streams/transmissions/{transmission['id']}")


def test_viewers_without_the_new_password_are_shown_out(streaming, camera):
    stream = streaming.api.add_stream(camera.url)
    other = streaming.api.add_stream(camera.url, path="other")
    transmission_url = f"api/streams/transmissions/{stream.transmission_id}"
    for kind in ("mediamtx", "builtin"):
        pid = use(streaming, kind)["pid"]
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched, players.ffmpeg_rtsp(other.rtsp_url) as bystander:
            watched.wait_for_counted(15, accept=camera.drew)
            bystander.wait_for_counted(15, accept=camera.drew)
            body = streaming.api.get(transmission_url)
            closed = body | {"outputs": [output | LOGIN for output in body["outputs"]]}
            streaming.api.put(transmission_url, closed)
            watched.wait_for_end(10)
            bystander.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
            assert bystander.running and status(streaming)["pid"] == pid
        with players.ffmpeg_rtsp(stream.rtsp_url_with("watcher", "s3cret%20%2F%C3%A9")) as again:
            again.wait_for_counted(15, accept=camera.drew)
        streaming.api.put(transmission_url, body)


def test_ice_servers_are_changed_without_a_restart(streaming, mediamtx, camera):
    stream = streaming.api.add_stream(camera.url)
    pid = use(streaming, "mediamtx")["pid"]
    turn = {"url": "turn:turn.example.org:3478", "username": "me", "password": "hunter2"}
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(15, accept=camera.drew)
        settings = streaming.api.patch(
            "api/streams/settings",
            {"engine": {"webrtc_ice_servers": ["stun:stun.example.org", turn], "webrtc_additional_hosts": "10.9.8.7"}},
        )
        shown = {"url": turn["url"], "username": "me", "password_set": True}
        assert settings["engine"]["webrtc_ice_servers"] == ["stun:stun.example.org", shown]
        now = status(streaming)
        watched.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
        assert watched.running and now["pid"] == pid
    links = requests.options(now["urls"]["webrtc_url"], timeout=10).headers["Link"]
    assert "turn:turn.example.org:3478" in links and "hunter2" in links
    assert "hunter2" not in streaming.log and "hunter2" not in str(streaming.api.get("api/streams/settings"))


def test_engine_that_cannot_run_is_replaced_by_one_click(make_server, tmp_path, page):
    broken = tmp_path / "mediamtx"
    broken.write_text("#!/bin/sh\n[ \"$1\" = --version ] && exit\necho '2026/11/21 10:00:00 ERR no such luck'; exit 1\n")
    broken.chmod(0o755)
    server = make_server(environment={"TOPOSYNC_STREAMING_ENGINE_PATH": str(broken)}).start()
    server.api.add_stream("demo:")
    server.api.request("PATCH", "api/streams/settings", {"engine": {"kind": "mediamtx"}})
    server.api.request("POST", "api/streams/engine/start")
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("engine-use-builtin").wait_for(timeout=10_000)
    page.get_by_test_id("engine-log-toggle").locator("summary").click()
    assert "ERR no such luck" in page.get_by_test_id("engine-log").inner_text()
    page.goto(server.url)
    banner = page.get_by_test_id("engine-stopped")
    banner.get_by_text("ERR no such luck").wait_for(timeout=10_000)
    page.get_by_test_id("banner-engine-builtin").click()
    now = server.wait_for_engine()
    assert now["kind"] == "builtin" and now["last_error"] is None
    banner.wait_for(state="hidden", timeout=10_000)


def test_left_over_engine_is_cleaned_up_from_the_page(streaming, mediamtx, page):
    configuration = status(streaming)["config_path"]
    # It can't listen where the other one does, so what is left over is one that does nothing, and starts nothing: until
    # it has become another program, a child looks the same.
    script = streaming.data_dir / "mediamtx"
    script.write_text("#!/bin/sh\nread -r nothing\n")
    script.chmod(0o755)
    left = subprocess.Popen([script, configuration], stdin=subprocess.PIPE)
    bystander = subprocess.Popen(["tail", "-f", configuration], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        # What was found before it was left is told for a while.
        processes.wait_until(lambda: status(streaming)["orphan_pids"] == [left.pid], 30, "the left-over engine is told")
        before = status(streaming)
        page.goto(f"{streaming.url}/settings.html")
        page.get_by_test_id("engine-reclaim").click()
        left.wait(10)
        page.get_by_test_id("engine-reclaim").wait_for(state="hidden", timeout=15_000)
        after = streaming.wait_for_engine()
        assert after["orphan_pids"] == [] and after["pid"] != before["pid"]
        assert bystander.poll() is None
        answer = streaming.api.post("api/streams/engine/reclaim")
        assert answer["warnings"][0] == "Cleaned up 0 stale MediaMTX process(es)." and answer["running"]
    finally:
        for process in (left, bystander):
            process.kill()
            process.wait()


def test_engine_killed_or_stopped_comes_back(streaming, mediamtx, camera):
    stream = streaming.api.add_stream(camera.url)
    use(streaming, "mediamtx")
    for number in (signal.SIGKILL, signal.SIGSTOP):
        before = status(streaming)
        os.kill(before["pid"], number)
        processes.wait_until(
            lambda before=before: (now := status(streaming))["running"] and now["pid"] != before["pid"], 40, "a new engine"
        )
        after = status(streaming)
        assert after["restart_count"] == before["restart_count"] + 1 and after["orphan_pids"] == []
        assert after["ports"] == before["ports"]
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(15, accept=camera.drew)
