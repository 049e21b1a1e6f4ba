"""Writes the README's picture when asked by `make screenshot`."""

import os
from pathlib import Path

import pytest

from rig.browser import Watcher
from rig.camera import Camera

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif("TOPOSYNC_SCREENSHOT" not in os.environ, reason="`make screenshot` asks for it")
def test_streams_page_for_the_readme(streaming, page):
    clip = ROOT / ".cache" / "vtest.avi"
    bunny = ROOT / ".cache" / "bigbuckbunny.mp4"
    streaming.api.add_stream("demo:", path="demo", name="Demo picture")
    streaming.api.add_stream(bunny.as_uri(), path="meadow", name="Meadow")
    streaming.api.add_stream(clip.as_uri(), path="front-door", name="Front door")
    with Camera(width=1280, height=720, fps=15) as camera:
        streaming.api.add_stream(camera.url, path="garage", name="Garage")
        page.goto(streaming.url)
        tiles = page.locator("[data-testid=tile-video]")
        tiles.nth(3).wait_for(timeout=30_000)
        page.wait_for_function(
            "[...document.querySelectorAll('[data-testid=tile-video]')].every(v => v.currentTime > 1.5)", timeout=60_000
        )
        Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(30)
        page.screenshot(path=str(ROOT / os.environ["TOPOSYNC_SCREENSHOT"]))
