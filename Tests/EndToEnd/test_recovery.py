"""What is watched survives the death of the camera, the worker and the engine (quality bars R1 to R3)."""

import itertools
import os
import signal
import time

import pytest

from rig import players, processes
from rig.browser import Watcher
from rig.server import uses_mediamtx
from rig.whep import add_webrtc_stream, serve_webrtc

pytestmark = pytest.mark.alone

# Bars are bounds of behaviour; tests run beside encoders and players on shared cores, hence the room.
ROOM = 3.0


@pytest.fixture
def watched(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for_counted(20, count=25, accept=camera.drew)
        yield player


def is_placeholder(picture) -> bool:
    return picture.counter is None


@pytest.mark.patient
@pytest.mark.parametrize("how", ["unplugged", "frozen"])
def test_camera_away_shows_the_placeholder_and_comes_back(watched, camera, how):
    gone = time.monotonic()
    camera.unplug() if how == "unplugged" else camera.freeze()
    watched.wait_for(
        lambda pictures: any(is_placeholder(picture) for picture in pictures if picture.at > gone),
        3 + ROOM,
        "the placeholder",
    )
    time.sleep(max(0, gone + 10 - time.monotonic()))
    back = time.monotonic()
    camera.plug() if how == "unplugged" else camera.thaw()
    # The back-off reaches at most 10 s between tries; a keyframe comes each second.
    fresh = watched.wait_for_counted(
        10 + 1 + 2 + ROOM,
        count=25,
        after=back,
        accept=lambda seen: camera.drew(seen) and seen >= camera.counter_at(back),
    )
    assert watched.running, "the viewer had to reconnect"
    assert camera.age(fresh[-1].counter, fresh[-1].at) < 4


def test_a_camera_that_worked_for_earlier_viewers_is_said_to_be_away(stream, streaming, camera):
    """Whoever comes later is not sent to look for a wrong address."""
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for_counted(20, count=5, accept=camera.drew)
    processes.wait_until(lambda: not stream.publishing(), 20, "the end of the stream")
    camera.unplug()
    streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")

    def lost():
        return next((output for output in stream.outputs() if output["message_code"] == "camera_lost"), None)

    output = processes.wait_until(lost, 20, "a lost camera")
    assert output["message_parameters"]["reason"]["code"] == "camera_away_refused", output["message"]


def test_worker_killed_while_watched_by_rtsp(watched, stream, streaming, camera):
    worker = streaming.only("worker")
    killed = time.monotonic()
    worker.kill()

    def is_new(seen):
        return camera.drew(seen) and seen > camera.counter_at(killed)

    if uses_mediamtx():
        # MediaMTX ends the sessions of readers with that of their publisher, and players come back.
        watched.wait_for_end(1 + ROOM)
        with players.ffmpeg_rtsp(stream.rtsp_url) as again:
            again.wait_for_counted(killed + 3 + ROOM - time.monotonic(), after=killed, accept=is_new)
    else:
        watched.wait_for_counted(3 + ROOM, after=killed, accept=is_new)
        assert watched.running, "the viewer had to reconnect"
    assert streaming.only("worker").pid != worker.pid


def test_worker_killed_while_watched_in_the_browser(stream, streaming, camera, page):
    page.goto(streaming.url)
    player = Watcher(page, "[data-testid=tile-video]")
    player.wait_for_moving_picture(45, camera.drew)
    killed = time.monotonic()
    streaming.only("worker").kill()
    player.wait_for_moving_picture(30, lambda seen: camera.drew(seen) and seen > camera.counter_at(killed))


def test_engine_killed_while_watched_in_the_browser(stream, streaming, camera, page):
    page.goto(streaming.url)
    player = Watcher(page, "[data-testid=tile-video]")
    player.wait_for_moving_picture(45, camera.drew)
    killed = time.monotonic()
    streaming.only("engine").kill()
    player.wait_for_moving_picture(30, lambda seen: camera.drew(seen) and seen > camera.counter_at(killed))


@pytest.mark.parametrize("role", ["worker", "engine"])
def test_what_is_watched_by_webrtc_in_the_browser_comes_back_by_itself(server, camera, page, role):
    serve_webrtc(server)
    add_webrtc_stream(server, camera)
    page.goto(server.url)
    player = Watcher(page, "[data-testid=tile-video]")
    player.wait_for_moving_picture(45, camera.drew)
    assert page.get_by_test_id("tile-facts").inner_text().startswith("WebRTC")
    killed = time.monotonic()
    server.only(role).kill()
    player.wait_for_moving_picture(30, lambda seen: camera.drew(seen) and seen > camera.counter_at(killed))


def test_engine_killed_is_restarted_on_the_same_ports(watched, stream, streaming, camera):
    before = streaming.api.get("api/streams/engine/status")
    engine = streaming.only("engine")
    engine.kill()
    processes.wait_until(
        lambda: [process for process in streaming.living("engine") if process.pid != engine.pid],
        1 + ROOM,
        "a new engine",
    )
    after = streaming.wait_for_engine()
    assert after["ports"] == before["ports"]
    assert after["restart_count"] == before["restart_count"] + 1
    with players.ffmpeg_rtsp(stream.rtsp_url) as again:
        again.wait_for_counted(10, accept=camera.drew)


def test_engine_that_hangs_is_replaced(watched, stream, streaming, camera):
    engine = streaming.only("engine")
    os.kill(engine.pid, signal.SIGSTOP)
    # It is given up after a silence of 5 s.
    processes.wait_until(
        lambda: [process for process in streaming.living("engine") if process.pid != engine.pid],
        5 + 3 + ROOM,
        "a new engine",
    )
    streaming.wait_for_engine()
    assert [process.pid for process in streaming.living("engine")] != [engine.pid]
    with players.ffmpeg_rtsp(stream.rtsp_url) as again:
        again.wait_for_counted(10, accept=camera.drew)


def test_one_worker_dying_does_not_disturb_another_stream(watched, streaming, camera):
    other = streaming.api.add_stream("demo:", path="other")
    with players.ffmpeg_rtsp(other.rtsp_url) as second, players.ffmpeg_rtsp(camera.url) as direct:
        direct.wait_for_counted(20, accept=camera.drew)
        second.wait_for_counted(20)
        workers = processes.wait_until(
            lambda: len(streaming.living("worker")) == 2 and streaming.living("worker"), 10, "two workers"
        )
        killed = time.monotonic()
        max(workers, key=lambda process: process.pid).kill()
        seen = watched.wait_for_counted(10, count=75, after=killed, accept=camera.drew)
        # A machine that stands still does so for the camera's own viewer as well.
        longest, own = (
            max(later.at - earlier.at for earlier, later in itertools.pairwise(pictures))
            for pictures in (seen, direct.since(killed - 1))
        )
        assert longest < own + 1.5
