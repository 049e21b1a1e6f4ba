"""Outputs run only while somebody watches, and the first viewer never notices."""

import time
from pathlib import Path

import pytest
import requests

from rig import players, processes

pytestmark = pytest.mark.alone


def test_nothing_runs_while_nobody_watches(stream, streaming):
    assert not streaming.living("worker")
    assert not stream.publishing()


def test_first_rtsp_viewer_of_a_cold_output_gets_a_stream(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        first = watched.wait_for_picture(15)
        watched.wait_for_counted(15, accept=camera.drew)
    assert "404 Not Found" not in watched.log
    # The bound is a placeholder or a live picture in half a second (P4); the room is for ffmpeg's own probing on a
    # busy machine.
    assert first.at - watched.started < 6


def test_a_worker_loads_libraries_of_devices_for_devices_alone(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(15, accept=camera.drew)
        libraries = Path(f"/proc/{streaming.only('worker').pid}/maps").read_text()
    assert "libavcodec" in libraries
    assert "libavdevice" not in libraries, "it brings eighty more, which every cold start would wait for"


def test_first_hls_viewer_of_a_cold_output_gets_a_playlist(stream, camera):
    answer = requests.get(stream.hls_url, timeout=15)
    assert answer.status_code == 200 and answer.text.startswith("#EXTM3U")
    with players.ffmpeg_hls(stream.hls_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)


def test_viewer_that_joins_does_not_wait_for_a_keyframe(streaming, camera):
    stream = streaming.api.add_stream(camera.url)
    with players.ffmpeg_rtsp(stream.rtsp_url) as early:
        early.wait_for_counted(20, count=50, accept=camera.drew)
        with players.ffmpeg_rtsp(stream.rtsp_url) as late:
            late.wait_for_counted(5, count=1, accept=camera.drew)


def test_worker_is_gone_soon_after_the_last_viewer(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
        worker = streaming.only("worker")
    # 3 s of draining, then the shutdown of the worker.
    processes.wait_until(lambda: not streaming.living("worker"), 5, "the worker ending")
    assert not stream.publishing()
    with players.ffmpeg_rtsp(stream.rtsp_url) as again:
        again.wait_for_counted(20, accept=camera.drew)
        assert streaming.only("worker").pid != worker.pid


def test_viewer_killed_without_goodbye_is_noticed(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
        watched.kill()
        processes.wait_until(lambda: not streaming.living("worker"), 6, "the worker ending")


def test_viewer_that_returns_while_draining_keeps_the_worker(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
        worker = streaming.only("worker")
    time.sleep(1)
    with players.ffmpeg_rtsp(stream.rtsp_url) as again:
        again.wait_for_counted(10, count=100, accept=camera.drew)
        assert streaming.only("worker").pid == worker.pid


def test_prime_starts_the_output_before_anybody_watches(stream, streaming):
    answer = streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")
    assert answer["primed"] and answer["primed_outputs"] == 1
    processes.wait_until(stream.publishing, 10, "a publisher")


def test_viewers_are_counted(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as one, players.ffmpeg_rtsp(stream.rtsp_url, "udp") as two:
        one.wait_for_counted(20, accept=camera.drew)
        two.wait_for_counted(20, accept=camera.drew)
        processes.wait_until(lambda: stream.viewers() == 2, 10, "two viewers counted")
    processes.wait_until(lambda: stream.viewers() == 0, 10, "no viewer counted")


def test_always_running_pipeline_needs_no_viewer(stream, streaming):
    (pipeline,) = streaming.api.get("api/pipelines")
    streaming.api.put(f"api/pipelines/{pipeline['id']}", pipeline | {"run": "always"})
    streaming.only("worker")
