"""`serve --demo` on an empty data directory: a newcomer's first minute."""

import pytest

from rig import players
from rig.browser import Watcher
from rig.flashes import watch
from rig.server import uses_mediamtx
from test_camera_sound import are_in_step


@pytest.fixture
def demo(make_server):
    server = make_server("--demo").start()
    server.wait_for_engine()
    return server


def test_demo_plays_on_the_streams_page(demo, page):
    page.goto(demo.url)
    samples = Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(45)
    assert samples[0]["width"] * 9 == samples[0]["height"] * 16
    assert not [line for line in page.console if line.startswith("uncaught") or "Content Security Policy" in line]


def test_demo_transmission_is_there_with_both_protocols(demo):
    (transmission,) = demo.api.get("api/streams/transmissions")
    assert transmission["enabled"]
    assert {output["protocol"] for output in transmission["outputs"]} >= {"rtsp", "hls"}


def test_demo_plays_by_rtsp_with_frames_in_order(demo):
    (transmission,) = demo.api.get("api/streams/transmissions")
    urls = demo.api.get(f"api/streams/transmissions/{transmission['id']}/urls")
    (url,) = {output["url"] for output in urls["outputs"] if output["protocol"] == "rtsp"}
    with players.ffmpeg_rtsp(url) as watched:
        pictures = watched.wait_for_counted(20, count=40)
    numbers = [picture.counter for picture in pictures]
    assert numbers == sorted(numbers) and len(set(numbers)) > 30


def test_demo_sounds_while_its_lamp_is_lit(demo, tmp_path):
    (transmission,) = demo.api.get("api/streams/transmissions")
    urls = demo.api.get(f"api/streams/transmissions/{transmission['id']}/urls")
    (url,) = {output["url"] for output in urls["outputs"] if output["protocol"] == "rtsp"}
    # The lamp is in the middle, below the texts.
    flashes, tones = watch(url, tmp_path, 6, may_step=uses_mediamtx(), show="crop=8:8:in_w/2-4:in_h*19/24-4", loud=-40)
    assert len(tones) >= 3, (flashes, tones)
    after = [min((tone - flash for tone in tones), key=abs) for flash in flashes[1:-1]]
    assert are_in_step(after), after


def test_demo_is_kept_as_it_is_by_a_second_start(demo, make_server):
    (before,) = demo.api.get("api/streams/transmissions")
    assert demo.stop() == 0
    again = make_server("--demo", data_dir=demo.data_dir).start()
    (after,) = again.api.get("api/streams/transmissions")
    assert after["id"] == before["id"]
