"""Debian's Chromium driven by Playwright, and the frame counter read from a video element's pixels."""

import base64
import contextlib
import io
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, BrowserType, Locator, Page, sync_playwright

from . import counter

_ARGUMENTS = [
    "--no-sandbox",  # tests run as root in a container
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--allow-loopback-in-peer-connection",  # a network namespace may have nothing else
    "--disable-features=WebRtcHideLocalIpsWithMdns",  # nothing there resolves such names
]

_WIDTH, _HEIGHT = 640, 360

# Returns null before the first picture, else the element's clock and its luma as base64.
_SAMPLE = """
([element, width, height]) => {
    if (!element || element.readyState < 2 || !element.videoWidth) return null;
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", {willReadFrequently: true});
    context.drawImage(element, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data;
    const green = new Uint8Array(width * height);
    for (let i = 0; i < green.length; i++) green[i] = pixels[4 * i + 1];
    let text = "";
    for (let i = 0; i < green.length; i += 0x8000) text += String.fromCharCode(...green.subarray(i, i + 0x8000));
    return {time: element.currentTime, paused: element.paused, width: element.videoWidth,
            height: element.videoHeight, pixels: btoa(text)};
}
"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        try:
            yield browser
        finally:
            browser.close()


def launch(
    chromium_type: BrowserType, plays_sound_unasked: bool = True, executable: str | Path = "/usr/bin/chromium"
) -> Browser:
    """By itself, Chromium plays sound only on a page that was touched."""
    policy = "no-user-gesture-required" if plays_sound_unasked else "document-user-activation-required"
    return chromium_type.launch(executable_path=executable, args=[f"--autoplay-policy={policy}", *_ARGUMENTS])


class Watcher:
    """Looks at the video element that a selector names, as a person looks at the screen."""

    def __init__(self, page: Page, selector: str = "video"):
        self._page, self._selector = page, selector

    def sample(self) -> dict | None:
        element = self._page.query_selector(self._selector)
        if element is None:
            return None
        sample = self._page.evaluate(_SAMPLE, [element, _WIDTH, _HEIGHT])
        if sample is None:
            return None
        luma = np.frombuffer(base64.b64decode(sample.pop("pixels")), np.uint8).reshape(_HEIGHT, _WIDTH)
        return sample | {"counter": counter.read(luma), "mean": float(luma.mean()), "at": time.monotonic()}

    def wait_for_moving_picture(self, timeout: float, accept=None) -> list[dict]:
        """Waits for four samples, each with a later time and a later counter than the one before."""
        accept = accept or (lambda seen: seen is not None)
        deadline = time.monotonic() + timeout
        samples: list[dict] = []
        last = None
        while time.monotonic() < deadline:
            last = self.sample()
            if last and accept(last["counter"]):
                if not samples or (last["time"] > samples[-1]["time"] and last["counter"] > samples[-1]["counter"]):
                    samples.append(last)
                if len(samples) == 4:
                    return samples
            self._page.wait_for_timeout(50)
        raise AssertionError(
            f"no moving picture in {timeout:g} s; {len(samples)} good samples, last {last}; "
            f"the page says: {self._page.inner_text('body')[:500]!r}"
        )


def luma_on_screen(page: Page, place: Locator) -> np.ndarray:
    """What a screenshot of the page shows in the place of an element, as luma: what lies over it is there as well."""
    box = place.bounding_box()
    assert box, "the element has no place on the screen"
    return _luma(page, box)


def _luma(page: Page, box: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("L"))


def counter_on_screen(page: Page, place: Locator) -> int | None:
    """The frame counter that can be read off the screen in the place of an element; None when there is none to be seen.

    An element that is not shown yet has none: a page that is turned takes a moment.
    """
    box = place.bounding_box()
    return counter.read(_luma(page, box)) if box else None


def wait_for_pictures_on_screen(page: Page, place: Locator, timeout: float, accept, count: int = 3) -> list[int]:
    """Waits until so many pictures, each later than the one before, could be read off the screen."""
    deadline = time.monotonic() + timeout
    seen: list[int] = []
    last = None
    while time.monotonic() < deadline:
        last = counter_on_screen(page, place)
        if accept(last) and (not seen or last > seen[-1]):
            seen.append(last)
        if len(seen) == count:
            return seen
        page.wait_for_timeout(50)
    raise AssertionError(
        f"no moving picture on the screen in {timeout:g} s; saw {seen}, last {last}; "
        f"the page says: {page.inner_text('body')[:500]!r}"
    )
