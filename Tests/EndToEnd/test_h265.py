"""H.265 through the whole chain, watched by programs that we did not write."""

import time

import pytest

from rig import players
from rig.engine import WRITER, Engine

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
