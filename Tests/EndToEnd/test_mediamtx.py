"""What only a real MediaMTX shows. The other tests run with it too."""

import concurrent.futures
import json
import time

import pytest
import requests

from rig import players, processes
from rig.camera import Camera
from rig.certificates import self_signed
from test_camera_sound import expect_without_gaps, frame_times

pytestmark = pytest.mark.mediamtx

PASSWORD = "s3cret /é"
LOGIN = {"authentication": {"enabled": True, "username": "ana", "password": PASSWORD}}


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


def test_h265_that_does_not_play_by_hls_is_told_when_it_is_saved(streaming, camera):
    output = {"protocol": "hls", "resolution": {"width": 320, "height": 180}, "fps_limit": 10}
    stream = streaming.api.add_stream(camera.url, outputs=[output])
    with players.ffmpeg_hls(stream.hls_url) as watched:
        watched.wait_for_counted(30, accept=camera.drew)
    url = f"api/streams/transmissions/{stream.transmission_id}"
    body = streaming.api.get(url)
    answer = streaming.api.request("PUT", url, body | {"outputs": [output | {"codec": "h265"}]})
    assert answer.ok
    message = json.loads(requests.utils.unquote(answer.headers["x-toposync-warning-message"]))
    assert message["code"] == "h265_hls_by_mediamtx"
    status = streaming.api.get("api/streams/engine/status")
    assert message["text"] in status["warnings"]
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(30, accept=camera.drew)
        assert not requests.get(stream.hls_url, timeout=20).ok
    answer = streaming.api.request("PUT", url, body)
    assert answer.ok and "x-toposync-warning-message" not in answer.headers


def test_sound_beside_hls_has_no_holes(streaming):
    """MediaMTX fills none, and players show no pictures while sound is missing."""
    with Camera(source="flash", sound="aac") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url)
        times = pool.submit(frame_times, stream.rtsp_url, 8)
        camera.first_keyframe()
        time.sleep(3)
        camera.mute()
        expect_without_gaps(times.result())


def test_a_new_password_shows_viewers_by_tls_out(make_server, camera, tmp_path):
    certificate, key = self_signed(tmp_path)
    server = make_server("--tls-certificate", str(certificate), "--tls-key", str(key)).start()
    server.start_engine()
    stream = server.api.add_stream(camera.url)
    other = server.api.add_stream(camera.url, path="other")

    def secure(stream) -> str:
        outputs = server.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")["outputs"]
        return next(output["rtsps_url"] for output in outputs if output["protocol"] == "rtsp")

    url = f"api/streams/transmissions/{stream.transmission_id}"
    with players.ffmpeg_rtsp(secure(stream)) as watched, players.ffmpeg_rtsp(secure(other)) as bystander:
        watched.wait_for_counted(20, accept=camera.drew)
        bystander.wait_for_counted(20, accept=camera.drew)
        processes.wait_until(lambda: stream.viewers() == 1, 10, "a viewer by TLS counted")
        body = server.api.get(url)
        server.api.put(url, body | {"outputs": [output | LOGIN for output in body["outputs"]]})
        watched.wait_for_end(10)
        bystander.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
    password = requests.utils.quote(PASSWORD, safe="")
    with players.ffmpeg_rtsp(secure(stream).replace("://", f"://ana:{password}@")) as again:
        again.wait_for_counted(15, accept=camera.drew)
