"""A camera that already sends what the outputs ask for is passed on without decoding, and everything else is encoded."""

import subprocess
import time

import pytest

from rig import players
from rig.browser import Watcher
from rig.camera import Camera

ROOM = 3.0


def test_equal_camera_is_copied_and_plays(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        pictures = watched.wait_for_counted(20, count=100, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers)
        assert len(set(numbers)) >= (numbers[-1] - numbers[0]) * 3 // 4
        stream.wait_for_mode("copy", "copied: the camera already sends 640×360 at 25 fps as H.264")
        assert {output["publisher_active_codec"] for output in stream.outputs()} == {"copy"}
        worker = streaming.only("worker")
        before, started = worker.cpu_seconds, time.monotonic()
        watched.wait_for_counted(10, count=50, after=started, accept=camera.drew)
        used = (streaming.only("worker").cpu_seconds - before) / (time.monotonic() - started)
        # A debug build decodes and encodes this picture with at least three times as much.
        assert used < 0.12, f"{100 * used:.1f} % of a core"


def test_copied_camera_plays_in_the_browser(stream, streaming, camera, page):
    page.goto(streaming.url)
    samples = Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(45, camera.drew)
    assert (samples[-1]["width"], samples[-1]["height"]) == (640, 360)
    stream.wait_for_mode("copy", "copied")


def test_camera_away_and_back_goes_over_the_placeholder(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "copied")
        gone = time.monotonic()
        camera.unplug()
        watched.wait_for(
            lambda pictures: any(picture.counter is None for picture in pictures if picture.at > gone + 1),
            3 + ROOM,
            "the placeholder",
        )
        back = time.monotonic()
        camera.plug()
        fresh = watched.wait_for_counted(
            10 + ROOM, count=25, after=back, accept=lambda seen: camera.drew(seen) and seen >= camera.counter_at(back)
        )
        assert watched.running, "the viewer had to reconnect"
        assert camera.age(fresh[-1].counter, fresh[-1].at) < 4
        stream.wait_for_mode("copy", "copied")


@pytest.mark.parametrize(
    ("camera_options", "encoding", "reason"),
    [
        ({"b_frames": 2}, {}, "B-frames"),
        ({}, {"resolution": {"width": 320, "height": 180}}, "the output wants 320×180, the camera sends 640×360"),
        ({}, {"fps_limit": 12}, "the output wants at most 12 fps, the camera sends 25"),
    ],
    ids=["b-frames", "size", "fps"],
)
def test_other_cameras_are_encoded_and_say_why(streaming, camera_options, encoding, reason):
    with Camera(**camera_options) as camera:
        stream = streaming.api.add_stream(camera.url, encoding=encoding)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(20, count=30, accept=camera.drew)
            stream.wait_for_mode("encode", reason)


def test_camera_that_changes_its_size_is_encoded_from_then_on(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "copied")
        changed = time.monotonic()
        camera.resize(960, 540)
        watched.wait_for_counted(15, count=25, after=changed + 1, accept=camera.drew)
        assert watched.running, "the viewer had to reconnect"
        stream.wait_for_mode("encode", "the camera sends 960×540")


def test_placeholder_of_a_copied_camera_keeps_its_size(streaming):
    """An output that leaves the size open has the camera's, also while the camera is away."""
    open_encoding = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
    with Camera(width=960, height=540) as camera:
        stream = streaming.api.add_stream(camera.url, encoding=open_encoding)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(20, count=25, accept=camera.drew)
            stream.wait_for_mode("copy", "copied: the camera already sends 960×540")
            gone = time.monotonic()
            camera.unplug()
            watched.wait_for(
                lambda pictures: any(picture.counter is None for picture in pictures if picture.at > gone + 1),
                3 + ROOM,
                "the placeholder",
            )
            assert picture_size(stream.rtsp_url) == (960, 540)
            back = time.monotonic()
            camera.plug()
            watched.wait_for_counted(10 + ROOM, count=25, after=back, accept=camera.drew)
            assert watched.running, "the viewer had to reconnect"


def picture_size(url: str) -> tuple[int, int]:
    """The size of the pictures that a viewer who comes now gets."""
    shown = subprocess.run(
        [
            "ffprobe", "-loglevel", "error", "-rtsp_transport", "tcp", "-read_intervals", "%+3",
            "-show_entries", "frame=width,height", "-of", "csv=print_section=0", url,
        ],
        capture_output=True, text=True, timeout=20, check=True,
    ).stdout  # fmt: skip
    width, height, *_ = shown.split()[0].split(",")
    return int(width), int(height)
