"""A real Home Assistant takes our addresses and plays them. Run by `make test-home-assistant`."""

import pytest
from home_assistant import home_assistant
from rig import players, processes
from rig.server import Server
from supervisor_proxy import TOKEN, SupervisorProxy

PASSWORD = "p:w@/d é"


@pytest.fixture
def streaming(tmp_path):
    server = Server(tmp_path / "data").start()
    server.start_engine()
    yield server
    assert server.stop() == 0


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home-assistant"
    folder.mkdir()
    with home_assistant(folder) as running:
        yield running


def test_generic_camera_shows_and_plays_a_stream(streaming, home):
    stream = streaming.api.add_stream("demo:")
    still = f"{streaming.url}/api/streams/transmissions/{stream.transmission_id}/still.jpg?max_age=10"
    entity = home.add_generic_camera({
        "still_image_url": still, "stream_source": stream.rtsp_url, "rtsp_transport": "tcp",
        "authentication": "basic", "framerate": 2, "verify_ssl": False, "confirmed_ok": True,
    })  # fmt: skip
    assert home.still(entity).startswith(b"\xff\xd8\xff")
    # Home Assistant remuxes what it gets by RTSP into HLS.
    with players.ffmpeg_hls(home.stream_url(entity)) as player:
        player.wait_for_counted(60, count=25)


@pytest.fixture
def add_on(home, tmp_path):
    """The server as the add-on beside that Home Assistant, with a running engine that it reaches."""
    with SupervisorProxy(home.url, home.token) as supervisor:
        reached = ("--host", "0.0.0.0", "--access", "open")
        server = Server(tmp_path / "add-on", *reached, environment=supervisor.environment).start()
        server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": True}})
        server.start_engine()
        yield server
        assert server.stop() == 0


def test_the_add_on_makes_a_camera_that_plays(home, add_on, tmp_path):
    access = {"enabled": True, "username": "eve", "password": PASSWORD}
    encoding = {"resolution": {"width": 640, "height": 360}, "fps_limit": 25, "bitrate_kbps": 1000}
    output = {"protocol": "rtsp", "id": "main", "authentication": access} | encoding
    stream = add_on.api.add_stream("demo:", name="Garagé 1 (rear)", outputs=[output])
    wish = {"transmission_id": stream.transmission_id, "output_id": "main"}
    assert add_on.api.get("api/home-assistant")["version"] == "2024.3.3"
    added = add_on.api.post("api/home-assistant/cameras", wish, timeout=120)
    assert (added["name"], added["entity_id"]) == ("Garagé 1 (rear)", "camera.garage_1_rear")
    # It goes by that name once Home Assistant has loaded it again.
    processes.wait_until(lambda: home.name(added["entity_id"]) == "Garagé 1 (rear)", 30, "the camera's name")
    with players.ffmpeg_hls(home.stream_url(added["entity_id"])) as player:
        player.wait_for_counted(60, count=25)
    # The still is the server's own, for which it needs the password as well.
    stored = tmp_path / "home-assistant" / ".storage" / "core.config_entries"
    processes.wait_until(lambda: stored.exists() and "/still.jpg" in stored.read_text(), 30, "the address of the still")
    assert home.still(added["entity_id"]).startswith(b"\xff\xd8\xff")
    again = add_on.api.request("POST", "api/home-assistant/cameras", wish, timeout=120)
    assert again.status_code == 409 and "already" in again.json()["detail"]
    assert PASSWORD not in add_on.log and TOKEN not in add_on.log


def test_cameras_of_home_assistant_are_sources(streaming, home, add_on):
    camera = streaming.api.add_stream("demo:")
    still = f"{streaming.url}/api/streams/transmissions/{camera.transmission_id}/still.jpg?max_age=1"
    common = {"authentication": "basic", "verify_ssl": False, "confirmed_ok": True}
    with_stream = home.add_generic_camera(
        common | {"stream_source": camera.rtsp_url, "rtsp_transport": "tcp", "framerate": 2})
    pictures_alone = home.add_generic_camera(common | {"still_image_url": still, "framerate": 5})
    listed = {row["entity_id"]: row for row in add_on.api.get("api/home-assistant/cameras")["cameras"]}
    assert listed[with_stream]["has_stream"] is True and listed[pictures_alone]["has_stream"] is False
    for entity in (with_stream, pictures_alone):
        tested = add_on.api.post("api/cameras/test", {"url": listed[entity]["url"]}, timeout=60)
        assert tested["ok"], tested
        played = add_on.api.add_stream(listed[entity]["url"], name=entity, path=entity.partition(".")[2])
        with players.ffmpeg_rtsp(played.rtsp_url) as player:
            # The demo counts its pictures; the placeholder has no counter.
            player.wait_for_counted(60, count=25 if entity == with_stream else 3)
    assert TOKEN not in add_on.log
