"""A camera's pictures come out at the camera's rate, whatever the network does to them."""

import itertools
from urllib.parse import urlsplit

import pytest

from rig import players
from rig.network import JitteryNetwork

pytestmark = pytest.mark.alone


def test_a_picture_that_comes_late_is_shown_once(streaming, camera):
    camera_port = urlsplit(camera.url).port
    with JitteryNetwork(camera_port, delay=0.15) as network:
        url = camera.url.replace(f":{camera_port}", f":{network.port}")
        stream = streaming.api.add_stream(
            url, encoding={"resolution": {"width": 320, "height": 180}, "fps_limit": 25, "bypass_mode": "force_off"}
        )
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:

            def is_steady(pictures):
                # Of the last eight seconds, in each of which one comes late. The first seconds teach what the network does.
                shown = [picture.counter for picture in pictures if camera.drew(picture.counter)]
                last = shown[-200:]
                # A machine that stands still for a while adds some, and then there are others to judge.
                repeated = sum(one == two for one, two in itertools.pairwise(last))
                missing = last[-1] - last[0] + 1 - len(set(last)) if last else 0
                return len(shown) >= 300 and repeated <= 2 and missing <= 4

            watched.wait_for(is_steady, 40, "eight seconds of pictures that come once each")
