"""Cameras of Home Assistant as sources, as the add-on reads them through Supervisor."""

import http.server
import json
import threading

import pytest

from rig import players, processes
from rig.home_assistant_cameras import Cameras
from rig.home_assistant_core import Core
from rig.supervisor import Supervisor

PATH = "api/home-assistant/cameras"
STREAM, STILLS, OURS = "camera.yard", "camera.door", "camera.ours"


@pytest.fixture
def cameras(tmp_path):
    known = {STREAM: ("Yard", True), STILLS: ("Door", False), OURS: ("Front door", True)}
    with Cameras(tmp_path / "home-assistant", known, generic=(OURS,)) as running:
        yield running


@pytest.fixture
def home(make_server, cameras):
    """A server as the add-on starts it, beside a Home Assistant with cameras, with a running engine."""
    with Supervisor(["192.0.2.5"], {}, core=Core(cameras=cameras)) as supervisor:
        server = make_server(environment=supervisor.environment).start()
        server.supervisor = supervisor
        server.start_engine()
        yield server
        assert server.stop() == 0
        assert Supervisor.TOKEN not in server.log
        logs = [file.read_text(errors="replace") for file in server.data_dir.rglob("*.log")]
        assert logs and not any(Supervisor.TOKEN in log for log in logs)


def is_picture(picture: players.Picture) -> bool:
    """The placeholder is plain."""
    return picture.spread > 40


def reason(server) -> dict:
    """What is wrong with the camera of the first output."""
    outputs = server.api.get("api/streams/runtime/outputs")["outputs"]
    return (outputs[0]["message_parameters"] or {}).get("reason") or {} if outputs else {}


@pytest.mark.patient
def test_a_camera_with_a_stream_plays_and_is_back_after_a_restart(home, cameras):
    stream = home.api.add_stream(f"homeassistant:{STREAM}")
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for(lambda seen: sum(map(is_picture, seen)) >= 25, 60, "the camera's picture")
        (token,) = cameras.tokens
        cameras.restart()
        processes.wait_until(
            lambda: isinstance(reason(home), dict) and reason(home).get("code") == "home_assistant_no_picture", 90,
            "a sentence about the camera",
        )  # fmt: skip
        cameras.is_away = False
        processes.wait_until(lambda: cameras.tokens, 90, "a new stream")
        assert token not in cameras.tokens
        back = len(player.pictures)
        player.wait_for(lambda seen: sum(map(is_picture, seen[back:])) >= 25, 90, "the picture again")
    # The token of Supervisor was there each time, or nothing would have been answered.
    assert all(status != 401 for _, status in home.supervisor.asked)


def is_read(home, what: str) -> bool:
    return any(status == 200 and what in path for path, status in home.supervisor.asked)


@pytest.mark.patient
def test_a_stream_without_segments_gives_way_to_stills_until_it_plays(home, cameras):
    cameras.playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    stream = home.api.add_stream(f"homeassistant:{STREAM}")
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for(lambda seen: sum(map(is_picture, seen)) >= 25, 60, "the still")
        assert STREAM in cameras.opened and not is_read(home, ".m4s")
        cameras.playlist = None
        processes.wait_until(lambda: is_read(home, "segment/"), 90, "the stream that plays")
        processes.wait_until(lambda: stream.outputs()[0]["mode"] == "copy", 60, "pictures of the stream, as they come")


@pytest.mark.patient
def test_a_stream_that_stands_still_gives_way_to_stills(home, cameras):
    stream = home.api.add_stream(f"homeassistant:{STREAM}")
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for(lambda seen: sum(map(is_picture, seen)) >= 25, 60, "the camera's picture")
        cameras.freeze()
        processes.wait_until(lambda: STREAM in cameras.opened, 120, "the stills")
        back = len(player.pictures)
        player.wait_for(lambda seen: sum(map(is_picture, seen[back:])) >= 25, 60, "the still")


@pytest.mark.patient
def test_a_test_of_a_stream_without_segments_shows_the_still(home, cameras):
    cameras.playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n"
    result = home.api.post("api/cameras/test", {"url": f"homeassistant:{STREAM}"}, timeout=90)
    assert result["ok"], result["message"]
    assert result["still"].startswith("data:image/jpeg")


@pytest.mark.patient
def test_a_camera_without_a_stream_shows_its_stills_also_while_they_stay_the_same(home, cameras):
    stream = home.api.add_stream(f"homeassistant:{STILLS}")
    with players.ffmpeg_rtsp(stream.rtsp_url) as player:
        player.wait_for(lambda seen: sum(map(is_picture, seen)) >= 25, 60, "the still")
        opened = len(cameras.opened)
        repeats = (f"/core/api/camera_proxy/{STILLS}", 200)
        processes.wait_until(lambda: home.supervisor.asked.count(repeats) >= 5, 60, "the still again and again")
        assert len(cameras.opened) == opened, "the stream of stills goes on, and is not opened anew"
        processes.wait_until(lambda: stream.outputs()[0]["state"] == "working", 30, "a working output")


@pytest.mark.parametrize("entity", [STREAM, STILLS])
def test_a_test_shows_the_picture(home, entity):
    result = home.api.post("api/cameras/test", {"url": f"homeassistant:{entity}"}, timeout=60)
    assert result["ok"], result["message"]
    assert (result["width"], result["height"]) == (640, 360) and result["still"].startswith("data:image/jpeg")


def test_a_test_of_what_is_not_there_says_so(home, cameras, server):
    def message(asked, entity: str) -> str:
        result = asked.api.post("api/cameras/test", {"url": f"homeassistant:{entity}"}, timeout=60)
        assert result["ok"] is False
        return result["message"]

    assert "gives no picture of camera.gone" in message(home, "camera.gone")
    assert "no add-on of Home Assistant" in message(server, STREAM)
    cameras.restart()
    assert "Home Assistant does not answer" in message(home, STREAM)


@pytest.mark.patient
def test_a_playlist_that_leads_elsewhere_leads_no_token_there(home, cameras):
    heard = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            heard.append((self.path, str(self.headers)))
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{elsewhere.server_port}"
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", f"{address}/1.ts", "#EXTINF:1,", f"{address}/2.ts", ""]
        cameras.playlist = "\n".join(lines).encode()
        result = home.api.post("api/cameras/test", {"url": f"homeassistant:{STREAM}"}, timeout=60)
        elsewhere.shutdown()
    assert result["ok"] is False and heard
    key = home.supervisor.TOKEN
    assert not any(key in headers or "authorization" in headers.lower() or "key=" in headers for _, headers in heard)


def test_the_list_offers_what_is_not_ours(home):
    home.api.add_stream("demo:", name="Front door")
    found = home.api.get(PATH)
    assert found["reason"] is None and found["is_add_on"] is True
    assert [(camera["url"], camera["has_stream"]) for camera in found["cameras"]] == [
        (f"homeassistant:{STILLS}", False), (f"homeassistant:{STREAM}", True),
    ]  # fmt: skip


def open_sheet(page, server):
    server.api.add_stream("demo:", path="other")
    with page.expect_response(f"**/{PATH}"):
        page.goto(f"{server.url}/settings#cameras")
        page.get_by_test_id("camera-add").first.click()


def test_the_page_adds_a_camera_by_its_name(home, page):
    open_sheet(page, home)
    page.get_by_test_id("camera-home-assistant").select_option(label=f"Door ({STILLS})")
    assert page.get_by_test_id("camera-url").input_value() == f"homeassistant:{STILLS}"
    assert page.get_by_test_id("camera-name").input_value() == "Door"
    assert page.get_by_test_id("camera-username").is_hidden()
    page.get_by_test_id("camera-test").click()
    page.get_by_test_id("camera-still").wait_for(timeout=60_000)
    page.get_by_test_id("camera-save").click()
    page.get_by_test_id("camera-sheet").wait_for(state="hidden", timeout=60_000)
    assert ("Door", f"homeassistant:{STILLS}") in {(it["name"], it["url"]) for it in home.api.get("api/cameras")}
    assert page.console == []


def test_the_page_says_why_there_is_nothing_to_choose(home, cameras, page):
    cameras.cameras.clear()
    open_sheet(page, home)
    page.get_by_text("Home Assistant has no camera").wait_for()
    assert page.get_by_test_id("camera-home-assistant").is_disabled()


def test_without_home_assistant_the_page_offers_none(server, page):
    open_sheet(page, server)
    page.get_by_test_id("camera-url").wait_for()
    assert page.get_by_test_id("camera-home-assistant").is_hidden()
    assert json.dumps(server.api.get(PATH)["cameras"]) == "[]"
