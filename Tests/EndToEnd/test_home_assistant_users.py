"""Signing in at the direct port of an add-on with the users of Home Assistant."""

import pytest
import requests

from rig.api import API
from rig.supervisor import Supervisor

PASSWORD = "of home assistant"


def sign_in(api: API, name: str, password: str) -> requests.Response:
    return api.request("POST", "api/session", {"name": name, "password": password})


@pytest.fixture
def supervisor():
    with Supervisor([], {}, users={"eve": PASSWORD, "ana": "of ana", "rui": "of rui"}) as supervisor:
        yield supervisor


@pytest.fixture
def make_add_on(make_server, supervisor):
    def make(**environment: str):
        return make_server("--host", "0.0.0.0", environment=supervisor.environment | environment).start()

    return make


def test_a_user_of_home_assistant_watches(make_add_on, supervisor):
    server = make_add_on(
        TOPOSYNC_STREAMING_INGRESS_ADMINS="Ana", TOPOSYNC_STREAMING_ADMIN_PASSWORD="our own password"
    )
    eve, ana, admin = (API(server.url) for _ in range(3))
    assert sign_in(eve, "eve", "wrong").status_code == 401
    assert sign_in(eve, "eve", PASSWORD).json()["user"] == {"name": "eve", "role": "viewer"}
    assert eve.get("api/streams/transmissions") == []
    assert eve.request("GET", "api/sessions").status_code == 403
    # A setting names her.
    assert sign_in(ana, "ana", "of ana").json()["user"] == {"name": "ana", "role": "admin"}
    asked = len(supervisor.asked)
    admin.sign_in("our own password")
    assert len(supervisor.asked) == asked, "our own users come first"

    sessions = admin.get("api/sessions")
    assert {(entry["user"], entry["is_of_home_assistant"]) for entry in sessions} == {
        ("eve", True), ("ana", True), ("admin", False),
    }  # fmt: skip
    admin.delete(f"api/sessions/{next(entry['id'] for entry in sessions if entry['user'] == 'eve')}")
    assert eve.request("GET", "api/streams/transmissions").status_code == 401
    assert server.stop() == 0
    assert PASSWORD not in server.log and Supervisor.TOKEN not in server.log


def test_the_option_decides_who_may(make_add_on, supervisor):
    everything = make_add_on(TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS="admin")
    assert sign_in(everything.api, "eve", PASSWORD).json()["user"]["role"] == "admin"
    asked = [path for path, _ in supervisor.asked].count("/auth")
    nobody = make_add_on(TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS="nobody")
    assert sign_in(nobody.api, "eve", PASSWORD).status_code == 401
    assert nobody.api.get("api/session")["takes_home_assistant_users"] is False
    assert [path for path, _ in supervisor.asked].count("/auth") == asked


def test_a_wrong_option_refuses_the_start(make_server, supervisor):
    environment = supervisor.environment | {"TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS": "some"}
    server = make_server(environment=environment)
    server.spawn()
    assert server.wait_for_exit(15) != 0
    assert "TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS" in server.log


def test_a_supervisor_that_is_away_is_no_wrong_password(make_server):
    with Supervisor([], {}, users={"eve": PASSWORD}) as supervisor:
        environment = supervisor.environment | {"TOPOSYNC_STREAMING_ADMIN_PASSWORD": "our own password"}
        server = make_server("--host", "0.0.0.0", environment=environment).start()
    refusal = sign_in(server.api, "eve", PASSWORD)
    assert refusal.status_code == 502 and "Home Assistant could not be asked" in refusal.json()["detail"]
    server.api.sign_in("our own password")


def test_the_page_takes_them_also_before_the_first_administrator(make_add_on, page):
    server = make_add_on(TOPOSYNC_STREAMING_INGRESS_ADMINS="rui")
    page.goto(f"{server.url}/settings#access")
    page.get_by_text("With your user of Home Assistant").wait_for()
    page.get_by_test_id("sign-in-name").fill("rui")
    page.get_by_test_id("sign-in-password").fill("of rui")
    page.get_by_test_id("sign-in-submit").click()
    page.get_by_test_id("sessions").get_by_text("rui (Home Assistant)").wait_for()
