"""MP4 without an end: by HTTP in players, and by WebSocket in a browser, as docs/playing-by-websocket.md says."""

import pytest
import requests

from rig import players, processes
from rig.browser import Watcher
from rig.server import uses_mediamtx
from rig.websocket import BINARY, PING, PLAY, PONG, TEXT, Socket


def token_url(streaming, stream) -> str:
    """The address of a WebSocket, below the server's."""
    urls = streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")
    address = next(output["playback_url"] for output in urls["outputs"] if output["protocol"] == "hls")
    return f"/api/streams/playback/{address.split('/')[2]}/mse"


@pytest.mark.builtin_engine
def test_players_play_the_mp4_of_a_camera_that_is_started_for_it(streaming, stream, camera):
    url = stream.hls_url.replace("index.m3u8", "stream.mp4")
    for player in (players.ffmpeg("ffmpeg by MP4", [], url), players.vlc(url)):
        with player as watched:
            watched.wait_for_counted(30, accept=camera.drew)
            processes.wait_until(lambda: stream.viewers() == 1, 10, "a viewer")
        processes.wait_until(lambda: stream.viewers() == 0, 10, "no viewer")
    assert requests.get(url + "?codecs=hvc1.1.6.L93.B0", timeout=20).status_code == 406


@pytest.mark.builtin_engine
def test_a_video_element_plays_the_mp4(stream, camera, page):
    url = stream.hls_url.replace("index.m3u8", "stream.mp4")
    # A document of the same origin, so that the picture may be looked at.
    page.goto(url.replace("stream.mp4", "nothing.ts"))
    page.evaluate(
        "url => document.body.replaceChildren(Object.assign(document.createElement('video'), "
        "{src: url, muted: true, autoplay: true, width: 640, height: 360}))",
        url,
    )
    Watcher(page).wait_for_moving_picture(30, accept=camera.drew)
    page.goto("about:blank")
    processes.wait_until(lambda: stream.viewers() == 0, 10, "no viewer")


@pytest.mark.builtin_engine
def test_a_page_plays_by_websocket_pauses_and_goes_on(streaming, stream, camera, page):
    page.goto(f"{streaming.url}/manifest.webmanifest")
    page.evaluate(PLAY, token_url(streaming, stream))
    watcher = Watcher(page)
    watcher.wait_for_moving_picture(30, accept=camera.drew)
    assert page.evaluate("said[0].value").startswith('video/mp4; codecs="avc1.')
    page.evaluate("socket.send('{\"type\":\"pause\"}')")
    processes.wait_until(lambda: stream.viewers() == 0, 10, "no viewer")
    page.evaluate("socket.send('{\"type\":\"resume\"}')")
    # With the browser's own clock, or else its events would wait as well.
    again = lambda: page.wait_for_timeout(100) or page.evaluate("said.length") == 2  # noqa: E731
    processes.wait_until(again, 20, "another beginning", interval=0)
    watcher.wait_for_moving_picture(20, accept=camera.drew)
    page.evaluate("socket.close()")
    processes.wait_until(lambda: stream.viewers() == 0, 10, "no viewer")
    # The messages are go2rtc's, and so is this address.
    page.evaluate(PLAY, f"/api/ws?src={stream.path}")
    watcher.wait_for_moving_picture(20, accept=camera.drew)


@pytest.mark.builtin_engine
def test_only_clients_that_keep_to_the_protocol_are_served(streaming, stream):
    url = streaming.url + token_url(streaming, stream)
    with Socket(url) as viewer:
        assert viewer.status == 101
        viewer.send(b"?", PING)
        assert viewer.frame() == (PONG, b"?")
        viewer.send(b'{"type":', fin=False)
        viewer.send(b'"mse"}', 0)
        assert viewer.message()["type"] == "mse"
        assert viewer.frame()[0] == BINARY
        viewer.send({"type": "mjpeg"})
        assert viewer.message()["code"] == "message_unknown"
    for reason, code, arguments in (
        ("no mask", 1002, {"content": b"{}", "masked": False}),
        ("a control frame in fragments", 1002, {"content": b"", "opcode": PING, "fin": False}),
        ("a giant", 1009, {"content": b"", "length": 1 << 40}),
        ("no UTF-8", 1007, {"content": b"\xff\xfe", "opcode": TEXT}),
    ):
        with Socket(url) as viewer:
            viewer.send(**arguments)
            assert viewer.close_code() == code, reason
    with Socket(url, {"Origin": "https://evil.example"}) as foreign:
        assert foreign.status == 403
    with Socket(url, {"Sec-WebSocket-Version": "8"}) as old:
        assert old.status == 426
    with Socket(url[:-6] + "AAAA/mse") as forged:
        assert forged.status == 403
    assert requests.get(url, timeout=5).status_code == 426
    assert url.split("/")[6] not in streaming.log, "a token is in the log"


def test_an_engine_without_such_a_stream_is_said(streaming, stream):
    if not uses_mediamtx():
        pytest.skip("the built-in engine has one")
    with Socket(streaming.url + token_url(streaming, stream)) as viewer:
        viewer.send({"type": "mse"})
        assert viewer.message()["code"] == "no_mp4_stream"
