"""What is sent to destinations: by RTMP, SRT and RTSP, with ffmpeg as the service; and what they do to nobody else."""

import contextlib
import json
import socket
import subprocess
import time

import pytest

from rig import players, ports, processes

KEY, PASSPHRASE, STREAM_ID = "live_4711-secret", "correct horse", "publish:cam:me:hunter2"


def add(streaming, camera, **destination):
    """A stream with one destination, and what its transmission is called."""
    destination = {"id": "d", "name": "Service", "silent_audio": True} | destination
    # Of another size than the camera's, so that it is encoded, with a keyframe each second.
    encoding = {"resolution": {"width": 320, "height": 180}, "fps_limit": 25, "bitrate_kbps": 500}
    return streaming.api.add_stream(camera.url, encoding=encoding, destinations=[destination | encoding])


def switch(streaming, stream, active):
    return streaming.api.patch(
        f"api/streams/transmissions/{stream.transmission_id}/destinations/d", {"active": active}
    )


def told(streaming):
    [destination] = streaming.api.get("api/streams/runtime/destinations")["destinations"]
    return destination


def wait_for(streaming, state, timeout=20):
    return processes.wait_until(
        lambda: (now := told(streaming))["state"] == state and now, timeout, f"a destination that is {state}"
    )


def assert_kept(streaming, *secrets):
    """No answer, no log and no command line has a secret."""
    texts = [
        streaming.log,
        *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.log")),
        *(" ".join(process.arguments) for process in streaming.living()),
        *(
            json.dumps(streaming.api.get(f"api/streams/{path}"))
            for path in ("transmissions", "settings", "runtime/destinations", "runtime/diagnostics")
        ),
    ]
    for secret in secrets:
        assert not [text for text in texts if secret in text], secret


def tracks(url: str, options: list[str]) -> subprocess.Popen:
    """A service that takes two seconds, and tells the codecs of what it got."""
    command = ["ffmpeg", "-hide_banner", "-nostats", *options, "-i", url, "-t", "2", "-c", "copy", "-f", "null", "-"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def test_rtmp_gets_pictures_and_silence_and_is_tried_again(streaming, camera):
    port = ports.free_port()
    stream = add(streaming, camera, kind="rtmp", address=f"rtmp://127.0.0.1:{port}/live", key=KEY)
    assert told(streaming)["state"] == "off"
    switch(streaming, stream, True)
    waiting = wait_for(streaming, "waiting")
    assert waiting["message_code"] == "destination_refused" and waiting["retry_at_unix"] > time.time() - 5
    # The name and the key have to be those that are asked for, or ffmpeg says so.
    service = tracks(f"rtmp://127.0.0.1:{port}/live/{KEY}", ["-listen", "1"])
    log = service.communicate(timeout=40)[1]
    assert service.returncode == 0, log
    assert "Video: h264" in log and "320x180" in log and "Audio: aac" in log and "Unexpected stream" not in log
    lost = wait_for(streaming, "waiting")
    assert lost["message_code"] in {"destination_broke_off", "destination_refused"}
    assert lost["frames_sent"] > 25 and lost["bytes_sent"] > 10_000
    assert streaming.only("worker"), "it runs without a viewer"
    assert_kept(streaming, KEY)
    switch(streaming, stream, False)
    processes.wait_until(lambda: not streaming.living("worker"), 10, "the worker ending")
    assert told(streaming)["state"] == "off"


@pytest.mark.parametrize("mode", ["caller", "listener"])
def test_srt_is_sent_with_a_passphrase(streaming, camera, mode):
    port = ports.free_port()
    stream = add(
        streaming, camera, kind="srt", address=f"srt://127.0.0.1:{port}", srt_mode=mode, srt_passphrase=PASSPHRASE,
        srt_stream_id=STREAM_ID if mode == "caller" else None,
    )  # fmt: skip
    if mode == "listener":
        switch(streaming, stream, True)
        processes.wait_until(
            lambda: told(streaming)["message_code"] == "destination_waits_for_call", 20, "an SRT listener"
        )
    other = "listener" if mode == "caller" else "caller"
    options = ["-mode", other, "-passphrase", PASSPHRASE]
    with players.ffmpeg(f"ffmpeg as SRT {other}", options, f"srt://127.0.0.1:{port}") as service:
        if mode == "caller":
            switch(streaming, stream, True)
        service.wait_for_counted(30, accept=camera.drew)
        sending = wait_for(streaming, "sending")
        assert sending["message_code"] == "destination_sending" and sending["sending_since_unix"] <= time.time()
    assert_kept(streaming, PASSPHRASE, STREAM_ID)


def test_rtsp_is_pushed_to_another_server(streaming, camera):
    port = ports.free_port()
    options = ["-rtsp_flags", "listen"]
    stream = add(streaming, camera, kind="rtsp", address=f"rtsp://127.0.0.1:{port}/live")
    with players.ffmpeg("ffmpeg as an RTSP server", options, f"rtsp://127.0.0.1:{port}/live") as service:
        switch(streaming, stream, True)
        service.wait_for_counted(30, accept=camera.drew)


@pytest.mark.parametrize(
    ("kind", "codec", "options"),
    [
        ("rtmp", "h264", ["-listen", "1"]),
        ("srt", "h265", ["-mode", "listener"]),
        ("rtsp", "h265", ["-rtsp_flags", "listen"]),
    ],
)
def test_b_frames_arrive_in_order_in_the_codec_that_is_asked_for(streaming, camera, kind, codec, options):
    url = f"{kind}://127.0.0.1:{ports.free_port()}" + ("" if kind == "srt" else "/live")
    key = {"key": "k"} if kind == "rtmp" else {}
    stream = add(streaming, camera, kind=kind, address=url, codec=codec, max_b_frames=2, **key)
    with players.ffmpeg(f"ffmpeg by {kind}", options, url + ("/k" if key else "")) as service:
        switch(streaming, stream, True)
        pictures = service.wait_for_counted(40, count=60, accept=camera.drew)
        numbers = [picture.counter for picture in pictures]
        assert numbers == sorted(numbers), "pictures jump back"
        assert wait_for(streaming, "sending")["bitrate_kbps"] > 0


@contextlib.contextmanager
def black_hole():
    """A port whose kernel takes connections for a program that never looks."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield listener.getsockname()[1]


def test_a_black_hole_disturbs_neither_viewers_nor_the_stop(streaming, camera):
    with black_hole() as port:
        stream = add(streaming, camera, kind="rtmp", address=f"rtmp://127.0.0.1:{port}/live", key=KEY)
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            watched.wait_for_counted(20, accept=camera.drew)
            switch(streaming, stream, True)
            wait_for(streaming, "connecting")
            now = time.monotonic()
            pictures = watched.wait_for_counted(20, count=75, after=now, accept=camera.drew)
            assert pictures[-1].at - pictures[0].at < 6, "at their usual rate"
            switch(streaming, stream, False)
            watched.wait_for_counted(10, count=25, after=time.monotonic(), accept=camera.drew)
            switch(streaming, stream, True)
            wait_for(streaming, "connecting")
            began = time.monotonic()
            streaming.stop()
            assert time.monotonic() - began < 5


def test_a_destination_is_added_and_switched_on_in_the_settings(streaming, camera, page):
    stream = streaming.api.add_stream(camera.url)
    page.goto(f"{streaming.url}/settings#transmissions")
    page.get_by_test_id("transmission-edit").click()
    page.get_by_test_id("destination-add").select_option("twitch")
    destination = page.get_by_test_id("destination")
    assert destination.get_by_test_id("destination-address").input_value() == "rtmps://live.twitch.tv/app"
    # Nobody is called outside of this machine.
    destination.get_by_test_id("destination-kind-rtmp").check(force=True)
    destination.get_by_test_id("destination-address").fill("rtmp://127.0.0.1")
    page.get_by_test_id("transmission-save").click()
    destination.get_by_text("The address names no application behind the host.").wait_for()
    destination.get_by_test_id("destination-address").fill(f"rtmp://127.0.0.1:{ports.free_port()}/live/{KEY}")
    page.get_by_test_id("transmission-save").click()
    destination.get_by_text("as the key: answers show addresses").wait_for()
    destination.get_by_test_id("destination-address").fill(f"rtmp://127.0.0.1:{ports.free_port()}/live")
    destination.get_by_test_id("destination-key").fill(KEY)
    page.get_by_test_id("transmission-save").click()
    row = page.get_by_test_id("destinations")
    row.get_by_text("It is switched off.").wait_for()
    row.get_by_test_id("destination-switch").check(force=True)
    row.get_by_text("refused the connection; check host and port.").wait_for(timeout=20_000)
    assert row.get_by_test_id("destination-state").inner_text() == "Trying again"
    # What is changed beside it keeps the key.
    page.get_by_test_id("transmission-edit").click()
    assert destination.get_by_test_id("destination-key").get_attribute("placeholder")
    page.get_by_test_id("transmission-group").fill("Garden")
    page.get_by_test_id("transmission-save").click()
    page.get_by_test_id("transmission-sheet").wait_for(state="detached")
    [kept] = streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}")["destinations"]
    assert kept["key_set"] and kept["active"] and kept["name"] == "Twitch"
    # What the service asks for.
    assert (kept["bitrate_mode"], kept["bitrate_kbps"], kept["keyframe_interval"]) == ("cbr", 3000, 60)
    assert not [line for line in page.console if line.startswith("uncaught")]
