"""A viewer that can't go on without a keyframe gets one: what it needs goes up to whoever makes the pictures."""

import time

import pytest

from rig import players
from rig.engine import WRITER, Engine

pytestmark = pytest.mark.builtin_engine


@pytest.mark.skipif(not players.has_rtspclientsink(), reason="GStreamer has no rtspclientsink here")
def test_a_publisher_is_asked_when_a_viewer_comes_long_after_its_last_keyframe(tmp_path):
    with (
        Engine(tmp_path, "mpegts") as engine,
        # A keyframe every forty seconds, if nobody asks. By TCP, rtspclientsink does not read what it is told.
        players.gstreamer_publisher(engine.rtsp("open", WRITER), "udp", keyframe_distance=1000) as publisher,
    ):
        engine.wait_for_publisher("open")
        # No event tells that a keyframe is older than two seconds.
        time.sleep(4)
        with players.ffmpeg_hls(engine.hls("open")) as watched:
            # A segment ends where the next keyframe comes.
            watched.wait_for(lambda pictures: len(pictures) >= 20, 20, "20 pictures")
        assert publisher.running
