"""Streams under the server's own origin: by which a page plays behind every proxy, and without any port of the engine."""

import os
import re
import signal
import time

import pytest
import requests

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.server import uses_mediamtx
from rig.whep import WHEPServer

PASSWORD = "s3cret /é"
LOGIN = {"authentication": {"enabled": True, "username": "ana", "password": PASSWORD}}
ADMINISTRATOR = "correct horse"
# Says that the page is in the background, or in front again; headless browsers show every page.
SET_HIDDEN = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def playback(streaming, stream) -> str:
    """A new address for one viewer of the HLS output."""
    urls = streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")
    output = next(output for output in urls["outputs"] if output["protocol"] == "hls")
    return f"{streaming.url}/{output['playback_url']}"


def until_started(url: str) -> requests.Response:
    """Asks as the page does: while the stream starts, again and again."""

    def ask() -> requests.Response | None:
        answer = requests.get(url, headers={"Prefer": "respond-async"}, timeout=5)
        return None if answer.status_code == 202 else answer

    return processes.wait_until(ask, 30, "a playlist", interval=0.1)


def see(page, stream, camera, timeout: float = 30):
    tile = page.locator(f"[data-testid=tile][data-transmission='{stream.transmission_id}']")
    return wait_for_pictures_on_screen(page, tile, timeout, camera.drew)


def until(page, condition, timeout: float, what: str):
    """Waits with the browser's own clock, or else its events would wait as well."""
    return processes.wait_until(lambda: page.wait_for_timeout(100) or condition(), timeout, what, interval=0)


def test_players_are_counted_one_by_one(streaming, stream, camera):
    urls = [playback(streaming, stream) for _ in range(2)]
    with players.ffmpeg_hls(urls[0]) as first, players.ffmpeg_hls(urls[1]) as second:
        first.wait_for_counted(30, accept=camera.drew)
        second.wait_for_counted(30, accept=camera.drew)
        # MediaMTX counts viewers of HLS only from 1.18 on.
        if not uses_mediamtx():
            processes.wait_until(lambda: stream.viewers() == 2, 10, "two viewers")
    for url in urls:
        requests.delete(url.replace("index.m3u8", "viewer"), timeout=5).raise_for_status()
        assert requests.get(url, timeout=5).status_code == 403
    if not uses_mediamtx():
        processes.wait_until(lambda: stream.viewers() == 0, 5, "no viewer")
    assert not any(url.split("/")[5] in streaming.log for url in urls), "a token is in the log"


def test_segments_pass_as_the_engine_gives_them(streaming, stream):
    index = until_started(playback(streaming, stream))
    assert index.headers["Content-Type"] == "application/vnd.apple.mpegurl"
    media_url = requests.compat.urljoin(index.url, next(line for line in index.text.splitlines() if line and line[0] != "#"))
    assert media_url.startswith(streaming.url)
    media = requests.get(media_url, timeout=10)
    segment_url = requests.compat.urljoin(media.url, next(line for line in media.text.splitlines() if line and line[0] != "#"))
    whole = requests.get(segment_url, timeout=10)
    assert whole.status_code == 200 and whole.headers["Content-Type"] == "video/mp2t"
    assert whole.content[0] == 0x47
    if not uses_mediamtx():
        # MediaMTX names no length.
        assert len(whole.content) == int(whole.headers["Content-Length"])
    assert whole.headers["Cache-Control"].startswith("private") and "Access-Control-Allow-Origin" not in whole.headers
    head = requests.head(segment_url, timeout=10)
    assert head.status_code == 200 and not head.content
    if not uses_mediamtx():
        part = requests.get(segment_url, headers={"Range": "bytes=188-375"}, timeout=10)
        assert part.status_code == 206 and part.content == whole.content[188:376]
    for name in ("..%2findex.m3u8", "%2e%2e%2f%2e%2e%2fv3%2fpaths%2flist.m3u8", "@127.0.0.1:1%2fx.ts"):
        assert requests.get(re.sub(r"[^/]*$", name, index.url), timeout=5).status_code == 404, name


def test_the_page_asks_nobody_but_its_server(streaming, stream, camera, page):
    hosts = set()
    page.on("request", lambda request: request.url.startswith("http") and hosts.add(request.url.split("/")[2]))
    page.goto(streaming.url)
    see(page, stream, camera)
    page.wait_for_timeout(2000)
    assert hosts == {streaming.url.split("/")[2]}
    assert page.console == []
    policy = page.request.get(streaming.url).headers["content-security-policy"]
    assert "http:" not in policy and "https:" not in policy and "connect-src 'self';" in policy
    # An address with a token would let whoever sees it watch.
    page.get_by_test_id("tile").hover()
    page.get_by_test_id("tile-detail").click()
    assert "api/media/" not in page.get_by_test_id("detail").inner_text()


def test_the_page_asks_for_the_password_of_an_output(streaming, camera, page):
    stream = streaming.api.add_stream(camera.url, encoding=LOGIN)
    page.goto(streaming.url)
    for password in ("wrong", PASSWORD):
        page.get_by_test_id("tile-username").fill("ana")
        page.get_by_test_id("tile-password").fill(password)
        page.get_by_test_id("tile-watch").click()
        if password == "wrong":
            page.wait_for_timeout(3000)
            assert page.get_by_test_id("tile").get_attribute("data-playing") == "no"
    see(page, stream, camera)


def test_who_has_signed_in_watches_what_has_a_password(make_server, camera, page):
    server = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": ADMINISTRATOR}).start()
    server.api.post("api/session", {"name": "admin", "password": ADMINISTRATOR})
    server.start_engine()
    stream = server.api.add_stream(camera.url, encoding=LOGIN)
    page.goto(server.url)
    page.get_by_test_id("sign-in-name").fill("admin")
    page.get_by_test_id("sign-in-password").fill(ADMINISTRATOR)
    page.get_by_test_id("sign-in-submit").click()
    see(page, stream, camera)
    url = playback(server, stream)
    # The address needs no cookie, and does not renew itself.
    assert until_started(url).status_code == 200
    assert requests.post(url.replace("index.m3u8", "viewer"), timeout=5).status_code == 401
    assert requests.get(f"{server.url}/api/streams/urls", timeout=5).status_code == 401


def test_an_engine_that_ends_is_watched_again(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, stream, camera)
    killed = time.monotonic()
    os.kill(streaming.only("engine").pid, signal.SIGKILL)
    # What the player has in hand goes on for a moment.
    is_new = lambda seen: camera.drew(seen) and seen > camera.counter_at(killed)  # noqa: E731
    wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 40, is_new)


@pytest.mark.builtin_engine
def test_a_page_that_goes_leaves_no_viewer(streaming, stream, camera, page):
    page.goto(streaming.url)
    see(page, stream, camera)
    processes.wait_until(lambda: stream.viewers() == 1, 5, "one viewer")
    page.goto("about:blank")
    processes.wait_until(lambda: stream.viewers() == 0, 4, "no viewer: its session would count for half a minute")


def test_foreign_pages_read_no_camera(make_server, camera):
    server = make_server(environment={"TOPOSYNC_STREAMING_MEDIA_ORIGINS": "https://dash.example"}).start()
    server.start_engine()
    stream = server.api.add_stream(camera.url)
    preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    for origin, allowed in (("https://dash.example", "https://dash.example"), ("https://evil.example", None)):
        answer = requests.get(stream.hls_url, headers={"Origin": origin}, timeout=20)
        assert answer.status_code == 200 and answer.headers.get("Access-Control-Allow-Origin") == allowed
        answer = requests.options(stream.hls_url, headers={"Origin": origin} | preflight, timeout=20)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed
        if not uses_mediamtx():
            assert answer.headers.get("Access-Control-Allow-Private-Network") == (allowed and "true")


def test_the_servers_own_reader_shows_nowhere(streaming, stream):
    until_started(playback(streaming, stream))
    file = next(path for path in streaming.data_dir.rglob("*.yml") if "authInternalUsers" in path.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    for text in (file.read_text(), streaming.log, streaming.api.request("GET", "api/streams/runtime/diagnostics").text):
        assert "toposync_relay" not in text


def offer_webrtc(page) -> None:
    """Makes the page believe that the engine has WebRTC, under the address of the HLS output."""

    def with_webrtc(route):
        answer = route.fetch()
        urls = answer.json()
        for transmission in urls["transmissions"]:
            hls = next(output for output in transmission["outputs"] if output["protocol"] == "hls")
            address = hls["playback_url"].replace("index.m3u8", "whep")
            transmission["outputs"].append(hls | {"protocol": "webrtc", "playback_url": address})
        route.fulfill(response=answer, json=urls)

    page.route("**/api/streams/urls", with_webrtc)


@pytest.mark.builtin_engine
def test_webrtc_is_played_first_where_the_engine_has_it(streaming, stream, camera, page):
    with WHEPServer() as engine:
        offer_webrtc(page)
        engine.serve(page)
        page.goto(streaming.url)
        tile = page.get_by_test_id("tile")
        wait_for_pictures_on_screen(page, tile, 20, engine.drew)
        assert page.get_by_test_id("tile-facts").inner_text().startswith("WebRTC")
        page.evaluate(SET_HIDDEN, True)
        until(page, lambda: engine.ended == 1, 6, "the end of the session")
        page.evaluate(SET_HIDDEN, False)
        wait_for_pictures_on_screen(page, tile, 20, engine.drew)
        assert engine.offers == 2


@pytest.mark.builtin_engine
def test_hls_follows_webrtc_without_a_picture_and_is_remembered(streaming, stream, camera, page):
    with players.ffmpeg_hls(stream.hls_url) as warm, WHEPServer(connects=False) as engine:
        # What is measured is the page's patience, not the start of a camera.
        warm.wait_for_counted(30, accept=camera.drew)
        offer_webrtc(page)
        engine.serve(page)
        page.route_web_socket("**/mse", lambda socket: socket.close())
        opened = time.monotonic()
        page.goto(streaming.url)
        until(page, lambda: engine.offers == 1, 5, "an offer")
        offered = time.monotonic()
        requests_of_hls: list[float] = []
        page.on("request", lambda request: "index.m3u8" in request.url and requests_of_hls.append(time.monotonic()))
        see(page, stream, camera)
        assert requests_of_hls[0] - offered < 5, f"opened {offered - opened:.1f} s before"
        assert page.get_by_test_id("tile-facts").inner_text().startswith("HLS")
        page.reload()
        see(page, stream, camera)
        assert engine.offers == 1, "WebRTC was tried again though it did not work"
