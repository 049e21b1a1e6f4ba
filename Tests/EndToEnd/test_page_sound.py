"""Sound on the Streams page, as it is heard and as its buttons tell it; and pictures, which go on without."""

import concurrent.futures
import contextlib
import statistics
import time

import pytest

from rig import flashes, processes
from rig.browser import launch, wait_for_pictures_on_screen
from rig.camera import Camera
from rig.heard import Listener
from rig.whep import WHEPServer
from test_same_origin_media import offer_webrtc

pytestmark = pytest.mark.alone

COPY = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
# Says that the page is in the background, or in front again; headless browsers show every page.
SET_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""
# Says by itself when a picture plays without the sound that is wanted.
SAY_WHEN_REFUSED = """new MutationObserver(() => {
    if (document.querySelector("[data-sound=refused][data-playing=yes]")) console.info("refused");
}).observe(document, {subtree: true, childList: true, attributes: true});"""
PICTURES = "video => video.getVideoPlaybackQuality().totalVideoFrames"


class Tile:
    def __init__(self, page, stream):
        self._page = page
        self.place = page.locator(f"[data-testid=tile][data-transmission='{stream.transmission_id}']")
        self.video = self.place.get_by_test_id("tile-video")
        self.button = self.place.get_by_test_id("tile-sound")

    def until(self, condition, timeout: float, what: str):
        """Waits with the browser's own clock, or else its events would wait as well."""
        return processes.wait_until(lambda: self._page.wait_for_timeout(50) or condition(), timeout, what, interval=0)

    def wait_until_live(self, timeout: float = 30) -> "Tile":
        self.until(lambda: self.place.get_attribute("data-state") == "live", timeout, "a stream that is live")
        return self

    def press(self) -> None:
        self.place.hover()
        self.button.click()

    @property
    def is_muted(self) -> bool:
        return self.video.evaluate("video => video.muted")

    @property
    def is_pressed(self) -> bool:
        return self.button.get_attribute("aria-pressed") == "true"

    def expect_pictures(self, count: int = 25) -> None:
        """Waits until so many more pictures were decoded without a new beginning."""
        before = self.video.evaluate(PICTURES)
        self.until(lambda: self.video.evaluate(PICTURES) >= before + count, 10, "pictures that go on")

    def hears(self, listener: Listener, count: int = 3) -> None:
        before = len(listener.tones)
        self.until(lambda: len(listener.tones) >= before + count, 20, f"{count} tones")

    def hears_nothing(self, listener: Listener) -> None:
        """Nothing is heard while three flashes are seen, after what was on its way."""
        self._page.wait_for_timeout(500)
        tones, flashes_seen = len(listener.tones), len(listener.flashes)
        self.until(lambda: len(listener.flashes) >= flashes_seen + 3, 20, "three flashes")
        assert len(listener.tones) == tones


@pytest.fixture
def two(streaming):
    """Two streams with sound of their own."""
    with Camera(source="flash", sound="aac") as front, Camera(source="flash", sound="aac") as back:
        yield [
            streaming.api.add_stream(front.url, path="front", encoding=COPY),
            streaming.api.add_stream(back.url, path="back", encoding=COPY),
        ]


@pytest.mark.parametrize("mode", ["copy", "encode"])
def test_tones_are_heard_in_step_with_flashes_once_the_sound_is_turned_on(streaming, page, mode, tmp_path):
    with Camera(source="flash", sound="aac") as camera:
        encoding = {"copy": COPY, "encode": {"resolution": {"width": 320, "height": 180}}}[mode]
        stream = streaming.api.add_stream(camera.url, encoding=encoding)
        page.goto(streaming.url)
        tile = Tile(page, stream).wait_until_live()
        listener = Listener(tile.video)
        assert tile.is_muted and not tile.is_pressed
        tile.hears_nothing(listener)
        page.keyboard.press("m")
        assert tile.is_pressed
        # What an encoder of sound puts before the first of it, no clock can tell.
        enough = lambda seen, tones: len(seen) >= 5 and len(tones) >= 5  # noqa: E731
        with concurrent.futures.ThreadPoolExecutor() as pool:
            direct = pool.submit(flashes.watch, camera.url, tmp_path, 12, may_step=True, until=enough)
            tile.hears(listener, 12)
            seen, tones = direct.result()
        own = statistics.median(min((tone - flash for tone in tones), key=abs) for flash in seen[1:-1])
        heard = statistics.median(listener.offsets()[-8:])
        print(f"{mode}: {1000 * (heard - own):.0f} ms later than the camera's own {1000 * own:.0f} ms")
        assert abs(heard - own) <= 0.04, (own, listener.offsets())
        assert {output["mode"] for output in stream.outputs()} == {mode}
        page.keyboard.press("m")
        assert not tile.is_pressed
        tile.hears_nothing(listener)
        assert page.console == []


def test_one_stream_is_heard_at_a_time_and_is_heard_again_after_a_reload(streaming, two, page):
    page.goto(streaming.url)
    front, back = (Tile(page, stream).wait_until_live() for stream in two)
    listeners = [Listener(tile.video) for tile in (front, back)]
    front.press()
    front.hears(listeners[0])
    back.press()
    assert (front.is_pressed, back.is_pressed) == (False, True)
    front.hears_nothing(listeners[0])
    back.hears(listeners[1])
    back.place.hover()
    slider = back.place.get_by_test_id("tile-volume")
    slider.fill("0.4")
    page.reload()
    front, back = (Tile(page, stream).wait_until_live() for stream in two)
    assert (front.is_pressed, back.is_pressed) == (False, True)
    assert back.video.evaluate("video => video.volume") == 0.4
    back.hears(Listener(back.video))
    # At its left end nothing is heard, and what comes next is as loud as before.
    back.place.hover()
    slider.fill("0")
    assert back.is_muted and not back.is_pressed
    back.press()
    assert back.is_pressed and back.video.evaluate("video => video.volume") == 0.4


def test_sound_goes_on_to_the_stream_that_is_shown_and_ends_when_it_is_left(streaming, two, page):
    page.goto(f"{streaming.url}/#stream={two[0].transmission_id}")
    front, back = (Tile(page, stream) for stream in two)
    front.wait_until_live()
    front.press()
    assert not front.is_muted
    page.keyboard.press("ArrowRight")
    back.wait_until_live()
    back.until(lambda: back.is_pressed and not back.is_muted and front.is_muted, 5, "the sound of the next stream")
    page.evaluate(SET_HIDDEN, True)
    assert back.is_muted, "nobody sees it any more"
    page.evaluate(SET_HIDDEN, False)
    assert not back.is_muted
    page.keyboard.press("Escape")
    front.wait_until_live()
    front.until(lambda: not front.is_muted and back.is_muted, 5, "the sound where it was turned on")
    front.place.hover()
    front.place.get_by_test_id("tile-pip").click()
    front.until(lambda: page.evaluate("document.pictureInPictureElement !== null"), 5, "the floating window")
    page.evaluate(SET_HIDDEN, True)
    front.expect_pictures()
    assert not front.is_muted, "it floats above other windows"
    page.evaluate("document.exitPictureInPicture()")
    front.until(lambda: front.is_muted, 5, "silence")


def test_a_browser_that_refuses_sound_shows_the_picture_until_it_is_touched(streaming, two, browser):
    with contextlib.closing(launch(browser.browser_type, plays_sound_unasked=False)) as strict:
        context = strict.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(streaming.url)
        tile = Tile(page, two[0]).wait_until_live()
        tile.press()
        assert tile.is_pressed and not tile.is_muted
        # Not a reload, which counts as the page that was touched; so does whatever a test asks a page.
        page.close()
        context.add_init_script(SAY_WHEN_REFUSED)
        page = context.new_page()
        with page.expect_console_message(lambda message: message.text == "refused", timeout=30_000):
            page.goto(streaming.url)
        tile = Tile(page, two[0])
        assert tile.button.inner_text() == "Tap for sound"
        assert tile.is_muted and not tile.is_pressed
        tile.wait_until_live().expect_pictures(50)
        # It is in sight, whether or not somebody moves the mouse.
        assert tile.button.is_visible()
        tile.button.click()
        tile.until(lambda: tile.is_pressed and not tile.is_muted, 2, "sound")
        tile.hears(Listener(tile.video))


def test_a_stream_without_sound_has_no_button_and_says_why(streaming, camera, page):
    with Camera(source="flash", sound="aac") as loud, Camera(source="flash", sound="mp3") as other:
        silent = streaming.api.add_stream(camera.url, path="front")
        off = streaming.api.add_stream(loud.url, path="back", encoding={"audio": "off"})
        # By hls.js, Chromium plays it out of step at best.
        mp3 = streaming.api.add_stream(other.url, path="street", encoding=COPY | {"audio": "copy"})
        page.goto(streaming.url)
        for stream, reason in (
            (silent, "This camera sends no sound."),
            (off, "Sound is off for this output."),
            (mp3, "This browser does not play this sound. As the camera sends it: MP3."),
        ):
            tile = Tile(page, stream).wait_until_live()
            tile.place.hover()
            assert not tile.button.is_visible()
            tile.place.get_by_test_id("tile-detail").click()
            fact = page.get_by_test_id("detail-facts").locator("dt:text-is('Sound') + dd")
            tile.until(lambda: fact.inner_text() == reason, 5, f"{reason!r} in the details")
            assert not page.get_by_test_id("detail-volume").is_visible()
            page.get_by_test_id("detail-close").click()
            tile.place.get_by_test_id("tile-open").focus()
            page.keyboard.press("m")
            assert tile.is_muted


def test_the_volume_is_set_in_the_details_and_by_what_the_browser_shows_itself(streaming, two, page):
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(f"{streaming.url}/#stream={two[0].transmission_id}")
    tile = Tile(page, two[0]).wait_until_live()
    tile.place.hover()
    assert not tile.place.get_by_test_id("tile-volume").is_visible(), "there is no room for it"
    tile.place.get_by_test_id("tile-detail").click()
    fact = page.get_by_test_id("detail-facts").locator("dt:text-is('Sound') + dd")
    tile.until(lambda: fact.inner_text().endswith(" kb/s."), 5, "what is sent")
    assert fact.inner_text().startswith("As the camera sends it: AAC, 48 kHz, mono, ")
    page.get_by_test_id("detail-volume").fill("0.6")
    assert tile.is_pressed and tile.video.evaluate("video => [video.muted, video.volume]") == [False, 0.6]
    page.get_by_test_id("detail-close").click()
    # As the full screen of an iPhone does.
    for muted in (True, False):
        tile.video.evaluate("(video, muted) => { video.muted = muted; }", muted)
        tile.until(lambda: tile.is_pressed is not muted, 2, "a button that follows")
        assert tile.is_muted is muted


@pytest.mark.builtin_engine
def test_a_camera_whose_sound_stops_for_ten_seconds_is_seen_all_the_while(streaming, page):
    with Camera(source="flash", sound="aac") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url, encoding=COPY)
        page.goto(streaming.url)
        tile = Tile(page, stream).wait_until_live()
        listener = Listener(tile.video)
        tile.press()
        tile.hears(listener, 3)
        began, pictures, heard = time.monotonic(), tile.video.evaluate(PICTURES), len(listener.tones)
        camera.mute()

        def unmute():
            time.sleep(10)
            camera.mute(False)
            return time.monotonic() - began

        away = pool.submit(unmute)
        # Of what was on its way, one more may have been heard.
        tile.until(lambda: away.done() and len(listener.tones) >= heard + 5, 30, "the sound")
        # A transport that begins anew counts anew.
        assert tile.video.evaluate(PICTURES) >= pictures + away.result() * 20
        gaps = [later - earlier for earlier, later in zip(listener.tones, listener.tones[1:])]
        assert 9 <= max(gaps) <= away.result() + 3, listener.tones
        before, after = (statistics.median(part) for part in (listener.offsets()[:3], listener.offsets()[-3:]))
        assert abs(after - before) <= 0.04, listener.offsets()


@pytest.mark.builtin_engine
@pytest.mark.parametrize("has_sound", [True, False])
def test_webrtc_brings_sound_and_tells_whether_it_has_any(streaming, stream, page, has_sound):
    with WHEPServer(has_sound=has_sound) as engine:
        offer_webrtc(page)
        engine.serve(page)
        page.goto(streaming.url)
        tile = Tile(page, stream).wait_until_live()
        wait_for_pictures_on_screen(page, tile.place, 20, engine.drew)
        tile.place.hover()
        assert tile.button.is_visible() is has_sound
        assert tile.is_muted
        if has_sound:
            tile.button.click()
            assert not tile.is_muted
            tile.hears(Listener(tile.video))
        tile.expect_pictures()
