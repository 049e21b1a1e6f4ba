"""The pages in WebKit and Firefox, on a phone and at a desk: set up, watched, and with room for what they say."""

import pytest

from rig import other_browsers, ports, processes
from rig.camera import Camera

PHONE, DESK = (360, 780), (1440, 900)
PICTURES = "return document.querySelector('toposync-player').video.getVideoPlaybackQuality().totalVideoFrames"
SOUND = """const { video } = document.querySelector("toposync-player");
return [video.muted, document.querySelector("[data-testid=tile-sound]").getAttribute("aria-pressed")];"""

# What is wider than the page, and texts that are cut off where nothing says so.
_TOO_WIDE = """
const shown = [...document.querySelectorAll("button, a, label, h1, h2, h3, p, input")]
    .filter(element => element.getClientRects().length > 0 && element.clientWidth > 1);
const style = element => getComputedStyle(element);
const cut = shown.filter(element => element.tagName !== "INPUT" && element.scrollWidth > element.clientWidth + 1
    && style(element).textOverflow !== "ellipsis" && style(element).display !== "inline");
const brush = document.createElement("canvas").getContext("2d");
const isCut = input => {
    brush.font = style(input).font;
    const room = input.clientWidth - parseFloat(style(input).paddingLeft) - parseFloat(style(input).paddingRight);
    return brush.measureText(input.placeholder).width > room + 1;
};
const found = [...cut, ...shown.filter(element => element.placeholder && isCut(element))];
const width = document.documentElement.scrollWidth;
return [...found.map(element => element.outerHTML.slice(0, 160)), ...(width > innerWidth ? [`page: ${width}`] : [])];
"""


@pytest.fixture(params=["webkit", "firefox"])
def window(request, tmp_path):
    if missing := other_browsers.MISSING[request.param]:
        pytest.skip(missing)
    with other_browsers.running(request.param, tmp_path / request.param) as browser:
        yield browser


def wait_for_moving_pictures(window, timeout: float, accept):
    """Waits until every tile on the screen has shown three pictures, each later than the one before."""
    seen: list[list[int]] = []

    def moved():
        counters = window.counters_on_screen("tile")
        seen.extend([] for _ in range(len(counters) - len(seen)))
        for known, found in zip(seen, counters):
            if accept(found) and (not known or found > known[-1]):
                known.append(found)
        return bool(seen) and all(len(known) >= 3 for known in seen)

    processes.wait_until(moved, timeout, f"moving pictures; the page says {window.text()[:300]!r}")


def test_a_newcomer_sets_up_a_camera_and_watches_it(server, camera, window):
    ours = {name: ports.free_port() for name in ("rtsp", "hls", "webrtc", "api")}
    server.api.patch("api/streams/settings", {"engine": {"preferred_ports": ours}})
    window.resize(*DESK)
    window.open(f"{server.url}/settings")
    window.wait_for("first-run")
    assert window.evaluate(_TOO_WIDE) == []
    window.resize(*PHONE)
    assert window.evaluate(_TOO_WIDE) == []
    window.fill("camera-name", "Front door")
    window.fill("camera-url", camera.url)
    window.click("first-run-test")
    window.wait_for("camera-still", 40)
    window.click("first-run-use")
    window.click("first-run-watch", 30)
    window.wait_for("tile")
    wait_for_moving_pictures(window, 60, camera.drew)
    assert window.evaluate(_TOO_WIDE) == []
    window.resize(*DESK)
    wait_for_moving_pictures(window, 30, camera.drew)
    assert window.evaluate(_TOO_WIDE) == []
    for size in (DESK, PHONE):
        window.resize(*size)
        window.open(f"{server.url}/settings")
        window.wait_for("transmission")
        assert "Front door" in window.text()
        assert window.evaluate(_TOO_WIDE) == []


def test_sound_is_turned_on_and_the_picture_goes_on(streaming, window):
    with Camera(source="flash", sound="aac") as camera:
        streaming.api.add_stream(camera.url, encoding={"resolution": None, "fps_limit": None, "bitrate_kbps": None})
        window.resize(*DESK)
        window.open(streaming.url)
        window.wait_for("tile-sound", 60)
        assert window.evaluate(SOUND) == [True, "false"]
        # Keys of the driver are the user's.
        window.fill("tile-open", "m")
        assert window.evaluate(SOUND) == [False, "true"]
        before = window.evaluate(PICTURES)
        processes.wait_until(lambda: window.evaluate(PICTURES) >= before + 50, 20, "pictures that go on")
        assert window.evaluate(SOUND) == [False, "true"]
