"""The picture that a transmission shows, as a JPEG and on the pages."""

import concurrent.futures
import io
import time

import numpy as np
import pytest
from PIL import Image

from rig import counter, players, processes


def take_still(stream, query: str = "max_age=0&width=640"):
    answer = stream.api.request("GET", f"api/streams/transmissions/{stream.transmission_id}/still.jpg?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.format == "JPEG"
    return picture, answer.headers


def counter_of(picture) -> int | None:
    return counter.read(np.asarray(picture.convert("L").resize((640, 360), Image.Resampling.BILINEAR)))


def test_a_still_of_a_cold_stream_is_the_picture_of_now(streaming):
    stream = streaming.api.add_stream("demo:", path="demo")
    began = time.monotonic()
    picture, headers = take_still(stream)
    taken = time.monotonic()
    assert headers["x-toposync-frame-state"] == "live"
    assert picture.size == (640, 360)
    first = counter_of(picture)
    assert first is not None, "the demo draws its frame counter"
    assert not stream.publishing(), "a still needs no encoder"
    worker = streaming.only("worker")
    time.sleep(1)
    asked = time.monotonic()
    again, _ = take_still(stream)
    # 25 frames a second, by the camera of the same worker: a picture of the time between asking and having it, each time.
    seconds = (counter_of(again) - first) / 25
    assert asked - taken - 0.4 < seconds < time.monotonic() - began + 0.4
    assert streaming.only("worker").pid == worker.pid
    processes.wait_until(lambda: not streaming.living("worker"), 8, "the worker ending after the last still")


def test_a_still_is_cached_and_shared(streaming):
    stream = streaming.api.add_stream("demo:", path="demo")
    _, headers = take_still(stream, "max_age=30&width=320")
    assert headers["Cache-Control"] == "private, max-age=30"
    kept, headers = take_still(stream, "max_age=30&width=320")
    assert 0 < int(headers["Cache-Control"].split("=")[1]) <= 30
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: take_still(stream, "max_age=30&width=320"), range(8)))
    assert {counter_of(picture) for picture, _ in answers} == {counter_of(kept)}


def test_a_still_of_a_watched_copied_camera_disturbs_nothing(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        processes.wait_until(lambda: stream.outputs()[0]["mode"] == "copy", 10, "copying")
        for _ in range(3):
            newest = max(picture.counter for picture in watched.pictures if picture.counter is not None)
            picture, headers = take_still(stream)
            assert headers["x-toposync-frame-state"] == "live"
            seen = counter_of(picture)
            assert camera.drew(seen)
            # The picture of now, though decoding begins at the last keyframe, which is up to a second old: no older than
            # what the viewer had seen before, but for the time that a picture takes.
            assert seen > newest - 8
        before, began = streaming.only("worker").cpu_seconds, time.monotonic()
        time.sleep(3)
        used = (streaming.only("worker").cpu_seconds - before) / (time.monotonic() - began)
        assert used < 0.12, f"copying is free again after the still: {100 * used:.1f} % of a core"
        assert {output["mode"] for output in stream.outputs()} == {"copy"}
        numbers = [picture.counter for picture in watched.pictures if picture.counter is not None]
        assert numbers == sorted(numbers) and watched.running


@pytest.mark.patient
def test_a_still_without_a_picture_is_the_placeholder(stream, streaming, camera):
    live, _ = take_still(stream)
    camera.unplug()
    processes.wait_until(lambda: not streaming.living("worker"), 8, "the worker ending")
    asked = time.monotonic()
    placeholder, headers = take_still(stream)
    assert headers["x-toposync-frame-state"] == "placeholder"
    assert counter_of(placeholder) is None
    assert time.monotonic() - asked < 8
    # Whoever takes an older one gets the camera's last picture.
    time.sleep(max(0, 11 - (time.monotonic() - asked)))
    old, headers = take_still(stream, "max_age=600&width=640")
    assert headers["x-toposync-frame-state"] == "stale" and counter_of(old) == counter_of(live)


def test_a_still_needs_no_output_and_no_engine(server):
    stream = server.api.add_stream("demo:", path="bare", outputs=[])
    server.api.post("api/streams/engine/stop")
    picture, headers = take_still(stream, "width=1280")
    assert headers["x-toposync-frame-state"] == "live" and picture.size == (1280, 720)


def test_a_still_that_cannot_be_had_says_why(stream):
    path = f"api/streams/transmissions/{stream.transmission_id}"
    assert stream.api.request("GET", f"{path}/still.jpg?max_age=4000").status_code == 422
    transmission = stream.api.get(path)
    stream.api.put(path, transmission | {"enabled": False})
    answer = stream.api.request("GET", f"{path}/still.jpg")
    assert answer.status_code == 409 and "switched off" in answer.json()["detail"]
    stream.api.delete(path)
    assert stream.api.request("GET", f"{path}/still.jpg").status_code == 404


NATURAL_WIDTH = "image => image.complete ? image.naturalWidth : 0"


def wait_for_still(page, test_id: str, timeout: float = 20) -> str:
    """Waits until a browser shows a still, and returns its address."""
    still = page.get_by_test_id(test_id).first
    processes.wait_until(lambda: still.evaluate(NATURAL_WIDTH) > 0, timeout, "a still in the page")
    assert still.get_attribute("data-frame") == "live"
    return still.get_attribute("src")


def test_the_settings_page_shows_a_still_of_each_transmission(streaming, page):
    stream = streaming.api.add_stream("demo:", path="demo")
    page.goto(f"{streaming.url}/settings.html")
    wait_for_still(page, "transmission-still")
    # One that does not run is not kept running by its still.
    processes.wait_until(lambda: not streaming.living("worker"), 10, "the worker ending")
    assert "Nobody watches" in page.get_by_test_id("transmission-sentence").inner_text()
    assert not stream.publishing()


def test_a_tile_that_cannot_play_shows_stills_that_are_renewed(streaming, page):
    streaming.api.add_stream("demo:", path="demo", outputs=[{"protocol": "rtsp"}])
    page.goto(streaming.url)
    first = wait_for_still(page, "tile-still")
    processes.wait_until(lambda: page.get_by_test_id("tile-still").get_attribute("src") != first, 15, "the next still")
    wait_for_still(page, "tile-still")
    assert not [line for line in page.console if line.startswith("uncaught") or "Content Security Policy" in line]


def test_a_protected_stream_shows_no_still_on_the_streams_page(streaming, page):
    protected = {"enabled": True, "username": "u", "password": "s3cret"}
    streaming.api.add_stream("demo:", path="demo", outputs=[{"protocol": "rtsp", "authentication": protected}])
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(streaming.url)
    page.get_by_test_id("tile-notice").first.locator("p:visible").first.wait_for(timeout=15_000)
    page.wait_for_timeout(2000)
    assert not [url for url in asked if "still.jpg" in url]
