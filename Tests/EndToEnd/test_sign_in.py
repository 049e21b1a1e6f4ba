"""Signing in: who reaches the server from elsewhere needs an account or a token."""

import json
import urllib.error
import urllib.request

import pytest

PASSWORD = "correct horse"


def setup_url(server) -> str:
    return next(record["setup_url"] for record in server.records if "setup_url" in record)


def status(url: str, method: str = "GET", body: dict | None = None, headers: dict | None = None) -> int:
    request = urllib.request.Request(
        url, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"} | (headers or {}),
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def exposed(make_server):
    """A server that other machines reach."""
    return make_server("--host", "0.0.0.0").start()


def test_loopback_asks_nobody(server):
    assert status(f"{server.url}/api/streams/settings") == 200


def test_exposed_server_asks_everybody(exposed):
    assert status(f"{exposed.url}/api/streams/health") == 200
    for path in ("api/streams/settings", "api/cameras", "api/streams/transmissions", "metrics", "api/openapi.json"):
        assert status(f"{exposed.url}/{path}") == 401, path


def test_exposed_server_may_be_opened_on_purpose(make_server):
    server = make_server("--host", "0.0.0.0", "--access", "open").start()
    assert status(f"{server.url}/api/streams/settings") == 200
    assert not any("setup_url" in record for record in server.records)


def test_password_from_the_environment(make_server, tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    server = make_server("--host", "0.0.0.0", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD_FILE": str(file)}).start()
    assert not any("setup_url" in record for record in server.records)
    sign_in = {"name": "admin", "password": PASSWORD}
    assert status(f"{server.url}/api/session", "POST", sign_in) == 200
    assert status(f"{server.url}/api/session", "POST", sign_in | {"password": "wrong"}) == 401
    assert PASSWORD not in server.log


def test_who_has_signed_in_sees_pictures_of_protected_streams(make_server, page):
    server = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}).start()
    server.api.sign_in(PASSWORD)
    server.start_engine()
    # Nothing that a page could play: the picture is a still.
    protected = {"enabled": True, "username": "u", "password": "s3cret"}
    server.api.add_stream("demo:", path="demo", outputs=[{"protocol": "rtsp", "authentication": protected}])
    page.goto(server.url)
    page.get_by_test_id("sign-in-name").fill("admin")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.locator("[data-testid=tile-still][src^='blob:']").wait_for(timeout=20_000)


def test_a_viewer_is_offered_nothing_that_only_an_administrator_may_do(make_server, page):
    server = make_server("--access", "account", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}).start()
    server.api.sign_in(PASSWORD)
    server.api.post("api/users", {"name": "eva", "password": PASSWORD, "role": "viewer"})
    page.goto(server.url)
    page.get_by_test_id("sign-in-name").fill("eva")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_text("An administrator adds cameras").wait_for()
    assert page.get_by_test_id("streams-add-camera").is_hidden()
    server.api.add_stream("demo:", path="demo")
    page.get_by_text("until an administrator starts it").wait_for()
    assert page.get_by_test_id("banner-engine-start").is_hidden()
    page.goto(f"{server.url}/settings")
    page.get_by_text("Settings need an administrator").wait_for()
    assert page.locator(".settings-nav").count() == 0
    page.get_by_test_id("sign-in-as-another").click()
    page.get_by_test_id("sign-in-name").fill("admin")
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("camera").wait_for()


def test_first_start_then_a_viewer(exposed, page, browser):
    """As its users do it: the address from the log, a password, a second user on a phone."""
    page.goto(f"{exposed.url}/settings")
    page.wait_for_url("**/sign-in.html#*")
    page.get_by_text("Open the address that the server showed").wait_for()

    page.goto(setup_url(exposed))
    page.get_by_test_id("sign-in-password").fill("short")
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_text("at least 8 characters").last.wait_for()
    page.get_by_test_id("sign-in-password").fill(PASSWORD)
    page.get_by_test_id("sign-in-submit").click()
    page.wait_for_url("**/index.html")
    assert "code" not in page.url

    page.goto(f"{exposed.url}/settings#access")
    page.get_by_test_id("user-add").click()
    page.get_by_test_id("account-name").fill("eve")
    page.get_by_test_id("account-password").fill("password 1")
    page.get_by_test_id("account-save").click()
    page.get_by_test_id("users").get_by_text("eve", exact=True).wait_for()
    page.get_by_test_id("token-add").click()
    page.get_by_test_id("account-name").fill("prometheus")
    page.get_by_test_id("account-save").click()
    token = page.get_by_test_id("token-text").inner_text()
    assert status(f"{exposed.url}/metrics", headers={"Authorization": f"Bearer {token}"}) == 200
    assert status(f"{exposed.url}/api/cameras", headers={"Authorization": f"Bearer {token}"}) == 403

    phone = browser.new_context(viewport={"width": 360, "height": 780}, locale="en-GB").new_page()
    phone.goto(f"{exposed.url}/settings")
    phone.get_by_test_id("sign-in-name").fill("eve")
    phone.get_by_test_id("sign-in-password").fill("wrong password")
    phone.get_by_test_id("sign-in-submit").click()
    phone.get_by_text("The name or the password is wrong.").wait_for()
    phone.get_by_test_id("sign-in-password").fill("password 1")
    phone.get_by_test_id("sign-in-submit").click()
    phone.wait_for_url("**/settings.html")
    phone.get_by_text("Settings need an administrator").wait_for()
    phone.context.close()

    page.keyboard.press("Escape")
    page.get_by_test_id("sign-out").click()
    page.wait_for_url("**/sign-in.html")
    page.goto(f"{exposed.url}/settings")
    page.get_by_test_id("sign-in-name").wait_for()
