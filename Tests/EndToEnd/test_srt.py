"""Inputs by SRT: programs that we did not write send a picture that counts its frames, and it is watched by RTSP."""

import contextlib
import subprocess
import time
import urllib.parse

import pytest

from rig import players, processes
from rig.bad_line import BadLine
from rig.camera import Camera
from rig.server import uses_mediamtx
from test_inputs import addresses

PASSPHRASE = "this-is-not-the-key"


@pytest.fixture
def fed(streaming):
    """An input, and the transmission that shows it, at the size in which it is sent."""
    return streaming.api.add_stream("input:studio", camera={"name": "Studio"})


def by_ffmpeg(stream, camera, url: str | None = None) -> players.Player:
    return players.Player("ffmpeg sending by SRT", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning", "-rtsp_transport", "tcp", "-i", camera.url,
        "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25",
        "-b:v", "1M", "-threads", "1", "-fps_mode", "passthrough", "-f", "mpegts", url or addresses(stream)["srt_url"],
    ])  # fmt: skip


def by_gstreamer(stream, camera) -> players.Player:
    """As it is, with a PES packet for each NAL unit. MediaMTX wants whole pictures in them."""
    given = addresses(stream)
    aligned = ["!", "video/x-h264,stream-format=byte-stream,alignment=au"] if uses_mediamtx() else []
    return players.Player("GStreamer sending by SRT", [
        "gst-launch-1.0", "-q", "rtspsrc", f"location={camera.url}", "protocols=tcp", "latency=50",
        "!", "rtph264depay", "!", "h264parse", "config-interval=-1", *aligned, "!", "mpegtsmux", "alignment=7",
        "!", "srtsink", f"uri={given['srt_url'].split('?')[0]}", "mode=caller", f"streamid={given['srt_stream_id']}",
    ])  # fmt: skip


def wait_until_received(stream) -> None:
    processes.wait_until(lambda: addresses(stream)["receiving"], 20, "the picture")


@contextlib.contextmanager
def watching(stream):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        yield watched


@pytest.mark.parametrize("send", [by_ffmpeg, by_gstreamer])
def test_a_program_is_copied_to_who_watches(fed, camera, send):
    with send(fed, camera):
        wait_until_received(fed)
        with watching(fed) as watched:
            pictures = watched.wait_for_counted(30, count=50, accept=camera.drew)
            fed.wait_for_mode("copy", "copied")
    numbers = [picture.counter for picture in pictures]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_sound_comes_beside_the_picture(fed, codec):
    sending = players.Player("ffmpeg sending by SRT", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning",
        "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "0", "-b:v", "800k",
        "-c:a", codec, "-b:a", "96k", "-threads", "1", "-f", "mpegts", addresses(fed)["srt_url"],
    ])  # fmt: skip
    with sending:
        wait_until_received(fed)
        read = subprocess.run(
            ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
             fed.rtsp_url], capture_output=True, text=True, timeout=40, check=False,
        )  # fmt: skip
        # Outputs have AAC, whatever comes.
        assert read.stdout.split() == ["h264", "aac"], read.stderr


def test_lost_packets_come_again(fed, camera):
    place = urllib.parse.urlsplit(addresses(fed)["srt_url"])
    with BadLine() as line:
        port = line.relay(place.port)
        # In microseconds: on a busy machine what comes again does not come within the usual 120 ms.
        patient = place._replace(netloc=f"127.0.0.1:{port}", query=f"{place.query}&latency=800000")
        with by_ffmpeg(fed, camera, patient.geturl()):
            wait_until_received(fed)
            with watching(fed) as watched:
                watched.wait_for_counted(30, count=10, accept=camera.drew)
                line.loss = 0.05
                pictures = watched.wait_for_counted(30, count=150, after=time.monotonic(), accept=camera.drew)
                assert watched.running
    numbers = sorted({picture.counter for picture in pictures})
    missing = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert line.lost > 20, "the line has lost next to nothing"
    # Without what comes again it would be most of them: after each loss pictures wait for the next keyframe.
    assert missing <= 10, f"{missing} pictures are missing of {len(numbers)}"


def test_a_second_program_takes_over(fed, camera):
    with Camera(counter_start=0x600000) as other, by_ffmpeg(fed, camera) as first:
        wait_until_received(fed)
        with watching(fed) as watched:
            watched.wait_for_counted(30, accept=camera.drew)
            with by_ffmpeg(fed, other):
                watched.wait_for_counted(30, count=25, accept=other.drew)
                first.wait_for_end(20)
                assert watched.running, "the viewer had to reconnect"


def test_a_program_that_is_killed_is_noticed_and_replaced(fed, camera):
    with by_ffmpeg(fed, camera) as first:
        wait_until_received(fed)
        with watching(fed) as watched:
            watched.wait_for_counted(30, accept=camera.drew)
            # Without a goodbye: the engine takes it to be there for a while, and another gets in all the same.
            first.kill()
            killed = time.monotonic()
            with by_ffmpeg(fed, camera) as second:
                watched.wait_for_counted(30, count=25, after=killed + 1, accept=camera.drew)
                assert watched.running, "the viewer had to reconnect"
                second.kill()
        processes.wait_until(lambda: not addresses(fed)["receiving"], 30, "the end of a program that was killed")


def test_only_the_key_sends_and_nothing_tells_it(fed, streaming, camera):
    given = addresses(fed)
    url = given["srt_url"]
    with by_ffmpeg(fed, camera) as sending, watching(fed) as watched:
        wait_until_received(fed)
        watched.wait_for_counted(30, accept=camera.drew)
        wrong_ones = [
            url.replace(given["key"], "guess-guess"), url.replace(f":studio:{given['key']}", ""),
            url.replace("input/studio", "input/other"),
        ]  # fmt: skip
        if not uses_mediamtx():
            # It writes one that it can't read into its own log, with the key.
            wrong_ones.append(url.replace("streamid=publish", "streamid=write"))
        for wrong in wrong_ones:
            with by_ffmpeg(fed, camera, wrong) as refused:
                assert refused.wait_for_end(20) != 0
        reading = subprocess.run(
            ["ffprobe", "-v", "error", url.replace("publish:", "read:")], capture_output=True, text=True, timeout=30,
            check=False,
        )  # fmt: skip
        assert reading.returncode != 0, "the key that sends reads too"
        # Whom all that did not disturb.
        watched.wait_for_counted(20, count=25, after=time.monotonic(), accept=camera.drew)
        assert sending.running and watched.running
        # A new key ends who sends with the old one.
        api_camera = fed.api.get(f"api/cameras/{fed.camera_id}")
        fed.api.put(f"api/cameras/{fed.camera_id}", api_camera | {"password": ""})
        sending.wait_for_end(20)
    texts = [streaming.log, *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.log"))]
    for key in (given["key"], addresses(fed)["key"]):
        assert not [text for text in texts if key in text]


def test_with_a_passphrase_it_is_encrypted_or_refused(fed, streaming, camera):
    wish = {"passphrase": PASSPHRASE, "latency_ms": 200}
    answer = streaming.api.patch("api/streams/settings", {"engine": {"srt": wish}})
    assert answer["engine"]["srt"] == {"passphrase_set": True, "latency_ms": 200}
    streaming.wait_for_engine()
    given = addresses(fed)
    assert given["srt_passphrase_set"] and PASSPHRASE not in str(given)
    for wrong in ("", "&passphrase=another-passphrase"):
        with by_ffmpeg(fed, camera, given["srt_url"] + wrong) as refused:
            assert refused.wait_for_end(20) != 0
    with by_ffmpeg(fed, camera, f"{given['srt_url']}&passphrase={PASSPHRASE}"):
        wait_until_received(fed)
        with watching(fed) as watched:
            watched.wait_for_counted(30, count=25, accept=camera.drew)
    texts = [streaming.log, *(file.read_text(errors="replace") for file in streaming.data_dir.rglob("*.log"))]
    assert not [text for text in texts if PASSPHRASE in text]
