"""A real Home Assistant takes our addresses and plays them. Run by `make test-home-assistant`."""

import pytest
from home_assistant import home_assistant
from rig import players
from rig.server import Server


@pytest.fixture
def streaming(tmp_path):
    server = Server(tmp_path / "data").start()
    server.start_engine()
    yield server
    assert server.stop() == 0


def test_generic_camera_shows_and_plays_a_stream(streaming, tmp_path):
    stream = streaming.api.add_stream("demo:")
    still = f"{streaming.url}/api/streams/transmissions/{stream.transmission_id}/still.jpg?max_age=10"
    folder = tmp_path / "home-assistant"
    folder.mkdir()
    with home_assistant(folder) as home:
        entity = home.add_generic_camera({
            "still_image_url": still, "stream_source": stream.rtsp_url, "rtsp_transport": "tcp",
            "authentication": "basic", "framerate": 2, "verify_ssl": False, "confirmed_ok": True,
        })  # fmt: skip
        assert home.still(entity).startswith(b"\xff\xd8\xff")
        # Home Assistant remuxes what it gets by RTSP into HLS.
        with players.ffmpeg_hls(home.stream_url(entity)) as player:
            player.wait_for_counted(60, count=25)
