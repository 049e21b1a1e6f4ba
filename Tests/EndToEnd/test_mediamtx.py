"""What only a real MediaMTX shows. The other tests run with it too."""

import concurrent.futures
import contextlib
import time

import pytest
import requests

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.camera import Camera
from rig.certificates import self_signed
from rig.heard import Listener
from test_camera_sound import expect_without_gaps, frame_times

pytestmark = pytest.mark.mediamtx

PASSWORD = "s3cret /é"
LOGIN = {"authentication": {"enabled": True, "username": "ana", "password": PASSWORD}}


def serve_webrtc(server):
    """Starts the engine so that browsers find its media where there is no network but loopback."""
    server.api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": ["127.0.0.1"]}})
    server.start_engine()


def add_webrtc_stream(server, camera, **encoding):
    """A stream with an output for WebRTC beside the one for RTSP."""
    stream = server.api.add_stream(camera.url, encoding=encoding)
    url = f"api/streams/transmissions/{stream.transmission_id}"
    body = server.api.get(url)
    body["outputs"] = [
        output | {"protocol": "webrtc"} if output["protocol"] == "hls" else output for output in body["outputs"]
    ]
    server.api.put(url, body)
    return stream


def see(page, camera, by: str):
    """Reads pictures off the screen, and by what they come."""
    wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 30, camera.drew)
    assert page.get_by_test_id("tile-facts").inner_text().startswith(by)


def sign_in_to_watch(page):
    page.get_by_test_id("tile-username").fill("ana")
    page.get_by_test_id("tile-password").fill(PASSWORD)
    page.get_by_test_id("tile-watch").click()


def until(page, condition, timeout: float, what: str):
    """Waits with the browser's own clock, or else its events would wait as well."""
    return processes.wait_until(lambda: page.wait_for_timeout(100) or condition(), timeout, what, interval=0)


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


def test_the_page_plays_by_webrtc_and_leaves_no_viewer(server, camera, page):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    hosts = set()
    page.on("request", lambda request: request.url.startswith("http") and hosts.add(request.url.split("/")[2]))
    page.goto(server.url)
    see(page, camera, "WebRTC")
    until(page, lambda: stream.viewers() == 1, 5, "one viewer")
    # The offer goes by our own origin; the pictures come from the engine.
    assert hosts == {server.url.split("/")[2]}
    assert page.console == []
    page.goto("about:blank")
    until(page, lambda: stream.viewers() == 0, 5, "no viewer: its session would count until its media is missed")


@pytest.mark.parametrize("codec", ["opus", "alaw"])
def test_the_page_hears_a_camera_by_webrtc(server, page, codec):
    serve_webrtc(server)
    with Camera(source="flash", sound=codec) as camera:
        stream = add_webrtc_stream(server, camera, resolution=None, fps_limit=None, bitrate_kbps=None)
        page.goto(server.url)
        tile = page.get_by_test_id("tile")
        until(page, lambda: tile.get_attribute("data-state") == "live", 30, "a stream that is live")
        assert page.get_by_test_id("tile-facts").inner_text().startswith("WebRTC")
        video = page.get_by_test_id("tile-video")
        assert video.evaluate("video => video.muted")
        page.keyboard.press("m")
        assert not video.evaluate("video => video.muted")
        listener = Listener(video)
        until(page, lambda: len(listener.tones) >= 5, 20, "tones")
        sound = {output["protocol"]: output["sound"] for output in stream.outputs()}["webrtc"]
        assert sound.startswith("As the camera sends it: ")


def test_sound_beside_hls_has_no_holes(streaming):
    """MediaMTX fills none, and players show no pictures while sound is missing."""
    with Camera(source="flash", sound="aac") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url)
        times = pool.submit(frame_times, stream.rtsp_url, 8)
        camera.first_keyframe()
        time.sleep(3)
        camera.mute()
        expect_without_gaps(times.result())


def test_a_new_password_shows_webrtc_viewers_out_until_they_give_it(server, camera, page):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    page.goto(server.url)
    see(page, camera, "WebRTC")
    url = f"api/streams/transmissions/{stream.transmission_id}"
    body = server.api.get(url)
    server.api.put(url, body | {"outputs": [output | LOGIN for output in body["outputs"]]})
    page.get_by_test_id("tile-password").wait_for(timeout=30_000)
    sign_in_to_watch(page)
    see(page, camera, "WebRTC")


def test_the_page_plays_by_webrtc_and_hls_with_tls_and_a_password(make_server, camera, browser, tmp_path):
    certificate, key = self_signed(tmp_path)
    server = make_server("--tls-certificate", str(certificate), "--tls-key", str(key)).start()
    serve_webrtc(server)
    add_webrtc_stream(server, camera, **LOGIN)
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(server.url)
        sign_in_to_watch(page)
        see(page, camera, "WebRTC")
        # As a browser without WebRTC plays it; what signing in gave does not outlive the page.
        page.add_init_script("delete globalThis.RTCPeerConnection")
        page.reload()
        sign_in_to_watch(page)
        see(page, camera, "HLS")


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
