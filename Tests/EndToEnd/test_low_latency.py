"""Low-latency HLS of the built-in engine: in the page, and as players ask for it."""

import re
import time
import urllib.parse

import pytest
import requests

from rig import players, processes
from rig.browser import counter_on_screen, wait_for_pictures_on_screen
from rig.engine import WRITER, Engine

pytestmark = [pytest.mark.builtin_engine, pytest.mark.alone]

# Two segments of a second, and what the player needs itself, would be more.
LATENCY = 2.5


def test_the_page_is_close_behind(streaming, camera, page):
    streaming.api.add_stream(camera.url, encoding={"latency_profile": "low"})
    # Nothing is to be quicker than HLS.
    page.route_web_socket("**/mse", lambda socket: socket.close())
    page.goto(streaming.url)
    tile = page.get_by_test_id("tile")
    wait_for_pictures_on_screen(page, tile, 30, camera.drew)
    assert page.evaluate("performance.getEntriesByType('resource').some(({name}) => name.includes('_HLS_part='))")

    def is_close() -> bool:
        before = time.monotonic()
        counter = counter_on_screen(page, tile)
        page.wait_for_timeout(100)
        return camera.drew(counter) and camera.age(counter, before) < LATENCY

    processes.wait_until(is_close, 20, f"a picture less than {LATENCY} s behind", interval=0)


def test_a_playlist_and_a_part_are_held_until_they_are_there(tmp_path):
    with Engine(tmp_path, "lowLatency") as engine, players.ffmpeg_publisher(engine.rtsp("open", WRITER)):
        engine.wait_for_publisher("open")
        index = requests.get(engine.hls("open"), timeout=20)
        media = urllib.parse.urljoin(index.url, index.text.splitlines()[-1])
        for _ in range(3):
            now = requests.get(media, timeout=10).text
            hint = re.search(r'^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]*_(\d+)_(\d+)\.mp4\?[^"]*)"$', now, re.MULTILINE)
            name, number, part = hint.groups()
            assert f'URI="{name}"' not in now.replace(hint[0], "")
            # Held, and answered with what was asked for, or with the segment that ended before it.
            held = requests.get(media, params={"_HLS_msn": number, "_HLS_part": part, "_HLS_skip": "YES"}, timeout=10)
            assert held.status_code == 200 and f'#EXT-X-PART:DURATION=0.2' in held.text and f'URI="{name}"' in held.text
            following = re.search(r'^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]*)"$', held.text, re.MULTILINE)[1]
            assert following != name
            content = requests.get(urllib.parse.urljoin(media, following), timeout=10)
            assert content.status_code == 200 and content.content[4:8] == b"moof"
        assert requests.get(media, params={"_HLS_msn": int(number) + 9}, timeout=10).status_code == 400
        # Players that know nothing of parts play the segments.
        with players.ffmpeg_hls(engine.hls("open")) as watched:
            watched.wait_for(lambda pictures: len(pictures) >= 30, 20, "30 pictures")
