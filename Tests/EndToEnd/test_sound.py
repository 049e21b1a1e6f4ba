"""Sound through the built-in engine: every codec that it understands, in step with the picture, alone, and changed."""

import re

import pytest
import requests

from rig import players, processes
from rig.engine import WRITER, Engine
from rig.flashes import watch

pytestmark = pytest.mark.builtin_engine

# A white picture and a tone for 80 ms at the beginning of every second.
FLASH = "color=black:size=320x240:rate=25,drawbox=color=white:t=fill:enable='lt(mod(t,1),0.08)'"
TONE = "aevalsrc='if(lt(mod(t,1),0.08),sin(2*PI*1000*t),0)':s={rate}:c={layout}"
SECONDS = 6

# The encoder of ffmpeg and its options, and the control API's name.
CODECS = {
    "aac": (["-c:a", "aac"], "MPEG-4 Audio"),
    "latm": (["-c:a", "aac", "-rtpflags", "latm"], "MPEG-4 Audio"),
    "opus": (["-c:a", "libopus"], "Opus"),
    "mp3": (["-c:a", "libmp3lame"], "MPEG-1/2 Audio"),
    "mulaw": (["-c:a", "pcm_mulaw"], "G711"),
}


def publisher(url, codec, pictures=True):
    rate, layout = (8000, "mono") if codec == "mulaw" else (48000, "stereo")
    video = ["-f", "lavfi", "-re", "-i", FLASH] if pictures else []
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25"] if pictures else []
    return players.Player(f"ffmpeg publishing {codec}", [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "warning", *video,
        "-f", "lavfi", "-re", "-i", TONE.format(rate=rate, layout=layout),
        *encoder, *CODECS[codec][0], "-threads", "1", "-f", "rtsp", "-rtsp_transport", "tcp", url,
    ])  # fmt: skip


def expect_in_step(flashes, tones):
    # The first second may be without one of them: a viewer begins anywhere.
    assert len(flashes) >= SECONDS - 3 and len(tones) >= SECONDS - 3, (flashes, tones)
    offsets = [min((tone - flash for tone in tones), key=abs) for flash in flashes[1:-1]]
    assert all(abs(offset) <= 0.04 for offset in offsets), offsets


@pytest.fixture(params=["mpegts"])
def engine(request, tmp_path):
    with Engine(tmp_path, request.param) as running:
        yield running
    assert running.status == 0


@pytest.mark.parametrize("codec", CODECS)
def test_rtsp_carries_sound_in_step_with_the_picture(engine, codec, tmp_path):
    with publisher(engine.rtsp("open", WRITER), codec):
        assert engine.wait_for_publisher("open")["tracks"] == ["H264", CODECS[codec][1]]
        expect_in_step(*watch(engine.rtsp("open"), tmp_path, SECONDS, may_step=codec == "mp3"))


@pytest.mark.parametrize(
    ("engine", "codec"),
    [("mpegts", "aac"), ("mpegts", "latm"), ("mpegts", "mp3"), ("fmp4", "aac"), ("fmp4", "opus"), ("fmp4", "mp3")],
    indirect=["engine"],
)
def test_hls_carries_sound_in_step_with_the_picture(engine, codec, tmp_path):
    with publisher(engine.rtsp("open", WRITER), codec):
        engine.wait_for_publisher("open")
        playlist = requests.get(engine.hls("open"), timeout=30).text
        names = {"opus": "opus", "mp3": "mp4a.40.34"}
        assert re.search(rf'CODECS="avc1\.\w+,{names.get(codec, "mp4a.40.2")}"', playlist), playlist
        expect_in_step(*watch(engine.hls("open"), tmp_path, SECONDS))


@pytest.mark.parametrize(("engine", "codec"), [("mpegts", "aac"), ("fmp4", "opus")], indirect=["engine"])
def test_sound_alone(engine, codec, tmp_path):
    with publisher(engine.rtsp("open", WRITER), codec, pictures=False):
        engine.wait_for_publisher("open")
        for url in (engine.rtsp("open"), engine.hls("open")):
            _, tones = watch(url, tmp_path, SECONDS, pictures=False)
            # The first may have begun before the viewer.
            gaps = [later - earlier for earlier, later in zip(tones[1:], tones[2:])]
            assert len(gaps) >= SECONDS - 3 and all(abs(gap - 1) < 0.02 for gap in gaps), (url, tones)
        assert "RESOLUTION" not in requests.get(engine.hls("open"), timeout=30).text


@pytest.mark.parametrize("engine", ["fmp4"], indirect=True)
def test_pictures_play_by_hls_where_the_sound_is_not_carried(engine, tmp_path):
    with publisher(engine.rtsp("open", WRITER), "mulaw"):
        engine.wait_for_publisher("open")
        with players.ffmpeg_hls(engine.hls("open")) as watched:
            watched.wait_for(lambda pictures: len(pictures) >= 30, 30, "30 pictures")
        assert "mp4a" not in requests.get(engine.hls("open"), timeout=30).text


@pytest.mark.parametrize("engine", ["fmp4"], indirect=True)
def test_a_publisher_with_other_sound_takes_over(engine, tmp_path):
    with publisher(engine.rtsp("open", WRITER), "aac"):
        engine.wait_for_publisher("open")
        watch(engine.hls("open"), tmp_path, SECONDS)
        # Its place is taken: what it was told of the sound does not hold any more for its viewers.
        with publisher(engine.rtsp("open", WRITER), "opus"):
            processes.wait_until(
                lambda: engine.wait_for_publisher("open")["tracks"] == ["H264", "Opus"], 15, "the other sound"
            )
            for url in (engine.rtsp("open"), engine.hls("open")):
                expect_in_step(*watch(url, tmp_path, SECONDS))
