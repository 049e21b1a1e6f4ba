"""A network camera, watched through the server by programs that we did not write."""

import pytest

from rig import players
from rig.browser import Watcher
from rig.camera import Camera

RTSP_PLAYERS = {
    "ffmpeg-tcp": lambda url: players.ffmpeg_rtsp(url, "tcp"),
    "ffmpeg-udp": lambda url: players.ffmpeg_rtsp(url, "udp"),
    "gstreamer-tcp": lambda url: players.gstreamer_rtsp(url, "tcp"),
    "gstreamer-udp": lambda url: players.gstreamer_rtsp(url, "udp"),
}


def assert_live_and_in_order(camera, pictures):
    numbers = [picture.counter for picture in pictures]
    assert numbers == sorted(numbers)
    # 25 fps in, 25 fps out: three of four frames at the least, as the machine is shared with encoders and players.
    assert len(set(numbers)) >= (numbers[-1] - numbers[0]) * 3 // 4
    assert camera.age(pictures[-1].counter, pictures[-1].at) < 8


@pytest.mark.parametrize("player", RTSP_PLAYERS)
def test_camera_plays_by_rtsp(stream, camera, player):
    with RTSP_PLAYERS[player](stream.rtsp_url) as watched:
        assert_live_and_in_order(camera, watched.wait_for_counted(20, count=75, accept=camera.drew))


@pytest.mark.parametrize("player", [players.ffmpeg_hls, players.vlc], ids=["ffmpeg", "vlc"])
def test_camera_plays_by_hls(stream, camera, player):
    with player(stream.hls_url) as watched:
        assert_live_and_in_order(camera, watched.wait_for_counted(30, count=75, accept=camera.drew))


@pytest.mark.skipif(not players.vlc_speaks_rtsp(), reason="this VLC is built without live555, its RTSP client")
def test_camera_plays_by_rtsp_in_vlc(stream, camera):
    with players.vlc(stream.rtsp_url) as watched:
        assert_live_and_in_order(camera, watched.wait_for_counted(20, count=75, accept=camera.drew))


def test_camera_plays_in_the_browser(stream, streaming, camera, page):
    page.goto(streaming.url)
    samples = Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(45, camera.drew)
    assert (samples[-1]["width"], samples[-1]["height"]) == (640, 360)


def test_both_protocols_share_one_encoder(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as by_rtsp, players.ffmpeg_hls(stream.hls_url) as by_hls:
        by_rtsp.wait_for_counted(20, accept=camera.drew)
        by_hls.wait_for_counted(30, accept=camera.drew)
        assert len({output["resolved_engine_path"] for output in stream.outputs()}) == 1
        assert len(streaming.living("worker")) == 1


def test_camera_that_changes_its_size_keeps_playing_at_the_outputs_size(streaming, camera):
    stream = streaming.api.add_stream(camera.url)
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        resized_at = watched.wait_for_counted(20, accept=camera.drew)[-1].at
        camera.resize(960, 540)
        # A second for the old size to drain; then a good second of frames from the new one.
        watched.wait_for_counted(20, count=40, after=resized_at + 2, accept=camera.drew)


def test_camera_with_b_frames_plays_in_order(streaming):
    with Camera(b_frames=2) as camera:
        stream = streaming.api.add_stream(camera.url)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            assert_live_and_in_order(camera, watched.wait_for_counted(20, count=50, accept=camera.drew))


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_camera_with_a_password_plays(streaming, method):
    with Camera(authentication=method) as camera:
        credentials = {"username": "viewer", "password": camera.options.password}
        stream = streaming.api.add_stream(camera.url, camera=credentials)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(20, accept=camera.drew)
        assert camera.options.password not in streaming.log


def test_camera_by_udp_plays(streaming, camera):
    stream = streaming.api.add_stream(camera.url, camera={"transport": "udp"})
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=40, accept=camera.drew)
