"""The built-in engine by itself, with a MediaMTX configuration file: publishing, reading, access, the control API."""

import socket
import subprocess
import time

import pytest
import requests

from rig import players
from rig.engine import WRITER, Engine
from rig.server import binary

pytestmark = pytest.mark.builtin_engine


@pytest.fixture(params=["mpegts"])
def engine(request, tmp_path):
    with Engine(tmp_path, request.param) as running:
        yield running
    assert running.status == 0


def test_unknown_key_is_named_in_a_warning(engine):
    assert "thisKeyIsUnknown" in engine.log_path.read_text()


def test_ffmpeg_publishes_and_everybody_reads(engine):
    with players.ffmpeg_publisher(engine.rtsp("open", WRITER)) as publisher:
        engine.wait_for_publisher("open")
        for player in (
            players.ffmpeg_rtsp(engine.rtsp("open"), "tcp"),
            players.ffmpeg_rtsp(engine.rtsp("open"), "udp"),
            players.gstreamer_rtsp(engine.rtsp("open"), "tcp"),
            players.ffmpeg_hls(engine.hls("open")),
            players.vlc(engine.hls("open")),
        ):
            with player as watched:
                watched.wait_for(lambda pictures: len(pictures) >= 30, 20, "30 pictures")
        assert publisher.running


@pytest.mark.parametrize("engine", ["fmp4"], indirect=True)
@pytest.mark.parametrize("player", [players.ffmpeg_hls, players.vlc], ids=["ffmpeg", "vlc"])
def test_fmp4_segments_play(engine, player):
    with players.ffmpeg_publisher(engine.rtsp("open", WRITER)):
        engine.wait_for_publisher("open")
        with player(engine.hls("open")) as watched:
            watched.wait_for(lambda pictures: len(pictures) >= 30, 20, "30 pictures")


def test_path_with_a_slash(engine):
    with players.ffmpeg_publisher(engine.rtsp("nested/place", WRITER)):
        engine.wait_for_publisher("nested/place")
        for player in (
            players.ffmpeg_rtsp(engine.rtsp("nested/place")),
            players.ffmpeg_hls(engine.hls("nested/place")),
        ):
            with player as watched:
                watched.wait_for(lambda pictures: len(pictures) >= 30, 20, "30 pictures")


@pytest.mark.parametrize("userinfo", ["", "encoder:wrong@", "watcher:read-here@", "elsewhere:not-from-here@"])
def test_publishing_without_permission_is_refused(engine, userinfo):
    with players.ffmpeg_publisher(engine.rtsp("open", userinfo)) as refused:
        assert refused.wait_for_end(15) != 0
    assert "401" in refused.log
    assert "write-here" not in engine.log_path.read_text()


def test_closed_path_needs_its_reader(engine):
    with players.ffmpeg_publisher(engine.rtsp("closed", WRITER)):
        engine.wait_for_publisher("closed")
        with players.ffmpeg_rtsp(engine.rtsp("closed")) as refused:
            assert refused.wait_for_end(15) != 0
        assert requests.get(engine.hls("closed"), timeout=10).status_code == 401
        with players.ffmpeg_rtsp(engine.rtsp("closed", "watcher:read-here@")) as watched:
            watched.wait_for_picture(10)


def test_path_without_a_publisher_is_not_found(engine):
    with players.ffmpeg_rtsp(engine.rtsp("open")) as refused:
        assert refused.wait_for_end(15) != 0
    assert "404" in refused.log
    assert requests.get(engine.hls("open"), timeout=15).status_code in (404, 500)


def test_viewer_survives_a_new_publisher(engine):
    with players.ffmpeg_publisher(engine.rtsp("open", WRITER)) as first:
        engine.wait_for_publisher("open")
        with players.ffmpeg_rtsp(engine.rtsp("open")) as watched:
            watched.wait_for_picture(10)
            first.kill()
            with players.ffmpeg_publisher(engine.rtsp("open", WRITER)):
                at = time.monotonic()
                watched.wait_for(lambda pictures: len([p for p in pictures if p.at > at + 1]) >= 30, 15, "new pictures")
                assert watched.running


def test_control_api_lists_paths_readers_and_kicks(engine):
    with players.ffmpeg_publisher(engine.rtsp("open", WRITER)):
        item = engine.wait_for_publisher("open")
        assert item["tracks"] == ["H264"] and item["source"]["type"] == "rtspSession"
        with players.ffmpeg_rtsp(engine.rtsp("open")) as watched:
            watched.wait_for_picture(10)
            (reader,) = engine.api("paths/get/open").json()["readers"]
            assert reader["type"] == "rtspSession"
            assert engine.api(f"rtspsessions/kick/{reader['id']}", "POST").status_code == 200
            watched.wait_for_end(10)


def test_control_api_adds_changes_and_removes_paths(engine):
    assert engine.api("config/paths/add/late", "POST", {}).status_code == 200
    assert engine.api("config/paths/get/late").json()["name"] == "late"
    assert engine.api("config/paths/add/late", "POST", {}).status_code == 400
    assert engine.api("config/paths/patch/late", "PATCH", {"maxReaders": 3}).status_code == 200
    assert engine.api("config/paths/get/late").json()["maxReaders"] == 3
    assert engine.api("config/paths/delete/late", "DELETE").status_code == 200
    assert engine.api("config/paths/get/late").status_code == 404
    assert engine.api("config/paths/add/bad%20name", "POST", {}).status_code == 400


def test_control_api_pages(engine):
    answer = engine.api("config/paths/list?itemsPerPage=2&page=1").json()
    assert (answer["itemCount"], answer["pageCount"], len(answer["items"])) == (3, 2, 1)


def test_clients_that_do_not_go_on_are_let_go(engine):
    clients = [socket.create_connection(("127.0.0.1", engine.ports[name]), 30) for name in ("hls", "api")]
    for client in clients:
        client.sendall(b"GET / HTTP/1.1\r\nHos")
    # They have ten seconds for a request; without a limit, nothing would end them.
    for client in clients:
        with client:
            assert client.recv(1) == b""


def test_hls_headers(engine):
    with players.ffmpeg_publisher(engine.rtsp("open", WRITER)):
        engine.wait_for_publisher("open")
        base = engine.hls("open").removesuffix("index.m3u8")
        multivariant = requests.get(f"{base}index.m3u8", timeout=20)
        assert multivariant.headers["Content-Type"] == "application/vnd.apple.mpegurl"
        assert "no-cache" in multivariant.headers["Cache-Control"]
        assert multivariant.headers["Access-Control-Allow-Origin"] == "*"
        media_name = next(line for line in multivariant.text.splitlines() if line and line[0] != "#")
        media = requests.get(base + media_name, timeout=20)
        assert "#EXT-X-TARGETDURATION:" in media.text
        segment_name = [line for line in media.text.splitlines() if line and line[0] != "#"][-1]
        segment = requests.get(base + segment_name, timeout=20)
        assert segment.headers["Content-Type"] == "video/mp2t" and segment.content[0] == 0x47
        assert "max-age=" in segment.headers["Cache-Control"]
        assert len(segment.content) % 188 == 0

        head = requests.head(base + segment_name, timeout=20)
        assert head.status_code == 200 and not head.content
        assert int(head.headers["Content-Length"]) == len(segment.content)

        part = requests.get(base + segment_name, headers={"Range": "bytes=188-375"}, timeout=20)
        assert part.status_code == 206 and part.content == segment.content[188:376]

        preflight = requests.options(
            f"{base}index.m3u8",
            headers={
                "Origin": "http://example.org",
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            },
            timeout=10,
        )
        assert preflight.status_code in (200, 204)
        assert "GET" in preflight.headers["Access-Control-Allow-Methods"]
        assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()

        bare = requests.get(base.rstrip("/"), allow_redirects=False, timeout=10)
        assert bare.status_code == 302


def test_engine_with_a_broken_file_says_where(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text("rtspAddress: [unclosed\n")
    result = subprocess.run([binary(), "engine", broken], capture_output=True, text=True, timeout=15, check=False)
    assert result.returncode > 0
    assert "broken.yml" in result.stdout + result.stderr
