"""The rig against itself: what the test camera draws is what each player sees."""

import contextlib
import functools
import http.server
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rig import counter, players
from rig.browser import Watcher
from rig.camera import Camera

pytestmark = pytest.mark.rig


@pytest.mark.parametrize("value", [0, 1, 0x400000, 0xABCDEF, 0xFFFFFF])
@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (768, 576), (322, 242)])
def test_counter_is_read_as_drawn(value, size):
    width, height = size
    luma = np.full((height, width), 90, np.uint8)
    counter.draw(luma, value)
    assert counter.read(luma) == value


def test_counter_layout_is_the_agreed_one():
    luma = np.zeros((720, 1280), np.uint8)
    counter.draw(luma, 0x123456)
    # Marker 1010, 0x123456, checksum 1^2^3^4^5^6 = 7; 60 rows of 32 cells, each 40 wide.
    assert [int(luma[700, 40 * cell + 20]) for cell in range(32)] == [
        235 if bit == "1" else 16 for bit in f"{0b1010:04b}{0x123456:024b}{7:04b}"
    ]
    assert luma[659].max() == 0 and luma[660, 0] == 235


def test_damaged_counter_is_not_read():
    luma = np.zeros((360, 640), np.uint8)
    counter.draw(luma, 0x123456)
    luma[330:, 20 * 31 :] ^= 235 ^ 16
    assert counter.read(luma) is None


PLAYERS = {
    "ffmpeg-tcp": lambda url: players.ffmpeg_rtsp(url, "tcp"),
    "ffmpeg-udp": lambda url: players.ffmpeg_rtsp(url, "udp"),
    "gstreamer": players.gstreamer_rtsp,
}


@pytest.mark.parametrize("player", PLAYERS)
def test_player_sees_the_cameras_frames(player):
    with Camera() as camera, PLAYERS[player](camera.url) as watched:
        pictures = watched.wait_for_counted(15, count=30, accept=camera.drew)
    ages = [camera.age(picture.counter, picture.at) for picture in pictures]
    assert max(ages) < 4
    numbers = [picture.counter for picture in pictures]
    assert len(set(numbers)) > 25
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_camera_with_a_password(method):
    with Camera(authentication=method) as camera:
        with players.ffmpeg_rtsp(camera.url_with("viewer", "wrong")) as refused:
            refused.wait_for_end(10)
            assert "401" in refused.log and not refused.pictures
        with players.ffmpeg_rtsp(camera.url_with("viewer", camera.options.password)) as watched:
            watched.wait_for_counted(15, accept=camera.drew)


def test_camera_comes_back_with_its_counter_running():
    with Camera() as camera:
        with players.ffmpeg_rtsp(camera.url) as before:
            last = before.wait_for_counted(15, accept=camera.drew)[-1].counter
        camera.unplug()
        camera.plug()
        with players.ffmpeg_rtsp(camera.url) as after:
            assert after.wait_for_counted(15, accept=camera.drew)[0].counter > last


def probe(url: str, *what: str) -> str:
    command = ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", *what, "-of", "csv=p=0:s=x"]
    return subprocess.run([*command, url], capture_output=True, text=True, timeout=20, check=True).stdout.strip()


def test_camera_changes_its_size():
    with Camera(keyframe_interval=0.5) as camera, players.ffmpeg_rtsp(camera.url) as watched:
        watched.wait_for_counted(15, accept=camera.drew)
        camera.resize(320, 240)
        watched.wait_for_counted(15, count=50, after=time.monotonic() + 1, accept=camera.drew)
        assert probe(camera.url, "-show_entries", "stream=width,height") == "320x240"


def test_camera_with_b_frames():
    with Camera(b_frames=2) as camera, players.ffmpeg_rtsp(camera.url) as watched:
        watched.wait_for_counted(15, count=30, accept=camera.drew)
        kinds = probe(camera.url, "-show_entries", "frame=pict_type", "-read_intervals", "%+#20")
        assert "B" in kinds and "P" in kinds


def test_camera_without_b_frames():
    with Camera() as camera:
        assert "B" not in probe(camera.url, "-show_entries", "frame=pict_type", "-read_intervals", "%+#20")


def test_camera_with_sound_keeps_its_frame_rate():
    with Camera(audio=True) as camera:
        times = probe(camera.url, "-show_entries", "packet=pts_time", "-read_intervals", "%+#50").split()
    counted = [float(time.strip("x")) for time in times if time != "N/A"]
    assert (len(counted) - 1) / (counted[-1] - counted[0]) == pytest.approx(25, abs=2)


def test_camera_with_sound_alone_has_no_picture():
    with Camera(source="silent-picture", audio=True) as camera, players.ffmpeg_rtsp(camera.url) as watched:
        watched.wait_for_end(15)
        assert not watched.pictures
        assert "pcm_alaw" in watched.log or "does not contain any stream" in watched.log


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def hls_of(camera: Camera, folder: Path):
    """Serves the camera by HLS with ffmpeg and Python's web server, which stand in for the server here."""
    packager = subprocess.Popen(
        ["ffmpeg", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", camera.url, "-c", "copy", "-f", "hls",
         "-hls_time", "1", "-hls_list_size", "6", "-hls_flags", "delete_segments", str(folder / "index.m3u8")],
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    handler = functools.partial(_QuietHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        deadline = time.monotonic() + 20
        while not (folder / "index.m3u8").exists():
            assert time.monotonic() < deadline and packager.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        packager.kill()
        packager.wait()


@pytest.mark.parametrize("player", [players.ffmpeg_hls, players.vlc], ids=["ffmpeg", "vlc"])
def test_player_sees_the_cameras_frames_by_hls(player, tmp_path):
    with Camera() as camera, hls_of(camera, tmp_path) as base, player(f"{base}/index.m3u8") as watched:
        watched.wait_for_counted(20, count=30, accept=camera.drew)


def test_browser_sees_the_cameras_frames_by_hls(page, tmp_path):
    hls = Path(__file__).parents[2] / "WebUI" / "vendor" / "hls.mjs"
    (tmp_path / "hls.mjs").write_bytes(hls.read_bytes())
    (tmp_path / "page.html").write_text(
        "<video muted autoplay></video><script type=module>import Hls from './hls.mjs';const hls = new Hls();"
        "hls.loadSource('index.m3u8'); hls.attachMedia(document.querySelector('video'));</script>"
    )
    with Camera() as camera, hls_of(camera, tmp_path) as base:
        page.goto(f"{base}/page.html")
        Watcher(page).wait_for_moving_picture(30, camera.drew)
