"""What is played goes on no longer than the access that it was begun with, by whichever way it comes."""

import contextlib
import os
import signal
import time

import pytest
import requests

from rig import processes
from rig.api import API
from rig.browser import wait_for_pictures_on_screen
from rig.server import uses_mediamtx
from rig.websocket import Socket
from rig.whep import SocketViewer, WHEPViewer, add_webrtc_stream, serve_webrtc

PASSWORD = "correct horse"
LOGIN = {"enabled": True, "username": "ana", "password": "s3cret /é"}


@pytest.fixture
def asking(make_server):
    """A server that asks who somebody is, with its engine."""
    server = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}).start()
    server.api.sign_in(PASSWORD)
    serve_webrtc(server)
    return server


def add_user(server, name: str) -> API:
    """A viewer who has signed in."""
    server.api.post("api/users", {"name": name, "password": PASSWORD, "role": "viewer"})
    return sign_in(server, name)


def sign_in(server, name: str) -> API:
    user = API(server.url)
    user.sign_in(PASSWORD, name)
    return user


def address(user: API, stream) -> str:
    urls = user.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")
    return f"{user.base}/" + next(each["playback_url"] for each in urls["outputs"] if each["protocol"] == "webrtc")


def cookie(user: API) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in user._session.cookies.items())}


def change_outputs(server, stream, change) -> None:
    url = f"api/streams/transmissions/{stream.transmission_id}"
    body = server.api.get(url)
    server.api.put(url, body | {"outputs": [output | change(output) for output in body["outputs"]]})


def expect_end(viewer, of: str) -> None:
    """Nothing comes for a second and a half, some seconds after an access ended."""
    processes.wait_until(lambda: time.monotonic() - viewer.pictures[-1].at > 1.5, 8, f"the end of what {of} watches")


def test_webrtc_by_the_servers_addresses_ends_with_what_it_was_begun_with(asking, camera):
    server = asking
    stream = add_webrtc_stream(server, camera, authentication=LOGIN)
    people = {name: add_user(server, name) for name in ("eve", "ann", "bob", "dan")}
    with contextlib.ExitStack() as stack:

        def watch(user: API) -> WHEPViewer:
            viewer = stack.enter_context(WHEPViewer(address(user, stream), kinds=("video",)))
            viewer.wait_for_pictures(1, 30, camera.drew)
            return viewer

        viewers = {name: watch(user) for name, user in people.items()}
        # go2rtc's address needs no token of ours: it is the cookie that is let in.
        named = stack.enter_context(SocketViewer(f"{server.url}/api/ws?src={stream.path}", cookie(people["eve"])))
        named.wait_for_pictures(1, 30, camera.drew)
        processes.wait_until(lambda: stream.viewers() == 5, 5, "five viewers")

        def expect_others(*names: str) -> None:
            for name in names:
                viewers[name].wait_for_pictures(1, 10, camera.drew)

        people["eve"].delete("api/session")
        expect_end(viewers["eve"], "who signed out")
        expect_end(named, "who signed out, by go2rtc's address")
        expect_others("ann", "bob", "dan")

        sessions = server.api.get("api/sessions")
        server.api.delete("api/sessions/" + next(each["id"] for each in sessions if each["user"] == "ann"))
        expect_end(viewers["ann"], "whose session an administrator ended")

        users = server.api.get("api/users")
        server.api.delete("api/users/" + next(each["id"] for each in users if each["name"] == "bob"))
        expect_end(viewers["bob"], "who was deleted")
        expect_others("dan")

        change_outputs(server, stream, lambda _: {"authentication": LOGIN | {"password": "another"}})
        expect_end(viewers["dan"], "who knew the former password")
        processes.wait_until(lambda: stream.viewers() == 0, 5, "no viewer")
        offer = {"data": WHEPViewer.offer("video"), "headers": {"Content-Type": "application/sdp"}}
        assert requests.post(viewers["dan"]._url, timeout=5, **offer).status_code == 403

        # Whoever may watch goes on with another address.
        again = watch(people["dan"])
        change_outputs(server, stream, lambda output: {"enabled": output["protocol"] != "webrtc"})
        expect_end(again, "an output that was switched off")
        assert not server.living("engine")[1:], "the engine was started again"


@pytest.mark.builtin_engine
def test_websockets_and_events_end_with_who_signed_out(asking, camera):
    stream = add_webrtc_stream(asking, camera)
    eve = add_user(asking, "eve")
    token = address(eve, stream).split("/")[-2]
    events = eve.request("GET", "api/events", stream=True)
    with (
        Socket(f"{asking.url}/api/streams/playback/{token}/mse") as by_token,
        Socket(f"{asking.url}/api/ws?src={stream.path}", cookie(eve)) as by_name,
        contextlib.closing(events),
    ):
        for socket in (by_token, by_name):
            socket.send({"type": "mse"})
            assert socket.message()["type"] == "mse"
        lines = events.iter_lines()
        assert next(lines)
        began = time.monotonic()
        eve.delete("api/session")
        for socket in (by_token, by_name):
            assert socket.close_code() == 1008
        for _ in lines:
            pass
        assert time.monotonic() - began < 8, "they waited for the next look"


def test_a_page_whose_user_is_signed_out_stops_and_asks_to_sign_in(asking, camera, page):
    stream = add_webrtc_stream(asking, camera)
    add_user(asking, "eve")
    page.goto(asking.url)

    def sign_in_and_see() -> None:
        page.get_by_test_id("sign-in-name").fill("eve")
        page.get_by_test_id("sign-in-password").fill(PASSWORD)
        page.get_by_test_id("sign-in-submit").click()
        wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 30, camera.drew)
        assert page.get_by_test_id("tile-facts").inner_text().startswith("WebRTC")

    sign_in_and_see()
    for session in asking.api.get("api/sessions"):
        if session["user"] == "eve":
            asking.api.delete(f"api/sessions/{session['id']}")
    page.get_by_test_id("sign-in-name").wait_for(timeout=8000)
    processes.wait_until(lambda: stream.viewers() == 0, 8, "no viewer")
    sign_in_and_see()


def test_a_player_in_another_page_says_that_one_has_to_sign_in(asking, camera, page):
    stream = add_webrtc_stream(asking, camera)
    eve = add_user(asking, "eve")
    page.goto(f"{asking.url}/manifest.webmanifest")
    page.context.add_cookies([{"name": name, "value": value, "url": f"{asking.url}/api/"} for name, value in eve._session.cookies.items()])
    page.evaluate(
        """async source => {
            await import("/js/player/toposync-player.js");
            const player = document.createElement("toposync-player");
            Object.assign(player.style, {display: "block", width: "640px", height: "360px"});
            player.lang = "en";
            player.setAttribute("controls", "");
            player.setAttribute("muted", "");
            player.setAttribute("src", source);
            document.body.replaceChildren(player);
        }""", stream.transmission_id)  # fmt: skip
    player = page.locator("toposync-player")
    wait_for_pictures_on_screen(page, player, 30, camera.drew)
    assert player.evaluate("player => player.transport.label") == "WebRTC"
    eve.delete("api/session")
    page.get_by_text("Sign in to watch.").wait_for(timeout=12_000)
    assert player.evaluate("player => [player.state, player.reason]") == ["blocked", "sign-in"]
    processes.wait_until(lambda: stream.viewers() == 0, 5, "no viewer")


def test_what_a_server_that_was_killed_had_let_in_ends(asking, camera):
    stream = add_webrtc_stream(asking, camera)
    with WHEPViewer(address(asking.api, stream), kinds=("video",)) as viewer:
        viewer.wait_for_pictures(1, 30, camera.drew)
        # The engine ends with it, so that no server has sessions that it does not know.
        os.kill(asking.process.pid, signal.SIGKILL)
        expect_end(viewer, "nobody's viewer")
        processes.wait_until(lambda: not asking.living(), 8, "no process")
