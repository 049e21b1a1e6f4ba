"""What only a real MediaMTX shows. The other tests run with it too."""

import pytest

from rig import players, processes

pytestmark = pytest.mark.mediamtx


def test_viewers_are_counted_among_hundreds_of_paths(stream, streaming, camera):
    (front,) = streaming.api.get("api/streams/transmissions")
    others = [
        {"name": f"Other {number}", "path": f"other-{number}", "outputs": [{"protocol": "rtsp"}]}
        for number in range(250)
    ]
    engine = streaming.only("engine").pid
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
        streaming.api.patch("api/streams/settings", {"transmissions": [*others[:125], front, *others[125:]]})
        processes.wait_until(lambda: stream.viewers() == 1, 20, "a viewer counted")
        with players.ffmpeg_rtsp(stream.rtsp_url, "udp") as second:
            second.wait_for_counted(20, accept=camera.drew)
            processes.wait_until(lambda: stream.viewers() == 2, 10, "two viewers counted")
        assert watched.running, "the viewer had to reconnect"
        assert streaming.only("engine").pid == engine
    processes.wait_until(lambda: stream.viewers() == 0, 20, "no viewer counted")


def test_abandoned_hls_viewer_costs_its_encoder_within_fifteen_seconds(stream, streaming, camera):
    with players.ffmpeg_hls(stream.hls_url) as watched:
        watched.wait_for_counted(30, accept=camera.drew)
        watched.kill()
        processes.wait_until(lambda: not streaming.living("worker"), 15 + 1, "the worker ending")


def test_log_of_the_engine_is_in_its_status(streaming):
    status = streaming.api.get("api/streams/engine/status")
    assert status["kind"] == "mediamtx"
    assert any("[RTSP]" in line for line in status["log_tail"]), status["log_tail"]
    assert status["version"].startswith("v")
