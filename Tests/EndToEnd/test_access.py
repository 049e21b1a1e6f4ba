"""Who may watch: passwords on outputs, and secrets that never show."""

import pytest
import requests

from rig import players
from rig.server import uses_mediamtx

PASSWORD = "pass word/%é"
CREDENTIALS = {"enabled": True, "username": "ana", "password": PASSWORD}


@pytest.fixture
def guarded(streaming, camera):
    return streaming.api.add_stream(camera.url, path="guarded", encoding={"authentication": CREDENTIALS})


def quoted(password: str) -> str:
    return requests.utils.quote(password, safe="")


@pytest.mark.parametrize(
    "userinfo", ["", "ana:wrong@", f"bob:{quoted(PASSWORD)}@"], ids=["none", "wrong", "other-user"]
)
def test_rtsp_without_the_right_password_is_refused(guarded, streaming, userinfo):
    with players.ffmpeg_rtsp(guarded.rtsp_url.replace("://", f"://{userinfo}")) as refused:
        assert refused.wait_for_end(15) != 0
    assert "401" in refused.log and not refused.pictures
    assert not streaming.living("worker"), "a refused viewer started the camera"


def test_rtsp_with_the_password_plays(guarded, camera):
    with players.ffmpeg_rtsp(guarded.rtsp_url_with("ana", quoted(PASSWORD))) as watched:
        watched.wait_for_counted(20, accept=camera.drew)


@pytest.mark.builtin_engine
def test_rtsp_with_a_colon_in_the_password_plays(streaming, camera):
    password = "a:b::c"
    stream = streaming.api.add_stream(camera.url, encoding={"authentication": CREDENTIALS | {"password": password}})
    with players.ffmpeg_rtsp(stream.rtsp_url_with("ana", quoted(password))) as watched:
        watched.wait_for_counted(20, accept=camera.drew)


@pytest.mark.parametrize("auth", [None, ("ana", "wrong"), ("bob", PASSWORD)], ids=["none", "wrong", "other-user"])
def test_hls_without_the_right_password_is_refused(guarded, streaming, auth):
    auth = auth and tuple(part.encode() for part in auth)
    answer = requests.get(guarded.hls_url, auth=auth, timeout=15)
    assert answer.status_code == 401
    if auth is None or not uses_mediamtx():
        # MediaMTX asks for a password only when none came.
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert not streaming.living("worker"), "a refused viewer started the camera"


def test_hls_with_the_password_plays(guarded, camera):
    with players.ffmpeg_hls(guarded.hls_url_with("ana", quoted(PASSWORD))) as watched:
        watched.wait_for_counted(30, accept=camera.drew)


def test_stored_password_is_never_shown(guarded, streaming):
    for path in (
        "api/streams/settings",
        "api/streams/transmissions",
        f"api/streams/transmissions/{guarded.transmission_id}/urls",
        "api/streams/runtime/diagnostics",
        "api/streams/runtime/outputs",
    ):
        text = streaming.api.request("GET", path).text
        assert PASSWORD not in text and "pass word" not in text, path
    (transmission,) = streaming.api.get("api/streams/transmissions")
    for output in transmission["outputs"]:
        assert output["authentication"]["password_set"] is True
        assert not output["authentication"].get("password")


def test_update_without_a_password_keeps_the_stored_one(guarded, streaming, camera):
    (transmission,) = streaming.api.get("api/streams/transmissions")
    streaming.api.put(f"api/streams/transmissions/{guarded.transmission_id}", transmission | {"name": "Renamed"})
    with players.ffmpeg_rtsp(guarded.rtsp_url_with("ana", quoted(PASSWORD))) as watched:
        watched.wait_for_counted(20, accept=camera.drew)


def test_stranger_cannot_publish_over_an_output(stream):
    with players.ffmpeg_publisher(stream.rtsp_url) as intruder:
        assert intruder.wait_for_end(15) != 0
    assert "401" in intruder.log


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/index.m3u8", "front/../guarded/index.m3u8"])
def test_path_tricks_lead_nowhere(guarded, path):
    base = guarded.hls_url.removesuffix("/guarded/index.m3u8")
    # Sent as it is: requests would resolve the dots itself.
    prepared = requests.Request("GET", base).prepare()
    prepared.url = f"{base}/{path}"
    with requests.Session() as session:
        answer = session.send(prepared, timeout=15, allow_redirects=False)
    assert answer.status_code in (301, 302, 400, 401, 404)
    assert "#EXTM3U" not in answer.text and "root:" not in answer.text


def test_data_on_disk_is_for_its_owner_alone(guarded, streaming):
    for path in streaming.data_dir.rglob("*"):
        if path.suffix in (".sqlite", ".db", ".key", ".yml") or path.name.endswith(("-wal", "-shm")):
            assert path.stat().st_mode & 0o077 == 0, path
    for config in streaming.data_dir.rglob("*.yml"):
        assert PASSWORD not in config.read_text()
