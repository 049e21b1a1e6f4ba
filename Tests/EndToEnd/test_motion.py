"""A transmission that shows its camera only while something moves."""

import time

import pytest

from rig import players, processes
from rig.camera import Camera

HOLD = 1.0


@pytest.fixture
def yard():
    """A camera before which nothing moves yet."""
    with Camera(source="yard") as camera:
        yield camera


def wait_for_stillness(stream) -> None:
    def still():
        outputs = stream.outputs()
        return outputs and all(
            (output["message_code"], output["state"]) == ("nothing_moves", "working") for output in outputs
        )

    processes.wait_until(still, 20, "word that nothing moves")


def test_the_camera_is_shown_while_something_moves(streaming, yard):
    stream = streaming.api.add_stream(
        yard.url, preset="motion_gate_stream", parameters={"motion_hold_seconds": HOLD, "fps_limit": 10}
    )
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_picture(20)
        wait_for_stillness(stream)
        assert not any(yard.drew(picture.counter) for picture in watched.pictures)
        # It has to be decoded, or nobody would know whether something moves.
        stream.wait_for_mode("encode", "the pipeline looks for motion in the pictures")
        yard.move()
        watched.wait_for_counted(15, count=8, accept=yard.drew)
        yard.move(False)
        stopped = time.monotonic()
        wait_for_stillness(stream)
        quiet = time.monotonic()
        watched.wait_for(
            lambda pictures: len([picture for picture in pictures if picture.at > quiet + 1]) >= 3, 10, "more pictures"
        )
        last = max(picture.at for picture in watched.pictures if yard.drew(picture.counter))
        assert stopped + HOLD - 0.5 < last < quiet + 1, "it is shown for the hold, and gone then"
        yard.move()
        watched.wait_for_counted(15, count=5, after=time.monotonic(), accept=yard.drew)
        assert watched.running, "the viewer had to reconnect"


def test_the_page_offers_it_and_says_that_nothing_moves(streaming, yard, page):
    camera = streaming.api.post("api/cameras", {"name": "Yard", "url": yard.url})
    streaming.api.post(
        "api/streams/transmissions", {"name": "Yard", "path": "yard", "outputs": [{"protocol": "webrtc"}]}
    )
    page.goto(f"{streaming.url}/settings#pipelines")
    page.get_by_test_id("pipeline-add").click()
    advanced = page.get_by_test_id("motion-advanced")
    assert advanced.is_hidden()
    page.get_by_test_id("preset-motion_gate_stream").check()
    advanced.locator("summary").click()
    page.get_by_test_id("motion-sensitivity").fill("0")
    page.get_by_test_id("pipeline-create").click()
    page.get_by_test_id("field-problem").locator("visible=true").get_by_text("A number from 0.1 to 100.").wait_for()
    page.get_by_test_id("motion-sensitivity").fill("0.7")
    page.get_by_test_id("motion-hold").fill("2.5")
    page.get_by_test_id("pipeline-create").click()
    page.get_by_test_id("pipeline").wait_for()
    [pipeline] = streaming.api.get("api/pipelines")
    source, _, motion, _ = pipeline["nodes"]
    assert source["config"]["camera_id"] == camera["id"]
    assert motion["operator"] == "camera.motion_gate"
    assert motion["config"] == {
        "threshold": 0.007, "activation_frames": 2, "hold_seconds": 2.5, "emit_when_idle": False,
    }  # fmt: skip
    page.goto(streaming.url)
    page.get_by_test_id("tile-state").get_by_text("Nothing moves").wait_for(timeout=40_000)
    yard.move()
    page.get_by_test_id("tile-state").get_by_text("Live", exact=True).wait_for(timeout=15_000)
