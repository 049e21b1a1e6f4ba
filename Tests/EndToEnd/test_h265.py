"""H.265 through the whole chain, watched by programs that we did not write."""

import subprocess
import time

import pytest

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.camera import Camera
from rig.engine import WRITER, Engine
from rig.whep import WHEPViewer, serve_webrtc, whep

ROOM = 3.0

PLAYERS = {
    "ffmpeg-tcp": lambda url: players.ffmpeg_rtsp(url, "tcp"),
    "ffmpeg-udp": lambda url: players.ffmpeg_rtsp(url, "udp"),
    "gstreamer-tcp": lambda url: players.gstreamer_rtsp(url, "tcp", "h265"),
    "gstreamer-udp": lambda url: players.gstreamer_rtsp(url, "udp", "h265"),
}


@pytest.fixture(params=["mpegts", "fmp4"])
def engine(request, tmp_path):
    with (
        Engine(tmp_path, request.param) as running,
        players.ffmpeg_publisher(running.rtsp("open", WRITER), encoder="libx265") as publisher,
    ):
        assert running.wait_for_publisher("open")["tracks"] == ["H265"]
        yield running
        assert publisher.running
    assert running.status == 0


def see_pictures(player, count: int = 40) -> None:
    with player as watched:
        pictures = watched.wait_for(lambda seen: len(seen) >= count and seen[:count], 30, f"{count} pictures")
        # The test picture is colourful; what could not be decoded is grey or green all over.
        assert all(picture.spread > 20 for picture in pictures)


@pytest.mark.parametrize("engine", ["mpegts"], indirect=True)
@pytest.mark.parametrize("player", PLAYERS)
def test_published_h265_plays_by_rtsp(engine, player):
    # Not the first viewer of the stream: this one begins with the group of pictures that is there.
    time.sleep(1.5)
    began = time.monotonic()
    see_pictures(PLAYERS[player](engine.rtsp("open")))
    assert time.monotonic() - began < 10


def test_published_h265_plays_by_hls(engine):
    see_pictures(players.ffmpeg_hls(engine.hls("open")))


# A camera


@pytest.fixture
def camera():
    """The usual test camera, but by H.265."""
    with Camera(codec="h265") as running:
        yield running


def add_stream(streaming, camera, protocols, bypass_mode="auto", **options):
    encoding = {"resolution": {"width": 640, "height": 360}, "fps_limit": 25, "bitrate_kbps": 2000}
    outputs = [{"protocol": protocol} | encoding for protocol in protocols]
    stream = streaming.api.add_stream(camera.url, outputs=outputs, **options)
    if bypass_mode != "auto":
        set_bypass_mode(streaming, stream, bypass_mode)
    return stream


def set_bypass_mode(streaming, stream, mode: str) -> None:
    (pipeline,) = [
        item
        for item in streaming.api.get("api/pipelines")
        if stream.transmission_id in str(item["nodes"])
    ]
    for node in pipeline["nodes"]:
        if node["operator"] == "stream.publish_video":
            node["config"]["bypass_mode"] = mode
    streaming.api.put(f"api/pipelines/{pipeline['id']}", pipeline)


def codec_of(url: str) -> str:
    return subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-show_entries",
         "stream=codec_name", "-of", "csv=p=0", url],
        capture_output=True, text=True, timeout=30, check=True,
    ).stdout.strip()  # fmt: skip


@pytest.mark.parametrize("player", PLAYERS)
def test_camera_is_copied_to_rtsp(streaming, camera, player):
    stream = add_stream(streaming, camera, ["rtsp"])
    with PLAYERS[player](stream.rtsp_url) as watched:
        pictures = watched.wait_for_counted(20, count=75, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers)
        # None twice; the camera itself leaves frames out when the machine is too busy for its encoder.
        assert len(set(numbers)) >= len(numbers) * 9 // 10
        assert watched.running, "the viewer had to reconnect"
        stream.wait_for_mode("copy", "copied: the camera already sends 640×360 at 25 fps as H.265", timeout=15)


def test_copying_costs_little(streaming, camera):
    stream = add_stream(streaming, camera, ["rtsp"])
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "H.265", timeout=15)
        assert {output["publisher_active_codec"] for output in stream.outputs()} == {"copy"}
        worker = streaming.only("worker")
        before, started = worker.cpu_seconds, time.monotonic()
        watched.wait_for_counted(15, count=75, after=started, accept=camera.drew)
        used = (streaming.only("worker").cpu_seconds - before) / (time.monotonic() - started)
        assert used < 0.12, f"{100 * used:.1f} % of a core"
    assert codec_of(stream.rtsp_url) == "hevc"


@pytest.mark.parametrize(
    ("protocols", "bypass_mode", "reason"),
    [
        (["rtsp", "hls"], "auto", "bypass_mode force_on copies it all the same"),
        pytest.param(
            ["rtsp", "webrtc"], "force_on", "encoded although bypass_mode is force_on: the camera sends H.265",
            # The built-in engine has a path of its own for browsers without it.
            marks=pytest.mark.mediamtx,
        ),
        (["rtsp"], "force_off", "the pipeline's bypass_mode is force_off"),
    ],
    ids=["hls", "webrtc", "forced-off"],
)
def test_camera_is_encoded_for_browsers_and_says_why(streaming, camera, protocols, bypass_mode, reason):
    stream = add_stream(streaming, camera, protocols, bypass_mode)
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=30, accept=camera.drew)
        stream.wait_for_mode("encode", reason, timeout=15)
    assert codec_of(stream.rtsp_url) == "h264"


# By WebRTC. Neither aiortc nor Debian's Chromium has a decoder; GStreamer has.


@pytest.mark.builtin_engine
def test_a_player_with_h265_gets_the_copy_by_whep(server, camera):
    serve_webrtc(server)
    stream = add_stream(server, camera, ["webrtc"])
    with players.gstreamer_whep(whep(stream), "h265") as watched:
        pictures = watched.wait_for_counted(30, count=75, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers)
        stream.wait_for_mode("copy", "as H.265", timeout=15)
        assert watched.running, "the viewer had to reconnect"


@pytest.mark.builtin_engine
def test_a_player_without_h265_gets_h264_by_whep_and_the_others_keep_their_copy(server, camera):
    serve_webrtc(server)
    stream = add_stream(server, camera, ["rtsp", "webrtc"])
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "as H.265", timeout=15)
        with WHEPViewer(whep(stream), kinds=("video",)) as viewer:
            counters = viewer.wait_for_pictures(25, 30, camera.drew)
            assert counters == sorted(counters)
            counts = lambda: {output["protocol"]: output["viewer_count"] for output in stream.outputs()}  # noqa: E731
            processes.wait_until(lambda: counts() == {"rtsp": 1, "webrtc": 1}, 10, "a viewer of each")
            stream.wait_for_mode("copy", "as H.265", timeout=5)
            assert codec_of(stream.rtsp_url) == "hevc"
        # The encoder runs as long as somebody needs it.
        processes.wait_until(lambda: counts()["webrtc"] == 0, 15, "no viewer by WebRTC")
        watched.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
        assert watched.running, "the viewer had to reconnect"


@pytest.mark.builtin_engine
def test_a_player_without_h265_is_told_of_what_is_encoded_for_it(server, camera):
    serve_webrtc(server)
    stream = add_stream(server, camera, ["webrtc"])
    with WHEPViewer(whep(stream), kinds=("video",)) as viewer:
        viewer.wait_for_pictures(25, 30, camera.drew)
        # What the others get has been looked at, and is not wanted.
        stream.wait_for_mode("encode", "H.264 is wanted, and the camera sends H.265", timeout=20)


@pytest.mark.builtin_engine
def test_a_page_without_h265_plays_by_every_way(server, camera, page):
    serve_webrtc(server)
    add_stream(server, camera, ["webrtc"])
    page.goto(server.url)
    for way, gone in (("WebRTC", "RTCPeerConnection"), ("MSE", "WebSocket"), ("HLS", None)):
        wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 40, camera.drew)
        assert page.get_by_test_id("tile-facts").inner_text().startswith(way)
        if gone:
            page.add_init_script(f"delete globalThis.{gone}")
            page.reload()


# MediaMTX has no H.265 in MPEG-TS segments.
@pytest.mark.builtin_engine
def test_forced_copy_plays_by_hls_and_the_page_says_what_it_lacks(streaming, camera, page):
    stream = add_stream(streaming, camera, ["rtsp", "hls"], "force_on")
    with players.ffmpeg_hls(stream.hls_url) as watched:
        watched.wait_for_counted(40, count=50, accept=camera.drew)
        stream.wait_for_mode("copy", "as H.265", timeout=15)
        page.goto(streaming.url)
        # Debian's Chromium is built without an H.265 decoder.
        page.wait_for_selector("text=This browser can't decode the H.265 of this stream's output", timeout=40_000)


def test_camera_away_and_back(streaming, camera):
    stream = add_stream(streaming, camera, ["rtsp"])
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "as H.265", timeout=15)
        gone = time.monotonic()
        camera.unplug()
        watched.wait_for(
            lambda pictures: any(picture.counter is None for picture in pictures if picture.at > gone + 1),
            3 + ROOM,
            "the placeholder",
        )
        time.sleep(max(0, gone + 8 - time.monotonic()))
        back = time.monotonic()
        camera.plug()
        fresh = watched.wait_for_counted(
            2 + ROOM, count=1, after=back, accept=lambda seen: camera.drew(seen) and seen >= camera.counter_at(back)
        )
        print(f"live again after {fresh[0].at - back:.1f} s")
        watched.wait_for_counted(10, count=50, after=fresh[0].at, accept=camera.drew)
        assert watched.running, "the viewer had to reconnect"
        stream.wait_for_mode("copy", "as H.265", timeout=15)
    assert codec_of(stream.rtsp_url) == "hevc"


def test_camera_that_no_longer_fits_goes_on_as_h264_for_viewers_who_reconnect(streaming, camera):
    stream = add_stream(streaming, camera, ["rtsp"])
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("copy", "as H.265", timeout=15)
        camera.resize(960, 540)
        assert watched.wait_for_end(20) is not None
    with players.ffmpeg_rtsp(stream.rtsp_url) as again:
        again.wait_for_counted(20, count=25, accept=camera.drew)
        stream.wait_for_mode("encode", "the camera sends 960×540", timeout=15)
