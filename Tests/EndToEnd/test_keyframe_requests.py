"""A viewer that can't go on without a keyframe gets one: what it needs goes up to whoever makes the pictures."""

import time

import pytest

from rig import players
from rig.engine import WRITER, Engine
from rig.rtsp_viewer import RTSPViewer

pytestmark = [pytest.mark.builtin_engine, pytest.mark.alone]


def test_our_encoder_makes_a_keyframe_for_a_viewer_that_lost_its_picture(streaming, camera):
    # Of another size than the camera's, so that it is encoded: with a keyframe a second, if nobody asks for more.
    stream = streaming.api.add_stream(camera.url, encoding={"resolution": {"width": 320, "height": 180}})
    with RTSPViewer(stream.rtsp_url) as viewer:
        keyframe, has_asked, distances = None, True, []
        for packet in viewer.packets():
            age = None if keyframe is None else ((packet.timestamp - keyframe) & 0xFFFFFFFF) / 90_000
            if packet.begins_h264_keyframe and age != 0:
                distances += [] if age is None else [age]
                # At the beginning there are some more, because the placeholder gives way to the picture. From then on every
                # other one is asked for: no more than one request a second goes up.
                keyframe, has_asked = packet.timestamp, len(distances) < 5 or len(distances) % 2 == 0
            elif age is not None and age > 0.35 and not has_asked:
                viewer.say_picture_is_lost()
                has_asked = True
            if len(distances) == 15:
                break
    assert len([distance for distance in distances[5:] if distance < 0.8]) >= 3, distances


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
