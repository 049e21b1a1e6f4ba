"""The Settings page in a real browser, used as a newcomer uses it."""


import pytest
import requests

from rig import bad_cameras, players, ports, processes
from rig.browser import Watcher, wait_for_pictures_on_screen
from rig.camera import Camera
from rig.contrast import faint_texts


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


def test_newcomer_adds_a_camera_and_watches_it(settings_page, server, camera):
    page = settings_page
    add_first_camera(page, camera.url)
    page.get_by_test_id("camera-still").wait_for(timeout=40_000)
    facts = page.get_by_test_id("camera-facts").inner_text()
    assert "640" in facts and "No sound" in facts
    page.get_by_test_id("first-run-use").click()
    # The server's own stills would soon take the place of what is looked for.
    page.route("**/still.jpg*", lambda route: route.fulfill(status=204))
    page.get_by_test_id("first-run-watch").click(timeout=20_000)
    # The picture of the camera's test is there before anything was asked for.
    page.get_by_test_id("tile-still").wait_for(timeout=3000)
    assert page.get_by_test_id("tile-still").get_attribute("src").startswith("data:image/jpeg")
    page.unroute("**/still.jpg*")
    wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 45, camera.drew)
    assert page.console == []
    assert_is_copied(server)


def assert_is_copied(server):
    outputs = server.api.get("api/streams/runtime/outputs")["outputs"]
    assert {output["mode"] for output in outputs} == {"copy"}, [output["mode_reason"] for output in outputs]


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_first_run_can_be_read(settings_page, camera, scheme):
    page = settings_page
    page.emulate_media(color_scheme=scheme)
    add_first_camera(page, camera.url)
    page.get_by_test_id("camera-still").wait_for(timeout=40_000)
    assert faint_texts(page, "[data-testid=first-run]") == []
    page.get_by_test_id("first-run-use").click()
    page.get_by_test_id("first-run-watch").wait_for(timeout=20_000)
    assert faint_texts(page, "[data-testid=first-run]") == []


def test_on_a_phone_the_picture_comes_into_sight(settings_page, camera):
    page = settings_page
    page.set_viewport_size({"width": 360, "height": 640})
    add_first_camera(page, camera.url)
    still = page.get_by_test_id("camera-still")
    still.wait_for(timeout=40_000)
    page.wait_for_timeout(300)
    for place in (still, page.get_by_test_id("first-run-use")):
        box = place.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 640


def test_an_address_that_can_be_nothing_is_told_at_the_field(settings_page):
    page = settings_page
    add_first_camera(page, "192.168.1.20:554/stream1")
    problem = page.locator("[data-field=url] [data-testid=field-problem]")
    problem.get_by_text("rtsp://192.168.1.20:554/stream1").wait_for(timeout=2000)
    assert page.get_by_test_id("first-run-use").is_disabled()
    assert page.get_by_test_id("first-run-use").inner_text() == "Use this camera"
    assert page.console == []


def test_a_camera_added_without_a_test_is_tested_and_copied(server, stream_of_demo, page):
    server.start_engine()
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("camera-add").click()
    assert page.evaluate("document.activeElement.dataset.testid") == "camera-name"
    with Camera(width=1920, height=1080) as camera:
        page.get_by_test_id("camera-name").fill("Yard")
        page.get_by_test_id("camera-url").fill(camera.url)
        page.get_by_test_id("camera-save").click()
        page.get_by_test_id("camera-sheet").wait_for(state="detached", timeout=40_000)
        added = next(
            transmission for transmission in server.api.get("api/streams/transmissions")
            if transmission["name"] == "Yard"
        )  # fmt: skip
        assert {output["resolution"] for output in added["outputs"]} == {None}
        page.goto(f"{server.url}/#stream={added['id']}")
        wait_for_pictures_on_screen(page, page.locator("[data-testid=tile]:not([hidden])"), 45, camera.drew)
        modes = {
            (output["mode"], output["publisher_running"])
            for output in server.api.get("api/streams/runtime/outputs")["outputs"]
            if output["transmission_id"] == added["id"]
        }
        assert modes == {("copy", True)}


@pytest.fixture
def stream_of_demo(server):
    """So that the page does not begin with the first run."""
    return server.api.add_stream("demo:", path="demo", name="Demo")


def test_a_camera_is_added_although_its_test_fails_when_one_insists(server, stream_of_demo, page):
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("camera-add").click()
    page.get_by_test_id("camera-name").fill("Yard")
    page.get_by_test_id("camera-url").fill(bad_cameras.refusing_url())
    page.get_by_test_id("camera-sheet").locator("summary").click()
    page.get_by_test_id("camera-sound-track").fill("17")
    save = page.get_by_test_id("camera-save")
    save.click()
    page.get_by_text("A whole number from 1 to 16.").wait_for(timeout=5000)
    page.get_by_test_id("camera-sound-track").fill("2")
    page.get_by_test_id("camera-microphone").fill("alsa:file:/tmp/x")
    save.click()
    page.get_by_text("Write a microphone of this computer as ALSA calls it").wait_for(timeout=10_000)
    page.get_by_test_id("camera-microphone").fill("alsa:default")
    save.click()
    page.get_by_test_id("camera-test-message").wait_for(timeout=40_000)
    assert save.inner_text() == "Add it anyway" and len(server.api.get("api/cameras")) == 1
    save.click()
    page.get_by_test_id("camera-sheet").wait_for(state="detached", timeout=10_000)
    cameras = [(camera["name"], camera["sound_track"], camera["microphone"]) for camera in server.api.get("api/cameras")]
    assert cameras == [("Camera demo", None, None), ("Yard", 2, "alsa:default")]
    # All lists have one order.
    names = page.get_by_test_id("section-transmissions").locator(".row-title")
    processes.wait_until(lambda: names.all_inner_texts() == ["Demo", "Yard"], 10, "both transmissions")


def test_a_deleted_camera_leaves_no_dead_tile(server, stream_of_demo, page):
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("camera-delete").click()
    assert page.get_by_test_id("camera-delete-also").is_checked()
    page.get_by_test_id("confirm-yes").click()
    page.get_by_text("“Camera demo” was deleted.").wait_for(timeout=10_000)
    assert server.api.get("api/streams/transmissions") == []
    page.goto(server.url)
    page.get_by_test_id("streams-empty").wait_for(timeout=10_000)
    page.get_by_test_id("streams-add-camera").click()
    page.get_by_test_id("first-run").wait_for(timeout=10_000)
    assert page.evaluate("document.activeElement.dataset.testid") == "camera-name"


def test_a_change_of_what_was_changed_meanwhile_is_refused(server, stream_of_demo, page):
    path = f"api/streams/transmissions/{stream_of_demo.transmission_id}"
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("transmission-edit").click()
    page.get_by_test_id("transmission-name").fill("Mine")
    server.api.put(path, server.api.get(path) | {"name": "Theirs"})
    page.get_by_test_id("transmission-save").click()
    page.get_by_test_id("form-problem").get_by_text("changed meanwhile").wait_for(timeout=10_000)
    assert server.api.get(path)["name"] == "Theirs"


def test_codec_and_b_frames_are_chosen_for_an_output(server, stream_of_demo, page):
    path = f"api/streams/transmissions/{stream_of_demo.transmission_id}"
    server.api.put(path, server.api.get(path) | {"outputs": [{"protocol": "rtsp"}]})
    page.goto(f"{server.url}/settings.html")
    page.get_by_test_id("transmission-edit").click()
    page.locator("[data-testid=output] details summary").first.click()
    profile, b_frames = page.get_by_test_id("output-profile"), page.get_by_test_id("output-max-b-frames")
    page.get_by_test_id("output-codec").select_option("h264")
    assert profile.is_visible()
    page.get_by_test_id("output-codec").select_option("h265")
    assert not profile.is_visible()
    b_frames.fill("2")
    page.get_by_test_id("output-metadata").check()
    page.get_by_test_id("transmission-save").click()
    page.get_by_test_id("transmission-sheet").wait_for(state="detached", timeout=10_000)
    (output,) = server.api.get(path)["outputs"]
    assert (output["codec"], output["max_b_frames"], output["profile"]) == ("h265", 2, None)
    assert output["metadata"]
    # What WebRTC rules out is told at its field.
    page.get_by_test_id("transmission-edit").click()
    page.locator("[data-testid=output] details summary").first.click()
    page.get_by_test_id("output-protocol-webrtc").check(force=True)
    assert not b_frames.is_visible()
    page.get_by_test_id("transmission-save").click()
    page.get_by_text("Few browsers take H.265 by WebRTC").first.wait_for(timeout=10_000)
    assert server.api.get(path)["outputs"] == [output]


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
    state.get_by_text("Running", exact=True).wait_for(timeout=10_000)
    page.get_by_test_id("engine-stop").click()
    state.get_by_text("Stopped").wait_for(timeout=10_000)
    assert streaming.api.get("api/streams/engine/status")["running"] is False
    page.get_by_test_id("engine-start").click()
    state.get_by_text("Running", exact=True).wait_for(timeout=10_000)
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


def test_what_is_changed_while_webrtc_is_saved_is_not_lost(streaming, page):
    held = []

    def hold_the_first(route):
        if route.request.method == "PATCH" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/streams/settings", hold_the_first)
    page.goto(f"{streaming.url}/settings.html")
    form = page.get_by_test_id("webrtc")
    form.locator("summary").click()
    page.get_by_test_id("webrtc-add").click()
    page.get_by_test_id("webrtc-url").fill("stun:stun.example.org")
    with page.expect_request(lambda request: request.method == "PATCH"):
        page.get_by_test_id("webrtc-save").click()
    page.get_by_test_id("webrtc-url").fill("stun:other.example.org")
    assert page.get_by_test_id("webrtc-save").is_disabled(), "two would be saved at once"
    page.get_by_test_id("webrtc-remove").click()
    held[0].continue_()
    page.get_by_text("The WebRTC settings were saved.").wait_for(timeout=10_000)
    form.get_by_test_id("unsaved").wait_for(timeout=5000)
    assert page.get_by_test_id("webrtc-url").count() == 0
    with page.expect_response(lambda response: response.request.method == "PATCH"):
        page.get_by_test_id("webrtc-save").click()
    form.get_by_test_id("unsaved").wait_for(state="hidden", timeout=5000)
    assert streaming.api.get("api/streams/settings")["engine"]["webrtc_ice_servers"] == []


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
    changed = [shown | {"username": "you"}]
    processes.wait_until(lambda: stored()["webrtc_ice_servers"] == changed, 10, "the changed server")
    page.get_by_test_id("webrtc-remove").click()
    page.get_by_test_id("webrtc-save").click()
    processes.wait_until(lambda: stored()["webrtc_ice_servers"] == [], 10, "no server")
    assert_quiet(page)


def test_srt_is_set_up(streaming, page):
    page.goto(f"{streaming.url}/settings.html")
    page.get_by_test_id("srt").locator("summary").click()
    page.get_by_test_id("srt-latency").fill("10")
    page.get_by_test_id("srt-save").click()
    page.get_by_text("A whole number from 20 to 8000.").wait_for(timeout=5000)
    page.get_by_test_id("srt-latency").fill("500")
    page.get_by_test_id("srt-encrypted").check()
    page.get_by_test_id("srt-save").click()
    page.get_by_text("Write a passphrase.").wait_for(timeout=5000)
    page.get_by_test_id("srt-passphrase").fill("too-short")
    page.get_by_test_id("srt-save").click()
    page.get_by_text("A passphrase of SRT has 10 to 79 characters.").wait_for(timeout=5000)
    page.get_by_test_id("srt-passphrase").fill("ten-or-more")
    page.get_by_test_id("srt-save").click()
    page.get_by_text("The SRT settings were saved.").wait_for(timeout=10_000)
    stored = lambda: streaming.api.get("api/streams/settings")["engine"]["srt"]  # noqa: E731
    assert stored() == {"passphrase_set": True, "latency_ms": 500}
    assert page.get_by_test_id("srt-passphrase").input_value() == ""
    page.get_by_test_id("srt-encrypted").uncheck()
    page.get_by_test_id("srt-save").click()
    processes.wait_until(lambda: not stored()["passphrase_set"], 10, "a passphrase that is taken away")
    assert_quiet(page)


def test_multicast_is_set_up(stream, streaming, page):
    page.goto(f"{streaming.url}/settings.html")
    page.get_by_test_id("multicast").locator("summary").click()
    page.get_by_test_id("multicast-enabled").check()
    page.get_by_test_id("multicast-source-specific").check()
    page.get_by_test_id("multicast-ttl").fill("256")
    page.get_by_test_id("multicast-save").click()
    page.get_by_text("A whole number from 1 to 255.").wait_for(timeout=5000)
    page.get_by_test_id("multicast-ttl").fill("2")
    page.get_by_test_id("multicast-save").click()
    # The groups are still those of any source.
    page.get_by_text("Choose a range of them").wait_for(timeout=5000)
    page.get_by_test_id("multicast-range").fill("232.255.42.0/24")
    page.get_by_test_id("multicast-interface").fill("lo")
    page.get_by_test_id("multicast-announce").check()
    page.get_by_test_id("multicast-save").click()
    page.get_by_text("The multicast settings were saved.").wait_for(timeout=10_000)
    assert streaming.api.get("api/streams/settings")["engine"]["multicast"] == {
        "enabled": True, "range": "232.255.42.0/24", "ttl": 2, "port": 5004, "source_specific": True, "interface": "lo",
        "announce": True,
    }  # fmt: skip
    page.get_by_text("because the engine is not reachable from the network").wait_for(timeout=10_000)
    assert_quiet(page)
