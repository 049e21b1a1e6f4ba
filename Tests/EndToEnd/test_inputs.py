"""Inputs: a program that we did not write sends its picture to us, and it is watched as a camera's would be."""

import contextlib
import itertools
import json
import socket
import subprocess
import time

import pytest
import requests

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.whep import WHEPServer, serve_webrtc
from rig.whip import ChromiumPublisher, WHIPPublisher


@pytest.fixture
def fed(streaming):
    """An input, and the transmission that shows it, at the size in which it is sent."""
    stream = streaming.api.add_stream("input:studio", camera={"name": "Studio"})
    return stream


def addresses(stream) -> dict:
    return stream.api.get(f"api/cameras/{stream.camera_id}/input")


def counted(name: str, *output: str, bframes: int = 0) -> players.Player:
    """A program that sends the demo camera's kind of picture: one whose every frame is another, and a tone."""
    return players.Player(name, [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning",
        "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", str(bframes),
        "-b:v", "800k", "-c:a", "aac", "-b:a", "128k", "-threads", "1", *output,
    ])  # fmt: skip


def by_rtsp(stream, url: str | None = None) -> players.Player:
    return counted("ffmpeg sending by RTSP", "-f", "rtsp", "-rtsp_transport", "tcp", url or addresses(stream)["rtsp_url"])


def by_rtmp(stream, url: str | None = None, bframes: int = 0) -> players.Player:
    given = addresses(stream)
    return counted(
        "ffmpeg sending by RTMP", "-f", "flv", url or f"{given['rtmp_server']}/{given['rtmp_stream_key']}", bframes=bframes
    )


def by_rtmp_of_gstreamer(stream) -> players.Player:
    given = addresses(stream)
    return players.Player("GStreamer sending by RTMP", [
        "gst-launch-1.0", "-q", "videotestsrc", "is-live=true", "pattern=smpte",
        "!", "video/x-raw,format=I420,width=640,height=360,framerate=25/1", "!", "x264enc", "speed-preset=ultrafast",
        "tune=zerolatency", "bitrate=800", "key-int-max=25", "threads=1", "!", "h264parse", "!", "mux.",
        "audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=48000,channels=2", "!", "avenc_aac", "!", "mux.",
        "flvmux", "name=mux", "streamable=true",
        "!", "rtmp2sink", f"location={given['rtmp_server']}/{given['rtmp_stream_key']}",
    ])  # fmt: skip


def wait_for_picture(watched, after: float, timeout: float = 20, count: int = 50) -> None:
    """Pictures of the test source, which has far more in it than the placeholder."""
    def seen(pictures):
        return len([p for p in pictures if p.at > after and p.spread > 40]) >= count

    watched.wait_for(seen, timeout, f"{count} pictures of the program")


def asks_for_its_program(stream) -> bool:
    reason = stream.outputs()[0]["message_parameters"].get("reason")
    return isinstance(reason, dict) and reason["code"] == "input_silent"


@pytest.mark.parametrize("send", [by_rtsp, by_rtmp])
def test_an_input_is_copied_and_survives_its_program(fed, streaming, send):
    with players.ffmpeg_rtsp(fed.rtsp_url) as waiting:
        waiting.wait_for(lambda pictures: len(pictures) >= 5, 20, "the placeholder")
        processes.wait_until(lambda: asks_for_its_program(fed), 10, "the state that asks for the program")
        assert not addresses(fed)["receiving"]
    # A path that was announced without sound would be announced anew.
    processes.wait_until(lambda: not streaming.living("worker"), 15, "the worker ending")
    with contextlib.ExitStack() as viewing:
        with send(fed):
            processes.wait_until(lambda: addresses(fed)["receiving"], 15, "the picture")
            watched = viewing.enter_context(players.ffmpeg_rtsp(fed.rtsp_url))
            wait_for_picture(watched, 0)
            fed.wait_for_mode("copy", "copied")
        # Another one, with the same key, goes on.
        began = time.monotonic()
        with send(fed):
            wait_for_picture(watched, began)
        assert watched.running, "the viewer had to reconnect"
    still = subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
         addresses(fed)["rtsp_url"]], capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert still.returncode != 0, "the key that sends reads too"


def test_an_input_is_encoded_where_an_output_asks_for_another_picture(streaming, page):
    encoding = {"resolution": {"width": 320, "height": 180}, "fps_limit": 25, "bitrate_kbps": 500}
    stream = streaming.api.add_stream("input:studio", encoding=encoding)
    with by_rtsp(stream), players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        wait_for_picture(watched, 0)
        stream.wait_for_mode("encode", "the output wants 320×180")
        page.goto(streaming.url)
        # Of the encoding's size, and going on.
        playing = "(videos) => videos.some((video) => video.videoWidth === 320 && video.currentTime > 2)"
        videos = page.get_by_test_id("tile-video")
        processes.wait_until(
            lambda: videos.evaluate_all(playing), 45, "the picture of the program in the browser"
        )


def test_by_rtmp_with_sound_of_gstreamer(fed):
    with by_rtmp_of_gstreamer(fed) as sending:
        processes.wait_until(lambda: addresses(fed)["receiving"], 15, "the picture")
        read = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
             fed.rtsp_url], capture_output=True, text=True, timeout=40, check=False,
        )  # fmt: skip
        assert read.stdout.split() == ["h264", "aac"], read.stderr
        fed.wait_for_mode("copy", "copied")
        assert sending.running


def test_by_rtmp_with_the_b_frames_of_obs(fed):
    with by_rtmp(fed, bframes=2):
        processes.wait_until(lambda: addresses(fed)["receiving"], 15, "the picture")
        with players.ffmpeg_rtsp(fed.rtsp_url) as watched:
            wait_for_picture(watched, 0)


def test_by_rtmp_only_the_key_sends(fed, streaming):
    given = addresses(fed)
    server, key = given["rtmp_server"], given["rtmp_stream_key"]
    for wrong in (f"{server}/{key[:-1]}", f"{server}/studio", f"{server}/other?user=studio&pass={given['key']}"):
        with by_rtmp(fed, wrong) as refused:
            assert refused.wait_for_end(20) != 0
            assert "The name or the key is wrong" in refused.log or streaming.api.get("api/streams/engine/status")["kind"] == "mediamtx"
    assert not addresses(fed)["receiving"]
    with by_rtmp(fed) as sending:
        processes.wait_until(lambda: addresses(fed)["receiving"], 15, "the picture")
        fed.api.delete(f"api/pipelines/{fed.api.get('api/pipelines')[0]['id']}")
        fed.api.delete(f"api/cameras/{fed.camera_id}")
        sending.wait_for_end(20)
    host, port = server.removeprefix("rtmp://").split("/")[0].split(":")

    def is_closed():
        with contextlib.closing(socket.socket()) as client:
            return client.connect_ex((host, int(port))) != 0

    processes.wait_until(is_closed, 20, "the port being closed after the last input")
    texts = [streaming.log, *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.log"))]
    assert not [text for text in texts if given["key"] in text]


def test_only_the_key_sends_and_nothing_tells_it(fed, streaming):
    given = addresses(fed)
    for wrong in (given["rtsp_url"].replace(given["key"], "guess-guess"), given["rtsp_url"].replace(f"studio:{given['key']}@", "")):
        with by_rtsp(fed, wrong) as refused:
            assert refused.wait_for_end(20) != 0
    assert not addresses(fed)["receiving"]
    with by_rtsp(fed) as sending:
        processes.wait_until(lambda: addresses(fed)["receiving"], 15, "the picture")
        # A new key ends who sends with the old one, and nobody else needs to notice.
        camera = fed.api.get(f"api/cameras/{fed.camera_id}")
        assert camera["password_set"] and given["key"] not in json.dumps(camera)
        fed.api.put(f"api/cameras/{fed.camera_id}", camera | {"password": ""})
        assert addresses(fed)["key"] != given["key"]
        sending.wait_for_end(20)
    texts = [
        streaming.log,
        *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.log")),
        *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.yml")),
        *(json.dumps(fed.api.get(path)) for path in ("api/cameras", "api/streams/settings", "api/streams/runtime/diagnostics")),
    ]
    for key in (given["key"], addresses(fed)["key"]):
        assert not [text for text in texts if key in text]


@pytest.fixture
def fed_by_webrtc(server):
    """The same, with room for the ups and downs of the bitrates of WebRTC."""
    serve_webrtc(server)
    stream = server.api.add_stream("input:studio", camera={"name": "Studio"}, encoding={"bitrate_kbps": 4000})

    def answers():
        given = addresses(stream)
        headers = {"Authorization": f"Bearer {given['whip_token']}"}
        with contextlib.suppress(requests.ConnectionError):
            return requests.options(given["whip_url"], headers=headers, timeout=10).status_code == 204
        return False

    # The first input starts the engine anew.
    processes.wait_until(answers, 30, "the engine that knows the input")
    return stream


def by_whip(stream, **options) -> WHIPPublisher:
    given = addresses(stream)
    return WHIPPublisher(given["whip_url"], given["whip_token"], **options)


def test_by_whip_with_sound(fed_by_webrtc, server, page):
    with by_whip(fed_by_webrtc) as sending:
        processes.wait_until(lambda: addresses(fed_by_webrtc)["receiving"], 15, "the picture")
        with players.ffmpeg_rtsp(fed_by_webrtc.rtsp_url) as watched:
            counted = watched.wait_for_counted(45, 40, accept=WHEPServer.drew)
            assert [picture.counter for picture in counted] == sorted(picture.counter for picture in counted)
            fed_by_webrtc.wait_for_mode("copy", "copied")
            read = subprocess.run(
                ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
                 fed_by_webrtc.rtsp_url], capture_output=True, text=True, timeout=40, check=False,
            )  # fmt: skip
            assert read.stdout.split()[0] == "h264" and len(read.stdout.split()) == 2, read.stdout + read.stderr
            page.goto(server.url)
            wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 45, WHEPServer.drew)
        assert sending.state == "connected"
        assert requests.delete(sending.session, timeout=5).status_code == 200
        processes.wait_until(lambda: not addresses(fed_by_webrtc)["receiving"], 15, "the end of the picture")


@pytest.mark.builtin_engine
def test_what_gets_lost_on_the_way_here_is_sent_again(fed_by_webrtc):
    with by_whip(fed_by_webrtc, loss=0.05, has_sound=False) as sending:
        processes.wait_until(lambda: addresses(fed_by_webrtc)["receiving"], 15, "the picture")
        with players.ffmpeg_rtsp(fed_by_webrtc.rtsp_url) as watched:
            watched.wait_for_counted(45, 1, accept=WHEPServer.drew)
            counted = watched.wait_for_counted(60, 101, accept=WHEPServer.drew)
        assert sending.lost > 5
        # As for viewers by WHEP: without it about every second one would miss a packet.
        steps = [later.counter - earlier.counter for earlier, later in itertools.pairwise(counted)]
        assert steps.count(1) > len(steps) * 2 / 3, f"{steps}"


def test_a_page_of_chromium_sends_by_whip(fed_by_webrtc, page):
    if ChromiumPublisher.lacks_h264(page):
        pytest.skip("this Chromium encodes no H.264")
    given = addresses(fed_by_webrtc)
    sending = ChromiumPublisher(page, given["whip_url"], given["whip_token"])
    sending.start()
    processes.wait_until(lambda: addresses(fed_by_webrtc)["receiving"], 15, "the picture")
    with players.ffmpeg_rtsp(fed_by_webrtc.rtsp_url) as watched:
        watched.wait_for_counted(45, 50, accept=ChromiumPublisher.drew)
        # It begins with 300 kb/s, and sends no more where it is not told how its packets come.
        processes.wait_until(lambda: sending.bitrate > 600_000, 45, "a bitrate")
        now = time.monotonic()
        watched.wait_for_counted(45, 50, after=now, accept=ChromiumPublisher.drew)
    assert sending.state == "connected"
    assert sending.end() == 200
    processes.wait_until(lambda: not addresses(fed_by_webrtc)["receiving"], 15, "the end of the picture")


# Wrong keys are answered slowly.
@pytest.mark.patient
def test_by_whip_only_the_key_sends(fed_by_webrtc, server):
    given = addresses(fed_by_webrtc)
    sdp = {"Content-Type": "application/sdp"}
    offer = WHIPPublisher.offer()
    for token in (given["key"], f"studio:{given['key'][:-1]}", f"other:{given['key']}", None):
        headers = sdp | ({"Authorization": f"Bearer {token}"} if token else {})
        answer = requests.post(given["whip_url"], data=offer, headers=headers, timeout=25)
        # MediaMTX says 400.
        assert answer.status_code in (400, 401), answer.text
    assert not addresses(fed_by_webrtc)["receiving"]
    with by_whip(fed_by_webrtc):
        processes.wait_until(lambda: addresses(fed_by_webrtc)["receiving"], 15, "the picture")
        # A new key ends who sends with the old one.
        camera = fed_by_webrtc.api.get(f"api/cameras/{fed_by_webrtc.camera_id}")
        fed_by_webrtc.api.put(f"api/cameras/{fed_by_webrtc.camera_id}", camera | {"password": ""})
        processes.wait_until(lambda: not addresses(fed_by_webrtc)["receiving"], 20, "the end of who sends with the old key")
    assert addresses(fed_by_webrtc)["whip_token"] != given["whip_token"]
    texts = [server.log, *(file.read_text(errors="replace") for file in server.data_dir.rglob("*.log"))]
    assert not [text for text in texts if given["key"] in text]


def test_two_cameras_are_never_one_input(fed):
    response = fed.api.request("POST", "api/cameras", {"name": "Again", "url": "input:studio"})
    assert response.status_code == 409 and "studio" in response.text
    assert len(fed.api.get("api/cameras")) == 1


def test_the_page_shows_where_to_send(streaming, page):
    streaming.api.add_stream("demo:", path="demo", name="Demo")
    page.goto(f"{streaming.url}/settings.html")
    page.get_by_test_id("camera-add").click()
    page.get_by_test_id("camera-kind-input").check(force=True)
    page.get_by_test_id("camera-name").fill("Laptop Täglich")
    page.get_by_test_id("camera-save").click()
    url = page.get_by_test_id("input-rtsp")
    url.wait_for(timeout=20_000)
    [camera] = [camera for camera in streaming.api.get("api/cameras") if camera["name"] == "Laptop Täglich"]
    assert page.get_by_test_id("input-whip-url").inner_text().endswith("/input/laptop-taglich/whip")
    assert page.get_by_test_id("input-whip-token").inner_text().startswith("laptop-taglich:")
    assert camera["url"] == "input:laptop-taglich"
    assert page.get_by_test_id("input-state").inner_text().startswith("Nothing is being sent yet")
    with counted("ffmpeg sending", "-f", "rtsp", "-rtsp_transport", "tcp", url.inner_text()):
        page.get_by_text("A program is sending its picture.").wait_for(timeout=20_000)
    srt = page.get_by_test_id("input-srt").inner_text()
    assert srt.startswith("srt://127.0.0.1:") and srt.endswith("&pkt_size=1316")
    assert page.get_by_test_id("input-srt-stream-id").inner_text().startswith("publish:input/laptop-taglich:laptop-taglich:")
    before = url.inner_text()
    page.get_by_test_id("input-renew").click()
    page.get_by_test_id("confirm-yes").click()
    processes.wait_until(lambda: page.get_by_test_id("input-rtsp").inner_text() != before, 10, "a new key")
    assert page.console == []
