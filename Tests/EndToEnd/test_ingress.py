"""Home Assistant's ingress, by a stand-in for Core and Supervisor."""

import http.client
import socket
import urllib.error
import urllib.request

import pytest

from rig import ports, processes
from rig.browser import wait_for_pictures_on_screen
from rig.ingress import PREFIX, SESSION, SUPERVISOR, Ingress

PASSWORD = "correct horse"
USER = {"X-Remote-User-Id": "5f0c", "X-Remote-User-Name": "ana", "X-Remote-User-Display-Name": "Ana Souza"}


@pytest.fixture
def make_addon(make_server):
    """Makes servers as the add-on starts them: reached directly with an account, and by ingress."""

    def make(**environment):
        port = ports.free_port()
        ours = {
            "TOPOSYNC_STREAMING_INGRESS_PORT": str(port), "TOPOSYNC_STREAMING_INGRESS_PEER": SUPERVISOR,
            "TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD,
        }  # fmt: skip
        server = make_server("--host", "0.0.0.0", environment=ours | environment).start()
        server.ingress_port = port
        server.api.sign_in(PASSWORD)
        return server

    return make


@pytest.fixture
def addon(make_addon):
    server = make_addon()
    server.start_engine()
    return server


@pytest.fixture
def ingress(addon):
    with Ingress(addon.ingress_port) as running:
        yield running


def add_camera(panel, url: str):
    panel.get_by_test_id("camera-name").fill("Front door")
    panel.get_by_test_id("camera-url").fill(url)
    panel.get_by_test_id("first-run-test").click()
    panel.get_by_test_id("camera-still").wait_for(timeout=40_000)
    panel.get_by_test_id("first-run-use").click()
    panel.get_by_test_id("first-run-watch").click(timeout=20_000)


def test_panel_opens_without_signing_in_sets_up_and_plays(addon, ingress, camera, page):
    page.goto(ingress.panel_url)
    panel = page.frame_locator("iframe")
    panel.get_by_test_id("nav-settings").click()
    add_camera(panel, camera.url)
    wait_for_pictures_on_screen(page, panel.get_by_test_id("tile"), 45, camera.drew)
    assert all(frame.url == ingress.panel_url or frame.url.startswith(ingress.url) for frame in page.frames)
    assert page.console == [] and ingress.complaints == []


def test_panel_changes_settings(addon, ingress, page):
    page.goto(ingress.panel_url)
    page.goto(f"{ingress.url}/settings#access")
    assert page.get_by_test_id("sign-out").is_hidden()
    page.get_by_test_id("user-add").click()
    page.get_by_test_id("account-name").fill("eve")
    page.get_by_test_id("account-password").fill("password 1")
    page.get_by_test_id("account-save").click()
    page.get_by_test_id("users").get_by_text("eve", exact=True).wait_for()
    page.goto(f"{ingress.url}/sign-in")
    page.wait_for_url("**/index.html")
    assert [user["name"] for user in addon.api.get("api/users")] == ["admin", "eve"]


def test_panel_for_all_users_makes_them_viewers(make_addon, page):
    addon = make_addon(TOPOSYNC_STREAMING_INGRESS_ROLE="viewer", TOPOSYNC_STREAMING_INGRESS_ADMINS="bob")
    with Ingress(addon.ingress_port) as ingress:
        page.goto(ingress.panel_url)
        page.goto(f"{ingress.url}/settings")
        page.get_by_text("Settings need an administrator").wait_for()
    with Ingress(addon.ingress_port, user={"id": "61aa", "name": "Bob"}) as ingress:
        page.goto(ingress.panel_url)
        page.goto(f"{ingress.url}/settings")
        page.get_by_test_id("user-add").wait_for()


def test_others_are_refused_at_the_ingress_port(addon):
    with socket.create_connection(("127.0.0.1", addon.ingress_port), 5) as connection:
        connection.sendall(b"GET /api/streams/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            assert connection.recv(100) == b""
        except ConnectionResetError:
            pass
    processes.wait_until(lambda: "refused at the ingress port" in addon.log, 5, "a line about the refusal")
    # It goes on for Supervisor.
    connection = http.client.HTTPConnection("127.0.0.1", addon.ingress_port, 5, source_address=(SUPERVISOR, 0))
    connection.request("GET", "/api/users")
    assert connection.getresponse().status == 200


def test_header_fields_mean_nothing_at_the_direct_port(addon):
    request = urllib.request.Request(f"{addon.url}/api/users", headers=USER | {"X-Ingress-Path": PREFIX})
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=5)


def test_page_of_another_site_changes_nothing_by_ingress(addon, ingress):
    for field in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        connection = http.client.HTTPConnection("localhost", ingress.port, timeout=5)
        connection.request("DELETE", f"{PREFIX}/api/users/none", headers={"Cookie": SESSION} | field)
        assert connection.getresponse().status == 403, field


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("INGRESS_PORT", "0"), ("INGRESS_PEER", "supervisor"), ("INGRESS_ROLE", "owner"),
        ("TRUSTED_PROXIES", "proxy.lan"),
    ],
)
def test_what_cannot_be_read_refuses_the_start(make_server, variable, value):
    environment = {"TOPOSYNC_STREAMING_INGRESS_PORT": "18099", f"TOPOSYNC_STREAMING_{variable}": value}
    server = make_server(environment=environment)
    server.spawn()
    assert server.wait_for_exit(10) != 0
    assert value in server.log and ("ingress port" in server.log or variable in server.log)


def test_taken_ingress_port_is_named(make_server):
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        server = make_server("--ingress-port", str(port))
        server.spawn()
        assert server.wait_for_exit(15) != 0
        assert f"Port {port}" in server.log and "--ingress-port" in server.log
