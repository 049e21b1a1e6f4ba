"""A camera's pictures come out at the camera's rate, whatever the network does to them."""

from urllib.parse import urlsplit

from rig import players
from rig.network import JitteryNetwork


def test_a_picture_that_comes_late_is_shown_once(streaming, camera):
    camera_port = urlsplit(camera.url).port
    with JitteryNetwork(camera_port, delay=0.15) as network:
        url = camera.url.replace(f":{camera_port}", f":{network.port}")
        stream = streaming.api.add_stream(
            url, encoding={"resolution": {"width": 320, "height": 180}, "fps_limit": 25, "bypass_mode": "force_off"}
        )
        with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
            shown = [p.counter for p in watched.wait_for_counted(40, count=400, accept=camera.drew)]
    # The first seconds teach what the network does. A machine that stands still for a while adds one or two.
    shown = shown[100:]
    repeated = sum(one == two for one, two in zip(shown, shown[1:]))
    missing = shown[-1] - shown[0] + 1 - len(set(shown))
    assert repeated <= 2 and missing <= 4, (repeated, missing, shown)
