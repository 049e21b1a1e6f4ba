"""`<toposync-player>` on pages of others, as its document says."""

import contextlib
import functools
import http.server
import shutil
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.server import ROOT, uses_mediamtx
from rig.whep import WHEPServer
from test_accessibility import RULES
from test_same_origin_media import offer_webrtc

DELAY = "player => player.delaySeconds"
SAY_WHAT_IS = "player => [player.state, player.transport?.label]"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def dashboard(folder, address: str):
    """The example of the documents at an origin of its own, with what it needs beside it."""
    page = (ROOT / "docs" / "examples" / "dashboard.html").read_text()
    (folder / "index.html").write_text(page.replace("ADDRESS", address))
    shutil.copytree(ROOT / "WebUI" / "js" / "player", folder / "toposync" / "js" / "player")
    shutil.copytree(ROOT / "WebUI" / "vendor", folder / "toposync" / "vendor")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("way", ["WebRTC", "HLS"])
def test_a_dashboard_of_another_origin_plays_from_the_engine(make_server, camera, page, tmp_path, way):
    server = make_server(environment={"TOPOSYNC_STREAMING_MEDIA_ORIGINS": "*"}).start()
    server.api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": ["127.0.0.1"]}})
    server.start_engine()
    protocol = {"WebRTC": "webrtc", "HLS": "hls"}[way]
    stream = server.api.add_stream(camera.url, outputs=[{"protocol": protocol}])
    urls = server.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")["outputs"]
    with dashboard(tmp_path, urls[0]["url"]) as address:
        page.goto(address)
        player = page.locator("toposync-player")
        wait_for_pictures_on_screen(page, player, 30, camera.drew)
        assert player.evaluate(SAY_WHAT_IS) == ["live", way]
        player.hover()
        page.get_by_role("button", name="Full screen").wait_for()
        assert Axe().run(page, context="toposync-player", options=RULES).response["violations"] == []
        player.evaluate("player => player.remove()")
        if not uses_mediamtx() and way == "WebRTC":
            processes.wait_until(lambda: page.wait_for_timeout(100) or stream.viewers() == 0, 5, "no viewer", interval=0)


@pytest.mark.builtin_engine
def test_webrtc_takes_over_from_mse_once_it_works(streaming, stream, camera, page):
    with players.ffmpeg_hls(stream.hls_url) as warm, WHEPServer() as engine:
        warm.wait_for_counted(30, accept=camera.drew)
        offer_webrtc(page)
        page.route("**/whep", lambda route: route.fulfill(status=503, json={"detail": "Later."}))
        # A minute is a second for what waits so long.
        page.add_init_script(
            "const set = setTimeout; window.setTimeout = (task, wait) => set(task, wait === 60_000 ? 1000 : wait);"
            "const now = Date.now; const begun = now(); Date.now = () => begun + 60 * (now() - begun);"
        )
        page.goto(streaming.url)
        tile = page.get_by_test_id("tile")
        wait_for_pictures_on_screen(page, tile, 30, camera.drew)
        assert page.get_by_test_id("tile-facts").inner_text().startswith("MSE")
        player = page.locator("toposync-player")
        is_close = lambda: page.wait_for_timeout(50) or player.evaluate(DELAY) < 1.5  # noqa: E731
        processes.wait_until(is_close, 10, "a picture less than 1.5 s behind", interval=0)
        engine.serve(page)
        wait_for_pictures_on_screen(page, tile, 20, engine.drew)
        assert page.get_by_test_id("tile-facts").inner_text().startswith("WebRTC")
        assert page.locator("toposync-player video").count() == 1
