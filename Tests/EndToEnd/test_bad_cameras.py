"""Camera addresses that are wrong in every usual way: one sentence, and a healthy server."""

import base64
import io
import itertools

import pytest
from PIL import Image

from rig import bad_cameras, players
from rig.camera import Camera


def facts_of(server, **fields) -> dict:
    return server.api.post("api/cameras/test", {"name": "Tested"} | fields, timeout=60)


def assert_one_sentence(answer: dict, *words: str):
    assert answer["ok"] is False
    message = answer["message"]
    assert 10 < len(message) < 300 and "\n" not in message
    assert any(word in message.lower() for word in words), message


def assert_healthy(server):
    assert server.api.get("api/streams/health")["status"] == "ok"
    assert not server.living("worker"), "the test left its worker behind"


def test_good_camera_tells_its_facts(server):
    with Camera(width=768, height=432, fps=25, keyframe_interval=2, audio=True) as camera:
        answer = facts_of(server, url=camera.url)
    assert answer["ok"] is True, answer
    assert answer["codec"] == "h264"
    assert (answer["width"], answer["height"]) == (768, 432)
    assert answer["fps"] == pytest.approx(25, abs=1)
    assert answer["keyframe_interval_seconds"] == pytest.approx(2, abs=0.2)
    assert answer["has_b_frames"] is False
    assert answer["audio"]["codec"] == "pcm_alaw"
    assert answer["sound"]["text"] == "Sound: G.711 A-law, 8 kHz, mono"
    kind, still = answer["still"].split(",", 1)
    assert kind == "data:image/jpeg;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(still)))
    assert picture.width * 432 == pytest.approx(picture.height * 768, rel=0.02)
    assert_healthy(server)


def test_b_frames_are_told(server):
    with Camera(b_frames=2) as camera:
        assert facts_of(server, url=camera.url)["has_b_frames"] is True


def test_camera_that_hangs(server):
    with bad_cameras.HungCamera() as camera:
        assert_one_sentence(facts_of(server, url=camera.url), "answer", "respond", "time", "second")
    assert_healthy(server)


def test_camera_that_refuses(server):
    assert_one_sentence(facts_of(server, url=bad_cameras.refusing_url()), "refuse", "reach", "connect")
    assert_healthy(server)


def test_camera_that_sends_garbage(server):
    with bad_cameras.GarbageCamera() as camera:
        assert_one_sentence(facts_of(server, url=camera.url), "rtsp", "understand", "invalid", "camera", "answer")
    assert_healthy(server)


def test_camera_with_sound_alone(server):
    with Camera(source="silent-picture", audio=True) as camera:
        assert_one_sentence(facts_of(server, url=camera.url), "video", "picture")
    assert_healthy(server)


@pytest.mark.parametrize("password", [None, "not-this-one"])
def test_camera_that_needs_a_password(server, password):
    with Camera(authentication="digest") as camera:
        credentials = {"username": "viewer", "password": password} if password else {}
        answer = facts_of(server, url=camera.url, **credentials)
    assert_one_sentence(answer, "password", "credentials", "user")
    assert "not-this-one" not in str(answer) and "not-this-one" not in server.log
    assert_healthy(server)


def test_camera_whose_host_does_not_exist(server):
    assert_one_sentence(facts_of(server, url="rtsp://camera.invalid/live"), "find", "found", "name", "host", "reach")
    assert_healthy(server)


def test_camera_with_a_path_that_it_does_not_have(server, camera):
    answer = facts_of(server, url=camera.url + "-not-there")
    assert_one_sentence(answer, "found", "path", "stream", "404")


@pytest.mark.parametrize(
    "url",
    ["", "   ", "not a url", "rtsp://", "gopher://x/", "concat:/etc/passwd", "subfile:,,start,0,end,0,,:/etc/passwd"],
)
def test_address_that_is_none_is_refused_by_the_form(server, url):
    for path in ("api/cameras", "api/cameras/test"):
        answer = server.api.request("POST", path, {"name": "Bad", "url": url}, timeout=60)
        assert answer.status_code == 422 or (path.endswith("test") and answer.json()["ok"] is False), answer.text
        assert answer.status_code != 200 or "root:" not in answer.text
    assert server.api.get("api/cameras") == []


def test_file_that_is_not_among_the_media_is_not_read(server):
    for path in ("api/cameras", "api/cameras/test"):
        answer = server.api.request("POST", path, {"name": "File", "url": "file:///etc/passwd"})
        assert answer.status_code == 422 and "Files are read only from " in answer.text, answer.text


def test_saved_camera_is_tested_with_its_stored_password(server):
    with Camera(authentication="basic") as camera:
        saved = server.api.post(
            "api/cameras",
            {"name": "Door", "url": camera.url, "username": "viewer", "password": camera.options.password},
        )
        assert saved["password_set"] is True and "password" not in {k for k, v in saved.items() if v}
        answer = server.api.post("api/cameras/test", {"camera_id": saved["id"]}, timeout=60)
    assert answer["ok"] is True, answer


def test_hung_camera_does_not_disturb_a_stream(stream, streaming, camera):
    with bad_cameras.HungCamera() as hung, players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        before = watched.wait_for_counted(20, accept=camera.drew)[-1].at
        bad = streaming.api.add_stream(hung.url, path="hung")
        with players.ffmpeg_rtsp(bad.rtsp_url) as placeholder:
            placeholder.wait_for_picture(15)
            seen = watched.wait_for_counted(10, count=75, after=before, accept=camera.drew)
    assert max(later.at - earlier.at for earlier, later in itertools.pairwise(seen)) < 1.5
