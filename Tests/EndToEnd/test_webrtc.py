"""WebRTC by the engine, whichever it is: in pages, and in other players by WHEP."""

import contextlib
import itertools
import re

import pytest
import requests

from rig import other_browsers, processes
from rig.bad_line import BadLine
from rig.browser import Watcher, wait_for_pictures_on_screen
from rig.camera import Camera
from rig.certificates import self_signed
from rig.heard import Listener
from rig.server import uses_mediamtx
from rig.whep import WHEPViewer, add_webrtc_stream, serve_webrtc, whep

PASSWORD = "s3cret /é"
LOGIN = {"authentication": {"enabled": True, "username": "ana", "password": PASSWORD}}


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
    facts = page.get_by_test_id("tile-facts")
    until(page, lambda: re.fullmatch(r"WebRTC\s+\d\.\d s", facts.inner_text()), 5, "the delay")
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
        see(page, camera, "HLS" if uses_mediamtx() else "MSE")



def test_another_player_plays_by_whep(server, camera):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    # It takes no answer that leaves out the sound.
    with WHEPViewer(whep(stream), kinds=("video",)) as viewer:
        counters = viewer.wait_for_pictures(25, 30, camera.drew)
        assert counters == sorted(counters)
        processes.wait_until(lambda: stream.viewers() == 1, 5, "one viewer")
        assert requests.delete(viewer.session, timeout=5).status_code == 200
        assert requests.delete(viewer.session, timeout=5).status_code == 404
    processes.wait_until(lambda: stream.viewers() == 0, 5, "no viewer")


def test_another_player_hears_by_whep(server):
    serve_webrtc(server)
    with Camera(source="flash", sound="opus") as camera:
        stream = add_webrtc_stream(server, camera)
        with WHEPViewer(whep(stream)) as viewer:
            processes.wait_until(lambda: viewer.sound_frames > 25, 30, "sound")


@pytest.mark.builtin_engine
def test_lost_packets_are_sent_again(server, camera):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    with WHEPViewer(whep(stream), loss=0.05, kinds=("video",)) as viewer:
        viewer.wait_for_pictures(1, 30, camera.drew)
        counters = viewer.wait_for_pictures(100, 30, camera.drew)
        assert viewer.lost > 5
        # Every picture that is shown is whole; without retransmission, about every second one would miss a packet. One that is
        # missing because the machine stood still is missing with those beside it.
        steps = [later - earlier for earlier, later in itertools.pairwise(counters)]
        assert steps.count(1) > len(steps) * 2 / 3, f"{counters}"


@pytest.mark.builtin_engine
def test_a_viewer_on_a_bad_line_goes_on_in_the_same_session(server, camera):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    with BadLine() as line, WHEPViewer(whep(stream), kinds=("video",), line=line) as viewer:
        viewer.wait_for_pictures(1, 30, camera.drew)
        line.loss = 0.1
        viewer.wait_for_pictures(50, 30, camera.drew)
        assert line.lost > 5
        line.loss, line.jitter = 0, 0.2
        viewer.wait_for_pictures(50, 30, camera.drew)
        line.jitter = 0
        # Its router gives it another port, of which it does not know.
        line.change_address()
        viewer.wait_for_pictures(50, 30, camera.drew)
        times = [picture.pts for picture in viewer.pictures]
        assert all(earlier < later for earlier, later in itertools.pairwise(times)), times
        assert viewer.state == "connected"
        assert stream.viewers() == 1
        assert requests.delete(viewer.session, timeout=5).status_code == 200


def test_the_settings_page_says_by_which_way_webrtc_works(server, camera, page):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("webrtc-test").locator("summary").click()
    page.get_by_test_id("webrtc-test-start").click()
    steps = page.get_by_test_id("webrtc-test-steps")
    steps.locator("li.good[data-step=picture]").wait_for(timeout=30_000)
    assert "By UDP, to 127.0.0.1:" in steps.inner_text()
    until(page, lambda: stream.viewers() == 0, 5, "no viewer")
    # An engine that does not know where it is found.
    def hide(route):
        answer = route.fetch()
        kept = [line for line in answer.text().splitlines() if not line.startswith("a=candidate:")]
        route.fulfill(response=answer, body="".join(f"{line}\r\n" for line in kept))

    page.route("**/whep", lambda route: hide(route) if route.request.method == "POST" else route.continue_())
    page.get_by_test_id("webrtc-test-start").click()
    steps.locator("li.bad[data-step=answer]").wait_for(timeout=30_000)
    assert "Other names and addresses of this server" in page.get_by_test_id("webrtc-test-advice").inner_text()
    assert page.console == []


@pytest.mark.skipif(bool(other_browsers.MISSING["firefox"]), reason=str(other_browsers.MISSING["firefox"]))
def test_a_browser_without_h264_for_webrtc_plays_another_way_at_once(server, camera, tmp_path):
    serve_webrtc(server)
    add_webrtc_stream(server, camera)
    # In a new profile, Firefox has none yet.
    with other_browsers.running("firefox", tmp_path / "firefox") as window:
        window.open(server.url)
        window.wait_for("tile")
        seen = lambda: any(map(camera.drew, window.counters_on_screen("tile")))  # noqa: E731
        processes.wait_until(seen, 60, f"a picture; the page says {window.text()[:300]!r}")
        asked = window.evaluate("return performance.getEntriesByType('resource').map(entry => entry.name)")
        assert [url for url in asked if url.endswith("/whep")] == []


@pytest.mark.builtin_engine
def test_offers_that_can_not_be_used_are_refused_with_a_sentence(server, camera):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    url = whep(stream)
    sdp = {"Content-Type": "application/sdp"}

    def refused(status: int, what: str, method: str = "POST", to: str = url, headers=sdp, **options) -> requests.Response:
        answer = requests.request(method, to, headers=headers, timeout=15, **options)
        assert answer.status_code == status, answer.text
        assert what in answer.json()["error"]
        return answer

    assert refused(415, "application/sdp", data="v=0", headers={}).headers["Accept-Post"] == "application/sdp"
    refused(400, "", data="this is no SDP")
    refused(413, "65536", data="v=0\r\n" + "a=x\r\n" * 20_000)
    assert "POST" in refused(405, "POST", "GET").headers["Allow"]
    refused(404, "session", "DELETE", url + "/0123456789abcdef")
    # What nobody may read needs not exist.
    refused(401, "password", to=url.replace("/front/", "/nowhere/"), data=WHEPViewer.offer())
    # A browser that can play nothing of it.
    refused(422, "H264", data=WHEPViewer.offer("audio"))
    answer = requests.options(url, timeout=5)
    assert answer.status_code == 204 and answer.headers["Accept-Post"] == "application/sdp"


@pytest.mark.builtin_engine
def test_the_engines_own_page_plays(server, camera, page):
    serve_webrtc(server)
    stream = add_webrtc_stream(server, camera)
    page.goto(whep(stream).removesuffix("whep"))
    Watcher(page).wait_for_moving_picture(30, camera.drew)
    until(page, lambda: stream.viewers() == 1, 5, "one viewer")
    page.goto("about:blank")
    until(page, lambda: stream.viewers() == 0, 5, "no viewer")
