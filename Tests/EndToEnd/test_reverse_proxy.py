"""Behind nginx on a path of its own, with the configuration that the document shows."""

import pytest
import requests

from rig.browser import wait_for_pictures_on_screen
from rig.nginx import Nginx

PASSWORD = "correct horse"
SIGN_IN = {"name": "admin", "password": PASSWORD}


@pytest.fixture
def proxied(make_server):
    """A server that trusts the proxy on this machine."""
    environment = {"TOPOSYNC_STREAMING_TRUSTED_PROXIES": "127.0.0.1", "TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}
    server = make_server(environment=environment).start()
    server.api.sign_in(PASSWORD)
    return server


@pytest.fixture
def nginx(proxied):
    with Nginx(int(proxied.url.rsplit(":", 1)[1])) as running:
        yield running


@pytest.mark.parametrize("uses_tls", [False, True], ids=["http", "https"])
def test_signs_in_sets_up_and_plays_on_a_path(proxied, camera, browser, uses_tls):
    proxied.start_engine()
    context = browser.new_context(ignore_https_errors=True, locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    console = []
    page.on("console", lambda message: console.append(message.text))
    with Nginx(int(proxied.url.rsplit(":", 1)[1]), uses_tls) as nginx:
        page.goto(f"{nginx.url}/settings")
        page.wait_for_url("**/cameras/sign-in.html#*")
        page.get_by_test_id("sign-in-name").fill("admin")
        page.get_by_test_id("sign-in-password").fill(PASSWORD)
        page.get_by_test_id("sign-in-submit").click()
        page.wait_for_url("**/cameras/settings.html")
        page.get_by_test_id("camera-name").fill("Front door")
        page.get_by_test_id("camera-url").fill(camera.url)
        page.get_by_test_id("first-run-test").click()
        page.get_by_test_id("camera-still").wait_for(timeout=40_000)
        page.get_by_test_id("first-run-use").click()
        page.get_by_test_id("first-run-watch").click(timeout=20_000)
        page.wait_for_url("**/cameras/index.html*")
        wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 45, camera.drew)
        # Before signing in, the pages' requests are answered with 401, which browsers log.
        assert [line for line in console if "401" not in line] == []
        page.goto(f"{nginx.url}/settings#access")
        page.get_by_test_id("sign-out").click()
        page.wait_for_url("**/cameras/sign-in.html")
        context.close()


def test_cookie_belongs_to_the_path_and_the_scheme(proxied, nginx):
    answer = requests.post(f"{nginx.url}/api/session", json=SIGN_IN, timeout=10)
    (cookie,) = answer.cookies
    assert cookie.path == "/cameras/api" and not cookie.secure
    with Nginx(int(proxied.url.rsplit(":", 1)[1]), uses_tls=True) as secure:
        answer = requests.post(f"{secure.url}/api/session", json=SIGN_IN, timeout=10, verify=False)
        (cookie,) = answer.cookies
        assert cookie.path == "/cameras/api" and cookie.secure


def test_page_of_another_site_changes_nothing(proxied, nginx):
    answer = requests.post(
        f"{nginx.url}/api/session", json=SIGN_IN, headers={"Origin": "https://evil.example"}, timeout=10
    )
    assert answer.status_code == 403
    answer = requests.get(f"{nginx.url}/api/session", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 403 and "TOPOSYNC_STREAMING_ALLOWED_HOSTS" in answer.text


def test_address_of_the_client_is_seen_through_the_proxy(proxied, nginx):
    """What a client has made up stands before what the proxy adds."""
    made_up = {"X-Forwarded-For": "203.0.113.9"}
    requests.post(f"{nginx.url}/api/session", json=SIGN_IN, headers=made_up, timeout=10)
    direct = {"X-Forwarded-For": "198.51.100.7"}
    requests.post(f"{proxied.url}/api/session", json=SIGN_IN, headers=direct, timeout=10)
    addresses = {session["address"] for session in proxied.api.get("api/sessions")}
    # nginx is a trusted proxy on this machine, and so is every client here: the first address is believed.
    assert addresses == {"127.0.0.1", "203.0.113.9", "198.51.100.7"}


def test_others_are_not_believed(make_server):
    environment = {"TOPOSYNC_STREAMING_TRUSTED_PROXIES": "127.0.0.9", "TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}
    server = make_server(environment=environment).start()
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    answer = requests.post(f"{server.url}/api/session", json=SIGN_IN, headers=headers, timeout=10)
    (cookie,) = answer.cookies
    assert not cookie.secure
    sessions = requests.get(f"{server.url}/api/sessions", cookies=answer.cookies, timeout=10).json()
    assert [session["address"] for session in sessions] == ["127.0.0.1"]
    assert "TOPOSYNC_STREAMING_TRUSTED_PROXIES" in server.log


def test_wrong_passwords_slow_down_only_who_typed_them(proxied):
    def status(address: str, password: str) -> int:
        headers = {"X-Forwarded-For": address}
        body = SIGN_IN | {"password": password}
        return requests.post(f"{proxied.url}/api/session", json=body, headers=headers, timeout=30).status_code

    assert [status("203.0.113.9", "wrong") for _ in range(7)][-1] == 429
    assert status("198.51.100.7", PASSWORD) == 200


def test_named_proxy_asks_for_an_account(proxied, make_server):
    assert requests.get(f"{proxied.url}/api/users", timeout=10).status_code == 401
    open_server = make_server().start()
    assert requests.get(f"{open_server.url}/api/users", timeout=10).json() == []
