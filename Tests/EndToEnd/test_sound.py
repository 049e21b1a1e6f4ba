"""Sound through the built-in engine: every codec that it understands, in step with the picture, alone, and changed."""

import concurrent.futures
import re
import tempfile
from pathlib import Path

import pytest
import requests

from rig import players, processes
from rig.engine import WRITER, Engine
from rig.flashes import watch

pytestmark = [pytest.mark.builtin_engine, pytest.mark.alone]

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


def enough(flashes, tones):
    return len(flashes) >= 5 and len(tones) >= 5


def expect_in_step(flashes, tones):
    # The first second may be without one of them: a viewer begins anywhere.
    assert len(flashes) >= SECONDS - 3 and len(tones) >= SECONDS - 3, (flashes, tones)
    # One of the two may be ahead of the other when watching ends.
    told = [flash for flash in flashes[1:-1] if flash <= tones[-1] + 0.5]
    offsets = [min((tone - flash for tone in tones), key=abs) for flash in told]
    assert offsets and all(abs(offset) <= 0.04 for offset in offsets), offsets


def watch_all(urls, folder, may_step=(), **options):
    """At the same time; what was seen at each address."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        watching = {
            url: pool.submit(watch, url, Path(tempfile.mkdtemp(dir=folder)), SECONDS, url in may_step, **options)
            for url in urls
        }
        return {url: watched.result() for url, watched in watching.items()}


@pytest.fixture(params=["mpegts"])
def engine(request, tmp_path):
    with Engine(tmp_path, request.param) as running:
        yield running
    assert running.status == 0


@pytest.mark.parametrize(
    ("engine", "codec"),
    [*(("mpegts", codec) for codec in CODECS), *(("fmp4", codec) for codec in ("aac", "opus", "mp3"))],
    indirect=["engine"],
)
def test_sound_is_carried_in_step_with_the_picture(request, engine, codec, tmp_path):
    variant = request.node.callspec.params["engine"]
    rtsp, hls = engine.rtsp("open"), engine.hls("open")
    with publisher(engine.rtsp("open", WRITER), codec):
        assert engine.wait_for_publisher("open")["tracks"] == ["H264", CODECS[codec][1]]
        urls = [rtsp]
        if codec in ("aac", "latm", "mp3") or (variant, codec) == ("fmp4", "opus"):
            urls.append(hls)
            playlist = requests.get(hls, timeout=30).text
            names = {"opus": "opus", "mp3": "mp4a.40.34"}
            assert re.search(rf'CODECS="avc1\.\w+,{names.get(codec, "mp4a.40.2")}"', playlist), playlist
        for seen in watch_all(urls, tmp_path, may_step={rtsp} if codec == "mp3" else (), until=enough).values():
            expect_in_step(*seen)


@pytest.mark.parametrize(("engine", "codec"), [("mpegts", "aac"), ("fmp4", "opus")], indirect=["engine"])
def test_sound_alone(engine, codec, tmp_path):
    with publisher(engine.rtsp("open", WRITER), codec, pictures=False):
        engine.wait_for_publisher("open")
        seen = watch_all((engine.rtsp("open"), engine.hls("open")), tmp_path, pictures=False)
        for url, (_, tones) in seen.items():
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
        watch(engine.hls("open"), tmp_path, SECONDS, until=lambda flashes, tones: flashes and tones)
        # Its place is taken: what it was told of the sound does not hold any more for its viewers.
        with publisher(engine.rtsp("open", WRITER), "opus"):
            processes.wait_until(
                lambda: engine.wait_for_publisher("open")["tracks"] == ["H264", "Opus"], 15, "the other sound"
            )
            for seen in watch_all((engine.rtsp("open"), engine.hls("open")), tmp_path, until=enough).values():
                expect_in_step(*seen)
