"""Publishers that we did not write, in every way that they have: by TCP and UDP, with several tracks."""

import re
import subprocess

import pytest

from rig import players
from rig.engine import WRITER, Engine
from rig.rtsp_viewer import RTSPViewer

pytestmark = pytest.mark.builtin_engine

needs_rtspclientsink = pytest.mark.skipif(
    not players.has_rtspclientsink(), reason="GStreamer has no rtspclientsink here"
)


@pytest.fixture
def engine(tmp_path):
    with Engine(tmp_path, "mpegts") as running:
        yield running
    assert running.status == 0


def publishing_transport(engine) -> str:
    (session,) = [item for item in engine.api("rtspsessions/list").json()["items"] if item["state"] == "publish"]
    return session["transport"]


@pytest.mark.parametrize(
    "publisher", [players.ffmpeg_publisher, pytest.param(players.gstreamer_publisher, marks=needs_rtspclientsink)]
)
def test_publishing_by_udp(engine, publisher):
    with publisher(engine.rtsp("open", WRITER), transport="udp") as published:
        engine.wait_for_publisher("open")
        assert publishing_transport(engine) == "UDP"
        for player in (players.ffmpeg_rtsp(engine.rtsp("open")), players.ffmpeg_hls(engine.hls("open"))):
            with player as watched:
                watched.wait_for(lambda pictures: len(pictures) >= 50, 25, "50 pictures")
        assert published.running


def ffmpeg_with_four_tracks(url: str, transport: str) -> players.Player:
    """The second picture is another one, with a keyframe every ten seconds."""
    return players.Player(f"ffmpeg publishing four tracks by {transport.upper()}", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning",
        "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25",
        "-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=25",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        "-re", "-f", "lavfi", "-i", "sine=frequency=880:sample_rate=48000",
        "-map", "0", "-map", "1", "-map", "2", "-map", "3",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-tune", "zerolatency",
        "-g:v:0", "25", "-g:v:1", "250",
        "-c:a:0", "aac", "-c:a:1", "libopus", "-threads", "1", "-f", "rtsp", "-rtsp_transport", transport, url,
    ])  # fmt: skip


def gstreamer_with_four_tracks(url: str, transport: str) -> players.Player:
    place = players.without_userinfo(url)
    picture = (
        "videotestsrc is-live=true pattern={pattern} ! video/x-raw,width={width},height={height},framerate=25/1 "
        "! x264enc speed-preset=ultrafast tune=zerolatency bitrate=500 key-int-max={distance} threads=1 ! s. "
    )
    tone = "audiotestsrc is-live=true freq={frequency} ! audio/x-raw,rate=48000,channels=1 ! {encoder} ! s. "
    return players.Player(f"GStreamer publishing four tracks by {transport.upper()}", [
        "gst-launch-1.0", "-q", "rtspclientsink", "name=s", f"location={place}", f"protocols={transport}", "latency=0",
        *players.gstreamer_login(url),
        *picture.format(pattern="smpte", width=320, height=240, distance=25).split(),
        *picture.format(pattern="ball", width=160, height=120, distance=250).split(),
        *tone.format(frequency=440, encoder="avenc_aac").split(),
        *tone.format(frequency=880, encoder="opusenc").split(),
    ])  # fmt: skip


def read_track(url: str, track: str, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-loglevel", "info", "-rtsp_transport", "tcp", "-i", url,
         "-map", f"0:{track}", *options, "-f", "framehash", "-"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("publisher", "transport"),
    [
        (ffmpeg_with_four_tracks, "tcp"),
        (ffmpeg_with_four_tracks, "udp"),
        pytest.param(gstreamer_with_four_tracks, "tcp", marks=needs_rtspclientsink),
        pytest.param(gstreamer_with_four_tracks, "udp", marks=needs_rtspclientsink),
    ],
)
def test_two_pictures_and_two_sounds(engine, publisher, transport):
    with publisher(engine.rtsp("open", WRITER), transport) as published:
        tracks = engine.wait_for_publisher("open")["tracks"]
        assert sorted(tracks) == ["H264", "H264", "MPEG-4 Audio", "Opus"]
        # Whoever reads the second picture begins with one of its own keyframes, of which it has few.
        second = [index for index, track in enumerate(tracks) if track == "H264"][1]
        with RTSPViewer(engine.rtsp("open"), second) as viewer:
            assert next(viewer.packets()).begins_h264_keyframe
        sizes = set()
        for track in ("v:0", "v:1"):
            read = read_track(engine.rtsp("open"), track, "-frames:v", "40")
            assert read.returncode == 0, read.stderr
            assert len(re.findall(r"^0, ", read.stdout, re.M)) == 40, read.stdout
            sizes |= set(re.findall(r"^#dimensions 0: (\S+)", read.stdout, re.M))
            # What refers to a picture that was not sent is a complaint.
            assert not re.search(r"error|non-existing|missing", read.stderr, re.I), read.stderr
        assert sizes == {"320x240", "160x120"}
        for track in ("a:0", "a:1"):
            read = read_track(engine.rtsp("open"), track, "-frames:a", "40")
            assert read.returncode == 0 and len(re.findall(r"^0, ", read.stdout, re.M)) == 40, read.stderr
        assert published.running


def test_with_the_settings_of_obs(engine):
    """x264 veryfast at 2500 kb/s CBR with B-frames and a keyframe every 2 s, and AAC at 160 kb/s."""
    source = players.Player("ffmpeg with OBS's settings", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning",
        "-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30",
        "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
        "-c:v", "libx264", "-preset", "veryfast", "-b:v", "2500k", "-maxrate", "2500k", "-bufsize", "2500k",
        "-x264-params", "nal-hrd=cbr", "-bf", "2", "-g", "60", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k",
        "-f", "rtsp", "-rtsp_transport", "tcp", engine.rtsp("open", WRITER),
    ])  # fmt: skip
    with source as published:
        assert engine.wait_for_publisher("open")["tracks"] == ["H264", "MPEG-4 Audio"]
        for player in (players.ffmpeg_rtsp(engine.rtsp("open")), players.ffmpeg_hls(engine.hls("open"))):
            with player as watched:
                watched.wait_for(lambda pictures: len(pictures) >= 60, 25, "60 pictures")
        assert published.running
