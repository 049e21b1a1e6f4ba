"""The codec and the B-frames that an output asks for, in players that we did not write."""

import json
import subprocess
import time

import pytest

from rig import players
from rig.browser import Watcher
from rig.camera import Camera
from rig.server import uses_mediamtx
from test_camera_sound import assert_in_step

SMALL = {"resolution": {"width": 320, "height": 180}, "fps_limit": 25, "bitrate_kbps": 400}


def frames(url: str, *options: str) -> list[dict]:
    """Four seconds of pictures, in the order in which they are shown."""
    probe = subprocess.run(
        ["ffprobe", "-v", "error", *options, "-select_streams", "v", "-read_intervals", "%+4",
         "-show_entries", "frame=pict_type,pts", "-of", "json", url],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(probe.stdout)["frames"]


def codec_of(url: str, *options: str) -> str:
    return subprocess.run(
        ["ffprobe", "-v", "error", *options, "-select_streams", "v", "-show_entries", "stream=codec_name",
         "-of", "csv=p=0", url],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout.strip().splitlines()[0]  # fmt: skip


def see_in_order(player, camera) -> None:
    with player as watched:
        pictures = watched.wait_for_counted(40, count=60, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers), "pictures jump back"
        assert len(set(numbers)) > 40


@pytest.mark.parametrize(
    ("codec", "name", "encoder", "b_frames"),
    [("h264", "h264", "libx264", 2), ("h265", "hevc", "libx265", 0), ("h265", "hevc", "libx265", 2)],
)
def test_an_output_has_the_codec_and_the_b_frames_that_it_asks_for(streaming, camera, codec, name, encoder, b_frames):
    outputs = [
        {"protocol": protocol, "codec": codec, "max_b_frames": b_frames} | SMALL for protocol in ("rtsp", "hls")
    ]
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    by_tcp = ("-rtsp_transport", "tcp")
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        pictures = watched.wait_for_counted(30, count=60, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers), "pictures jump back"
        seen = frames(stream.rtsp_url, *by_tcp)
        # By RTSP, ffmpeg tells no time of the first picture.
        times = [frame["pts"] for frame in seen if "pts" in frame]
        assert times == sorted(times) and len(times) > 50
        if name == "h264":
            assert ("B" in {frame["pict_type"] for frame in seen}) == (b_frames > 0)
        assert codec_of(stream.rtsp_url, *by_tcp) == name
        assert {output["publisher_active_codec"] for output in stream.outputs()} == {encoder}
        assert watched.running, "the viewer had to reconnect"


@pytest.mark.parametrize("codec", ["h264", pytest.param("h265", marks=pytest.mark.builtin_engine)])
def test_b_frames_are_in_order_by_hls_and_mp4(streaming, camera, codec):
    outputs = [{"protocol": "hls", "codec": codec, "max_b_frames": 3} | SMALL]
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    see_in_order(players.ffmpeg_hls(stream.hls_url), camera)
    if not uses_mediamtx():
        see_in_order(players.ffmpeg("ffmpeg by MP4", [], stream.hls_url.replace("index.m3u8", "stream.mp4")), camera)


@pytest.mark.builtin_engine
@pytest.mark.parametrize("way", ["mse", "hls"])
def test_a_browser_shows_b_frames_in_order(streaming, camera, page, way):
    streaming.api.add_stream(camera.url, outputs=[{"protocol": "hls", "max_b_frames": 3} | SMALL])
    if way == "hls":
        page.route_web_socket("**/mse", lambda socket: socket.close())
    page.goto(streaming.url)
    watcher = Watcher(page, "[data-testid=tile-video]")
    watcher.wait_for_moving_picture(40, accept=camera.drew)
    segments = page.evaluate("performance.getEntriesByType('resource').some(({name}) => name.includes('.ts'))")
    assert segments == (way == "hls")
    samples = [watcher.sample() for _ in range(40)]
    numbers = [sample["counter"] for sample in samples if sample and camera.drew(sample["counter"])]
    assert numbers == sorted(numbers) and len(numbers) > 30


@pytest.mark.builtin_engine
def test_a_browser_that_has_no_h265_is_told_what_to_choose(streaming, camera, page):
    output = {"protocol": "hls", "codec": "h265"} | SMALL
    stream = streaming.api.add_stream(camera.url, outputs=[output])
    page.goto(streaming.url)
    # Debian's Chromium is built without an H.265 decoder.
    page.wait_for_selector("text=This browser can't decode the H.265 of this stream's output", timeout=40_000)
    url = f"api/streams/transmissions/{stream.transmission_id}"
    streaming.api.put(url, streaming.api.get(url) | {"outputs": [output | {"codec": "h264"}]})
    Watcher(page, "[data-testid=tile-video]").wait_for_moving_picture(40, accept=camera.drew)


@pytest.mark.builtin_engine
def test_b_frames_are_in_order_by_low_latency_hls(streaming, camera):
    outputs = [{"protocol": "hls", "max_b_frames": 2, "latency_profile": "low"} | SMALL]
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    see_in_order(players.ffmpeg_hls(stream.hls_url), camera)


@pytest.mark.parametrize("codec", ["h264", pytest.param("h265", marks=pytest.mark.builtin_engine)])
def test_sound_is_in_step_with_pictures_that_come_later(streaming, codec, tmp_path):
    outputs = [{"protocol": protocol, "codec": codec, "max_b_frames": 3} | SMALL for protocol in ("rtsp", "hls")]
    with Camera(source="flash", sound="aac", shared=True) as camera:
        stream = streaming.api.add_stream(camera.url, outputs=outputs)
        assert_in_step(camera, [stream.rtsp_url, stream.hls_url], tmp_path)


def test_viewers_stay_while_the_rate_of_an_h265_output_changes(streaming, camera):
    outputs = [{"id": "o", "protocol": "rtsp", "codec": "h265", "max_b_frames": 1} | SMALL]
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(30, count=25, accept=camera.drew)
        outputs[0]["bitrate_kbps"] = 800
        url = f"api/streams/transmissions/{stream.transmission_id}"
        streaming.api.put(url, streaming.api.get(url) | {"outputs": outputs})
        pictures = watched.wait_for_counted(20, count=75, after=time.monotonic(), accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers)
        assert watched.running, "the viewer had to reconnect"
