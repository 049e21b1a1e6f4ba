"""The Streams page as a person sees it: every picture is read off the screen."""

import contextlib
import io
import os
import signal
import time

import numpy as np
import pytest
from PIL import Image

from rig import counter, processes
from rig.browser import counter_on_screen, luma_on_screen, wait_for_pictures_on_screen
from rig.camera import Camera
from rig.server import uses_mediamtx

# Says that the page is in the background, or in front again; headless browsers show every page.
SET_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
FOCUS = "document.activeElement?.closest('[data-testid]')?.dataset.testid ?? document.activeElement?.tagName"


def tile(page, stream):
    return page.locator(f"[data-testid=tile][data-transmission='{stream.transmission_id}']")


def until(page, condition, timeout: float, what: str):
    """Waits with the browser's own clock, or else its events would wait as well."""
    return processes.wait_until(lambda: page.wait_for_timeout(100) or condition(), timeout, what, interval=0)


def page_hash(page) -> str:
    """As the page has it now: `page.url` follows with the browser's next message."""
    return page.evaluate("location.hash")


def focus_is_in(page, stream) -> bool:
    return tile(page, stream).evaluate("tile => tile.contains(document.activeElement)")


@pytest.fixture
def two(streaming, camera):
    """Two streams of cameras that can be told apart on the screen, and the cameras."""
    with Camera(counter_start=0x800000) as other:
        yield [
            (streaming.api.add_stream(camera.url, path="front", name="Front door"), camera),
            (streaming.api.add_stream(other.url, path="back", name="Back door"), other),
        ]


def see(page, pair, timeout: float = 30):
    stream, camera = pair
    return wait_for_pictures_on_screen(page, tile(page, stream), timeout, camera.drew)


@pytest.mark.parametrize("size", [(1280, 800), (360, 780)], ids=["desk", "phone"])
def test_pictures_and_names_are_on_the_screen(streaming, two, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(streaming.url)
    for pair in two:
        see(page, pair)
    names = page.get_by_test_id("tile-name")
    # The oldest first, as in the settings.
    assert names.all_inner_texts() == ["Front door", "Back door"]
    assert names.evaluate_all("names => names.map(name => getComputedStyle(name).opacity)") == ["1", "1"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.console == []


def test_pages_are_turned_by_buttons_and_keys_and_keep_the_focus(streaming, two, page):
    page.goto(streaming.url)
    page.get_by_test_id("layout-one").check(force=True)
    see(page, two[0])
    page.get_by_test_id("page-next").click()
    see(page, two[1])
    assert page.get_by_test_id("page-position").inner_text() == "2 / 2"
    assert page.evaluate(FOCUS) == "page-previous", "the button for the next page is switched off"
    tile(page, two[1][0]).get_by_test_id("tile-open").focus()
    page.keyboard.press("ArrowLeft")
    see(page, two[0])
    assert focus_is_in(page, two[0][0])
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    see(page, two[1])
    assert focus_is_in(page, two[1][0]) and two[1][0].transmission_id in page_hash(page)
    page.keyboard.press("Escape")
    assert not page_hash(page) and focus_is_in(page, two[1][0])


def swipe(page, start: int, end: int, y: int):
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *places: float):
        points = [{"x": x, "y": y} for x in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for step in range(1, 6):
        touch("touchMove", start + (end - start) * step / 5)
    touch("touchEnd")


def test_a_swipe_turns_the_page_and_the_tap_after_it_counts(streaming, two, browser):
    with contextlib.closing(browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True)) as context:
        page = context.new_page()
        page.goto(streaming.url)
        page.get_by_test_id("layout-one").check(force=True)
        see(page, two[0])
        swipe(page, 300, 60, 380)
        see(page, two[1])
        box = tile(page, two[1][0]).bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        until(page, lambda: two[1][0].transmission_id in page_hash(page), 2, "the stream alone after one tap")


def test_a_tap_shows_what_can_be_done_and_another_hides_it(streaming, stream, camera, browser):
    with contextlib.closing(browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True)) as context:
        page = context.new_page()
        page.goto(f"{streaming.url}/#stream={stream.transmission_id}")
        see(page, (stream, camera))
        shown = lambda: tile(page, stream).get_attribute("data-overlay") == "shown"  # noqa: E731
        until(page, lambda: not shown(), 5, "the picture alone")
        for expected in (True, False):
            tile(page, stream).get_by_test_id("tile-open").tap()
            until(page, lambda: shown() is expected, 2, f"controls that are shown: {expected}")  # noqa: B023


def test_turning_the_phone_keeps_the_camera_in_sight(streaming, page):
    streams = [streaming.api.add_stream("demo:", path=f"demo{index}", name=f"Demo {index}") for index in range(5)]
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(streaming.url)
    page.get_by_test_id("page-next").click()
    tile(page, streams[3]).wait_for(timeout=5000)
    assert not tile(page, streams[0]).is_visible()
    for size in ({"width": 700, "height": 390}, {"width": 390, "height": 700}):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        tile(page, streams[3]).wait_for(timeout=5000)


def test_full_screen_goes_on_to_the_next_stream(streaming, two, page):
    page.goto(streaming.url)
    see(page, two[0])
    tile(page, two[0][0]).get_by_test_id("tile-open").focus()
    page.keyboard.press("f")
    until(page, lambda: page.evaluate("document.fullscreenElement !== null"), 5, "the full screen")
    see(page, two[0])
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.fullscreenElement !== null")
    see(page, two[1])
    page.keyboard.press("f")
    until(page, lambda: page.evaluate("document.fullscreenElement === null"), 5, "the page")
    for pair in two:
        see(page, pair)
    assert focus_is_in(page, two[1][0])


def test_closing_the_floating_window_of_a_hidden_page_ends_the_stream(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, (stream, camera))
    tile(page, stream).hover()
    page.get_by_test_id("tile-pip").click()
    until(page, lambda: page.evaluate("document.pictureInPictureElement !== null"), 5, "the floating window")
    page.evaluate(SET_HIDDEN, True)
    page.wait_for_timeout(4500)
    assert stream.publishing(), "it is still looked at"
    page.evaluate("document.exitPictureInPicture()")
    # MediaMTX notices only by its silence that a viewer of HLS is gone.
    until(page, lambda: not stream.publishing(), 15 + 1 if uses_mediamtx() else 12, "the end of the stream")
    page.evaluate(SET_HIDDEN, False)
    see(page, (stream, camera))


def test_a_snapshot_is_the_picture_of_now(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, (stream, camera))
    tile(page, stream).hover()
    with page.expect_download() as download:
        page.get_by_test_id("tile-snapshot").click()
    assert download.value.suggested_filename.startswith("Stream front ")
    picture = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert picture.size == (640, 360)
    shot = counter.read(np.asarray(picture.convert("L")))
    assert camera.drew(shot) and camera.counter_at(time.monotonic()) - shot < 10 * camera.options.fps


def test_a_frozen_picture_is_not_called_live(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, (stream, camera))
    state = page.get_by_test_id("tile-state")
    until(page, lambda: state.inner_text() == "Live", 5, "a stream that is live")
    engine = streaming.only("engine")
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        # What the player has in hand goes on for a moment.
        until(page, lambda: state.inner_text() != "Live", 9, "a state that is true")
    finally:
        os.kill(engine.pid, signal.SIGCONT)
    see(page, (stream, camera), 40)


def test_no_signal_is_told_with_the_time_that_the_picture_says(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, (stream, camera))
    camera.unplug()
    state = page.get_by_test_id("tile-state")
    until(page, lambda: "No signal since" in state.inner_text(), 15, "the lost camera")
    since = next(output["no_signal_since_unix"] for output in stream.outputs())
    assert state.inner_text() == f"No signal since {time.strftime('%H:%M:%S', time.localtime(since))}"
    notice = page.get_by_test_id("tile-notice").inner_text()
    assert "is away" in notice and "manual" not in notice
    page.reload()
    until(page, lambda: state.inner_text().endswith(time.strftime("%H:%M:%S", time.localtime(since))), 20, "the same time")
    camera.plug()
    see(page, (stream, camera))
    until(page, lambda: state.inner_text() == "Live", 5, "a stream that is live")


def test_a_placeholder_is_not_called_live(streaming, page):
    """A camera that accepts connections and says nothing: the stream plays, and shows "connecting"."""
    with Camera() as silent:
        silent.freeze()
        stream = streaming.api.add_stream(silent.url, path="front")
        page.goto(streaming.url)
        element = tile(page, stream)
        until(page, lambda: element.get_attribute("data-playing") == "yes", 30, "the placeholder")
        seen = {element.get_attribute("data-state") for _ in range(20) if page.wait_for_timeout(100) is None}
        assert "live" not in seen
        assert page.get_by_test_id("tile-state").evaluate("state => getComputedStyle(state).opacity") == "1"
        silent.thaw()


@pytest.mark.builtin_engine
def test_a_player_that_goes_is_no_viewer_any_more(streaming, two, page):
    stream, camera = two[0]
    page.goto(streaming.url)
    see(page, two[0])
    for layout in ("one", "four", "one", "auto"):
        page.get_by_test_id(f"layout-{layout}").check(force=True)
        page.wait_for_timeout(1500)
    see(page, two[0])
    until(page, lambda: [pair[0].viewers() for pair in two] == [1, 1], 4, "one viewer each")
    page.goto("about:blank")
    left = time.monotonic()
    until(page, lambda: not any(pair[0].publishing() for pair in two), 12, "the end of the encoders")
    assert time.monotonic() - left < 8, "the drain is 3 s"
    assert stream.viewers() == 0


def test_a_server_that_is_away_is_told_and_comes_back(streaming, stream, camera, make_server, page):
    page.goto(streaming.url)
    see(page, (stream, camera))
    port = int(streaming.url.rsplit(":", 1)[1])
    assert streaming.stop() == 0
    banner = page.get_by_test_id("connection-banner")
    banner.get_by_text("The server does not answer").wait_for(timeout=15_000)
    again = make_server(data_dir=streaming.data_dir, port=port).start()
    again.wait_for_engine()
    see(page, (stream, camera), 40)
    # Pictures may be back before the page has asked again.
    banner.wait_for(state="hidden", timeout=15_000)


def test_an_error_of_the_server_is_not_called_an_absence(streaming, stream, page):
    page.route("**/runtime/outputs", lambda route: route.fulfill(status=500, json={"detail": "The disk is full."}))
    page.goto(streaming.url)
    banner = page.get_by_test_id("connection-banner")
    banner.get_by_text("The disk is full.").wait_for(timeout=10_000)
    assert "does not answer" not in banner.inner_text()
    page.unroute("**/runtime/outputs")
    banner.wait_for(state="hidden", timeout=15_000)


def test_a_link_that_makes_no_sense_shows_all(streaming, stream, camera, page):
    page.goto(f"{streaming.url}/#stream=%E0")
    see(page, (stream, camera))
    assert not page.get_by_test_id("connection-banner").is_visible()


def test_details_are_reached_by_keyboard_on_a_phone(streaming, stream, camera, page):
    page.set_viewport_size({"width": 360, "height": 500})
    page.goto(f"{streaming.url}/#stream={stream.transmission_id}")
    see(page, (stream, camera))
    tile(page, stream).hover()
    page.get_by_test_id("tile-detail").click()
    facts = page.get_by_test_id("detail-facts")
    shown = int(facts.locator("dt:text-is('Frames') + dd").inner_text().split()[0].replace(",", ""))
    assert shown > 0
    body = page.locator("[data-testid=detail] .sheet-body")
    assert body.evaluate("body => body.scrollHeight > body.clientHeight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    until(page, lambda: body.evaluate("body => body.scrollTop") > 0, 2, "the end of the sheet")


def test_what_did_not_arrive_from_a_camera_is_in_the_details(streaming, stream, camera, page):
    def lossy(route):
        answer = route.fetch()
        losses = {"camera_packets_lost": 12, "camera_pictures_broken": 3}
        outputs = answer.json()
        outputs["outputs"] = [output | losses for output in outputs["outputs"]]
        route.fulfill(response=answer, json=outputs)

    # Without its events, the page asks.
    page.route("**/api/events", lambda route: route.abort())
    page.route("**/runtime/outputs", lossy)
    page.goto(f"{streaming.url}/#stream={stream.transmission_id}")
    see(page, (stream, camera))
    tile(page, stream).hover()
    page.get_by_test_id("tile-detail").click()
    page.get_by_test_id("detail-facts").get_by_text("12 packets, 3 pictures").wait_for(timeout=15_000)


def test_both_pages_speak_the_chosen_language(streaming, stream, camera, page):
    page.goto(f"{streaming.url}/settings.html")
    page.get_by_test_id("language").select_option("pt")
    page.get_by_role("heading", name="Câmeras").wait_for(timeout=10_000)
    page.goto(streaming.url)
    see(page, (stream, camera))
    assert page.evaluate("document.documentElement.lang") == "pt"
    until(page, lambda: page.get_by_test_id("tile-state").inner_text() == "Ao vivo", 5, "the state in Portuguese")


def test_an_invisible_video_is_noticed(streaming, stream, camera, page):
    """What the other tests rely on: they look at the screen, not at the element."""
    page.goto(streaming.url)
    see(page, (stream, camera))
    page.get_by_test_id("tile-video").evaluate("video => video.style.setProperty('opacity', 0, 'important')")
    page.wait_for_timeout(500)
    assert counter_on_screen(page, tile(page, stream)) is None
    assert luma_on_screen(page, tile(page, stream)).mean() < 60
