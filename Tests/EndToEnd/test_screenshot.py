"""Writes the pictures of the documents when asked by `make screenshot`."""

import os
import subprocess
from pathlib import Path

import pytest

from rig import processes
from rig.browser import Watcher
from rig.camera import Camera

ROOT = Path(__file__).parents[2]
ALL_PLAY = "[...document.querySelectorAll('toposync-player')].every(({ video }) => video.currentTime > 1.5)"


def widescreen(start: int, crop: str, file: Path) -> Path:
    """Twenty seconds of a part of the pedestrian clip, as a camera at that place would see it."""
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-ss", str(start), "-t", "20", "-i", ROOT / ".cache" / "vtest.avi",
         "-vf", f"crop={crop},scale=1280:720,fps=25", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50",
         "-bsf:v", "h264_metadata=aud=insert", file],
        stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return file


@pytest.mark.skipif("TOPOSYNC_SCREENSHOT" not in os.environ, reason="`make screenshot` asks for it")
def test_pages_for_the_documents(streaming, page, browser, tmp_path):
    entrance = widescreen(10, "768:432:0:60", tmp_path / "entrance.mp4")
    street = widescreen(40, "480:270:288:0", tmp_path / "street.h264")
    bunny = ROOT / ".cache" / "bigbuckbunny.mp4"
    with Camera(source="clip", clip=str(street)) as camera:
        streaming.api.add_stream("demo:", path="demo", name="Demo picture")
        streaming.api.add_stream(bunny.as_uri(), path="meadow", name="Meadow")
        streaming.api.add_stream(camera.url, path="street", name="Street")
        streaming.api.add_stream(entrance.as_uri(), path="entrance", name="Entrance")
        page.goto(streaming.url)
        tiles = page.get_by_test_id("tile-video")
        tiles.nth(3).wait_for(timeout=30_000)
        # `wait_for_function` evaluates text in the page, which the page's policy forbids.
        processes.wait_until(
            lambda: page.wait_for_timeout(200) or page.evaluate(ALL_PLAY), 60, "four tiles that play", interval=0
        )
        Watcher(page, "[data-testid=tile-video] >> nth=0").wait_for_moving_picture(30)
        # The pointer over a picture shows its name and controls.
        page.get_by_test_id("tile").first.hover()
        page.wait_for_timeout(500)
        folder = ROOT / os.environ["TOPOSYNC_SCREENSHOT"]
        page.screenshot(path=str(folder / "streams.png"))
        page.goto(f"{streaming.url}/settings#transmissions")
        stills = page.locator("[data-testid=transmission-still][src^='blob:']")
        stills.first.wait_for(timeout=30_000)
        # Where the cameras of this test are says nothing to anybody.
        page.evaluate("window.scrollBy(0, 60)")
        stills.nth(3).wait_for(timeout=30_000)
        page.screenshot(path=str(folder / "settings.png"))
        phone = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
        phone.goto(streaming.url)
        tiles = phone.get_by_test_id("tile-video")
        tiles.nth(2).wait_for(timeout=30_000)
        Watcher(phone, "[data-testid=tile-video] >> nth=0").wait_for_moving_picture(30)
        phone.screenshot(path=str(folder / "phone.png"))
        phone.context.close()
