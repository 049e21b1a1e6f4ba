"""The Settings page in a real browser, used as a newcomer uses it."""

import pytest
import requests

from rig import bad_cameras, players, ports
from rig.browser import Watcher


@pytest.fixture
def settings_page(server, page):
    ours = {name: ports.free_port() for name in ("rtsp", "hls", "webrtc", "api")}
    server.api.patch("api/streams/settings", {"engine": {"preferred_ports": ours}})
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("first-run").wait_for()
    return page


def add_first_camera(page, url: str):
    page.get_by_test_id("camera-name").fill("Front door")
    page.get_by_test_id("camera-url").fill(url)
    page.get_by_test_id("first-run-test").click()


def assert_quiet(page):
    assert not [line for line in page.console if line.startswith("uncaught") or "Content Security Policy" in line]


def test_newcomer_adds_a_camera_and_watches_it(settings_page, camera):
    page = settings_page
    add_first_camera(page, camera.url)
    page.get_by_test_id("camera-still").wait_for(timeout=40_000)
    assert "640" in page.get_by_test_id("camera-facts").inner_text()
    page.get_by_test_id("first-run-use").click()
    page.get_by_test_id("first-run-watch").click(timeout=20_000)
    Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(45, camera.drew)
    assert_quiet(page)


def test_newcomer_takes_the_demo_picture(settings_page):
    page = settings_page
    page.get_by_test_id("camera-kind-demo").check(force=True)
    page.get_by_test_id("first-run-test").click()
    page.get_by_test_id("camera-still").wait_for(timeout=40_000)
    page.get_by_test_id("first-run-use").click()
    page.get_by_test_id("first-run-watch").click(timeout=20_000)
    Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(45)
    assert_quiet(page)


def test_camera_that_refuses_is_told_in_a_sentence(settings_page):
    add_first_camera(settings_page, bad_cameras.refusing_url())
    message = settings_page.get_by_test_id("camera-test-message")
    message.wait_for(timeout=40_000)
    assert len(message.inner_text()) > 10
    assert not settings_page.get_by_test_id("camera-still").is_visible()
    assert_quiet(settings_page)


def test_address_on_the_page_is_one_that_plays(stream, streaming, camera, page):
    page.goto(f"{streaming.url}/settings.html")
    row = page.get_by_test_id("address").first
    row.locator("summary").first.click()
    shown = row.locator("[data-protocol=rtsp]").get_by_test_id("url")
    shown.wait_for(timeout=10_000)
    with players.ffmpeg_rtsp(shown.inner_text()) as watched:
        watched.wait_for_counted(20, accept=camera.drew)


def test_engine_is_stopped_and_started_from_the_page(stream, streaming, page):
    page.goto(f"{streaming.url}/settings.html")
    state = page.get_by_test_id("engine-state")
    state.get_by_text("Running").wait_for(timeout=10_000)
    page.get_by_test_id("engine-stop").click()
    state.get_by_text("Stopped").wait_for(timeout=10_000)
    assert streaming.api.get("api/streams/engine/status")["running"] is False
    page.get_by_test_id("engine-start").click()
    state.get_by_text("Running").wait_for(timeout=10_000)
    assert streaming.api.get("api/streams/engine/status")["running"] is True


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}], ids=["origin", "host"]
)
def test_foreign_site_cannot_change_settings(server, headers):
    before = server.api.get("api/streams/settings")
    answer = requests.patch(
        f"{server.url}/api/streams/settings", json={"engine": {"expose_to_lan": True}}, headers=headers, timeout=10
    )
    assert answer.status_code in (400, 403, 421)
    assert server.api.get("api/streams/settings") == before


def test_turn_server_is_set_up_and_its_password_is_kept(stream, streaming, page):
    def stored():
        return streaming.api.get("api/streams/settings")["engine"]

    page.goto(f"{streaming.url}/settings.html")
    page.get_by_test_id("webrtc").locator("summary").click()
    page.get_by_test_id("webrtc-hosts").fill("203.0.113.7, cam.example.org")
    page.get_by_test_id("webrtc-add").click()
    page.get_by_test_id("webrtc-url").fill("turn.example.org")
    page.get_by_test_id("webrtc-save").click()
    page.get_by_text("Write it with stun:").wait_for(timeout=5000)
    page.get_by_test_id("webrtc-url").fill("turn:turn.example.org:3478")
    page.get_by_test_id("webrtc-username").fill("me")
    page.get_by_test_id("webrtc-password").fill("hunter2")
    page.get_by_test_id("webrtc-save").click()
    page.get_by_text("The WebRTC settings were saved.").wait_for(timeout=10_000)
    shown = {"url": "turn:turn.example.org:3478", "username": "me", "password_set": True}
    assert stored()["webrtc_ice_servers"] == [shown]
    assert stored()["webrtc_additional_hosts"] == ["203.0.113.7", "cam.example.org"]
    # Another change leaves the password alone.
    page.get_by_test_id("webrtc-username").fill("you")
    page.get_by_test_id("webrtc-save").click()
    page.wait_for_function("document.querySelector('[data-testid=webrtc-save]').disabled", timeout=10_000)
    assert stored()["webrtc_ice_servers"] == [shown | {"username": "you"}]
    page.get_by_test_id("webrtc-remove").click()
    page.get_by_test_id("webrtc-save").click()
    page.wait_for_function("document.querySelector('[data-testid=webrtc-save]').disabled", timeout=10_000)
    assert stored()["webrtc_ice_servers"] == []
    assert_quiet(page)
