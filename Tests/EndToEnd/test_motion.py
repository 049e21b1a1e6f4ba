"""A transmission that shows its camera only while something moves."""

import contextlib
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


def draw_by_touch(page, element, *ways: list[tuple[float, float]]) -> None:
    """A finger draws over an element, along places that are parts of it."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    element.evaluate("element => { window.lifted = 0; element.onpointerup = () => { window.lifted += 1; }; }")
    session = page.context.new_cdp_session(page)
    for way in ways:
        places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in way]
        session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": places[:1]})
        for place in places[1:]:
            session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # The browser takes touches before the page is told of them.
    page.wait_for_function("count => window.lifted === count", arg=len(ways))


def shade(page, x: float, y: float) -> int:
    """How dark the mask lies over a place, 0 to 255."""
    return page.get_by_test_id("mask-canvas").evaluate(
        "(canvas, [x, y]) => canvas.getContext('2d').getImageData(x * canvas.width, y * canvas.height, 1, 1).data[3]",
        [x, y],
    )


def test_what_moves_where_a_finger_has_painted_does_not_count(streaming, yard, browser):
    stream = streaming.api.add_stream(yard.url, preset="motion_gate_stream", parameters={"motion_hold_seconds": HOLD})
    context = browser.new_context(viewport={"width": 360, "height": 780}, has_touch=True, locale="en-GB")
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(f"{streaming.url}/settings#pipelines")
        page.get_by_test_id("pipeline-motion").click()
        state = page.get_by_test_id("motion-state")
        state.get_by_text("Not running: nobody watches").wait_for(timeout=10_000)
        page.get_by_test_id("motion-run").click()
        state.get_by_text("Nothing moves", exact=True).wait_for(timeout=40_000)
        assert float(page.get_by_test_id("motion-bar").get_attribute("aria-valuenow")) < 1
        yard.move()
        state.get_by_text("Something moves").wait_for(timeout=20_000)
        # Somebody who does not watch wants to know, too.
        [pipeline] = streaming.api.get("api/pipelines")
        streaming.api.put(f"api/pipelines/{pipeline['id']}", pipeline | {"run": "always"})
        page.get_by_test_id("motion-picture").wait_for(timeout=30_000)
        page.locator("[data-testid=motion-stage] rect[data-kind=motion]").first.wait_for(timeout=15_000)
        canvas = page.get_by_test_id("mask-canvas")
        assert canvas.is_hidden()
        page.get_by_test_id("mask-enabled").check()
        page.get_by_test_id("mask-size").fill("25")
        assert shade(page, 0.5, 0.5) == 0, "nothing is painted yet"
        draw_by_touch(page, canvas, [(0.2, 0.5), (0.5, 0.5)])
        assert shade(page, 0.4, 0.5) > 0 and shade(page, 0.9, 0.5) == 0 and shade(page, 0.4, 0.9) == 0
        page.get_by_test_id("mask-undo").click()
        assert shade(page, 0.4, 0.5) == 0
        rows = [0.05, 0.25, 0.45, 0.65, 0.85, 0.95]
        draw_by_touch(page, canvas, *([(0.01, y), (0.5, y), (0.99, y)] for y in rows))
        assert page.get_by_test_id("motion-sheet").get_by_test_id("unsaved").is_visible()
        page.get_by_test_id("motion-save").click()
        page.get_by_test_id("motion-sheet").wait_for(state="detached")
        [pipeline] = streaming.api.get("api/pipelines")
        [config] = [node["config"] for node in pipeline["nodes"] if node["operator"] == "camera.motion_gate"]
        assert (config["mask_enabled"], config["mask_mode"], config["mask_brush_diameter01"]) == (True, "exclude", 0.25)
        assert [stroke["op"] for stroke in config["mask_strokes"]] == ["paint"] * len(rows)
        assert config["hold_seconds"] == HOLD, "the rest stays"
        page.get_by_test_id("pipeline-motion").click()
        state.get_by_text("Nothing moves", exact=True).wait_for(timeout=30_000)
        # Another mode is all that it takes to look there again.
        page.get_by_test_id("mask-mode-include").check(force=True)
        page.get_by_test_id("motion-save").click()
        page.get_by_test_id("motion-sheet").wait_for(state="detached")
        page.get_by_test_id("pipeline-motion").click()
        state.get_by_text("Something moves").wait_for(timeout=30_000)
        page.get_by_test_id("motion-sheet-close").click()
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=3, accept=yard.drew)


# Whether a box of the player lies around what is bright, as nothing of a yard is but what moves through it.
A_BOX_IS_AROUND_IT = """() => {
    const player = document.querySelector("toposync-player");
    if (!player) return false;
    const { video } = player;
    const canvas = new OffscreenCanvas(video.videoWidth || 1, video.videoHeight || 1);
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    const parts = [0.25, 0.5, 0.75];
    return [...player.shadowRoot.querySelectorAll("rect[data-kind=motion]")].some((box) => {
        const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
        const isBright = (right, down) => context.getImageData(x + right * width, y + down * height, 1, 1).data[0] > 200;
        return width < canvas.width / 4 && parts.every((right) => parts.every((down) => isBright(right, down)));
    });
}"""


def test_the_page_draws_boxes_around_what_moves(streaming, yard, page):
    streaming.api.add_stream(
        yard.url, preset="motion_gate_stream", parameters={"fps_limit": 10}, encoding={"metadata": True}
    )
    yard.move()
    page.goto(streaming.url)
    page.get_by_test_id("tile-state").get_by_text("Live", exact=True).wait_for(timeout=40_000)
    assert page.locator("toposync-player rect").count() == 0, "nobody has asked for boxes"
    page.get_by_test_id("tile").hover()
    page.get_by_test_id("tile-detail").click()
    page.get_by_test_id("detail-boxes").check()
    page.get_by_test_id("detail-close").click()
    processes.wait_until(lambda: page.evaluate(A_BOX_IS_AROUND_IT), 40, "a box around what moves", interval=0.1)
    # It is remembered.
    page.reload()
    processes.wait_until(lambda: page.evaluate(A_BOX_IS_AROUND_IT), 40, "a box around what moves", interval=0.1)
