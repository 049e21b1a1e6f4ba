"""Our streams as cameras in Home Assistant, as the add-on adds them through Supervisor."""

import http.client
import json
import threading

import pytest

from rig import processes
from rig.home_assistant_core import Core
from rig.server import uses_mediamtx
from rig.supervisor import Supervisor

# The add-on's ports have other numbers outside of its container.
NETWORK = {"8554/tcp": 19554, "8100/tcp": None}
# MediaMTX finds no password with a colon in what players of RTSP send.
PASSWORD = "pw@/d é" if uses_mediamtx() else "p:w@/d é"
PATH = "api/home-assistant/cameras"


@pytest.fixture
def make_home(make_server):
    """Servers as the add-on starts them, each beside a Home Assistant, with a running engine that others reach."""
    running = []

    def make(*arguments: str, core: Core | None = None):
        supervisor = Supervisor(["192.0.2.5"], NETWORK, core=core)
        supervisor.__enter__()
        running.append(supervisor)
        server = make_server(*arguments, environment=supervisor.environment).start()
        server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": True}})
        server.start_engine()
        return server

    yield make
    for supervisor in running:
        supervisor.__exit__()


@pytest.fixture
def core():
    return Core()


@pytest.fixture
def home(make_home, core):
    return make_home(core=core)


def add_stream(server, outputs: list[dict] | None = None, **options) -> dict:
    """What asks for a camera of a stream that plays."""
    outputs = outputs or [{"protocol": "rtsp", "id": "main"}, {"protocol": "hls", "id": "web"}]
    stream = server.api.add_stream("demo:", outputs=outputs, **{"path": "door", "name": "Front door"} | options)
    return {"transmission_id": stream.transmission_id, "output_id": "main"}


def refusal(server, wish: dict) -> tuple[int, str]:
    answer = server.api.request("POST", PATH, wish, timeout=90)
    return answer.status_code, answer.json()["detail"]


@pytest.mark.parametrize("form", ["flat", "sections"])
def test_an_output_becomes_a_camera_whatever_the_form_is(make_home, form):
    core = Core(form)
    server = make_home(core=core)
    access = {"enabled": True, "username": "eve", "password": PASSWORD}
    wish = add_stream(server, [{"protocol": "rtsp", "id": "main", "authentication": access}])
    assert server.api.get("api/home-assistant")["available"] is True
    added = server.api.post(PATH, wish, timeout=90)
    assert (added["name"], added["entity_id"]) == ("Front door", "camera.front_door")
    (entry,) = core.entries
    assert entry["title"] == "Front door" and core.entities == {"camera.front_door": entry["entry_id"]}
    # The stand-in has opened it by these, as Core does.
    options = entry["options"]
    port = server.api.get("api/streams/engine/status")["ports"]["rtsp"]
    assert options["stream_source"] == f"rtsp://127.0.0.1:{port}/door"
    assert (options["username"], options["password"], options["rtsp_transport"]) == ("eve", PASSWORD, "tcp")
    # Nobody but this machine reaches the pages, so there is no still.
    assert "still_image_url" not in options
    assert core.flows == {}
    assert server.stop() == 0
    assert PASSWORD not in server.log and Supervisor.TOKEN not in server.log


def test_the_still_is_ours_where_nobody_has_to_sign_in(make_home, core):
    server = make_home("--host", "0.0.0.0", "--access", "open", core=core)
    wish = add_stream(server)
    server.api.post(PATH, wish, timeout=90)
    still = core.entries[0]["options"]["still_image_url"]
    path = f"/api/streams/transmissions/{wish['transmission_id'].replace('-', '%2D')}/still.jpg"
    assert still.startswith("http://127.0.0.1:") and path in still


def test_a_still_that_does_not_come_is_left_out(make_home, core):
    server = make_home("--host", "0.0.0.0", "--access", "open", core=core)
    wish = add_stream(server)
    core.errors = {"still_image_url": "unable_still_load_auth"}

    def answer_as_usual():
        if len(core.forms) > 1:
            core.errors = {}

    core.before_answer = answer_as_usual
    server.api.post(PATH, wish, timeout=90)
    assert ["still_image_url" in form for form in core.forms] == [True, False, False]


@pytest.mark.parametrize(
    ("code", "told"),
    [("stream_no_route_to_host", "does not reach the stream"), ("timeout", "waited for a picture in vain"),
     ("Error opening rtsp://eve:x@host", "Its log says more")],
)  # fmt: skip
def test_what_home_assistant_refuses_says_what_to_do(home, core, code, told):
    core.errors = {"stream_source": code}
    status, sentence = refusal(home, add_stream(home))
    assert status == 502 and told in sentence and "eve" not in sentence
    assert core.flows == {} and core.entries == []


def test_what_is_broken_off_leaves_nothing_behind(home, core):
    core.aborts = "already_configured"
    status, sentence = refusal(home, add_stream(home))
    assert status == 502 and "has this camera already" in sentence
    assert core.flows == {} and core.entries == []


def test_whoever_leaves_before_the_end_leaves_nothing_behind(home, core):
    wish = add_stream(home)
    looks, goes_on = threading.Event(), threading.Event()

    def look():
        looks.set()
        goes_on.wait(60)

    core.before_answer = look
    connection = http.client.HTTPConnection(home.url.removeprefix("http://"), timeout=30)
    connection.request("POST", f"/{PATH}", json.dumps(wish), {"Content-Type": "application/json"})
    assert looks.wait(30) and len(core.flows) == 1
    connection.close()
    processes.wait_until(lambda: not core.flows, 20, "the end of the flow")
    goes_on.set()
    assert core.entries == []


def test_a_camera_is_added_once(make_home):
    core = Core(title="Front door")
    server = make_home(core=core)
    wish = add_stream(server)
    status, sentence = refusal(server, wish)
    assert status == 409 and "“Front door” already" in sentence
    assert len(core.entries) == 1 and core.forms == []


def test_names_of_others_stay_theirs(home, core):
    core.entities["camera.front_door"] = "of another integration"
    added = home.api.post(PATH, add_stream(home), timeout=90)
    assert (added["name"], added["entity_id"]) == ("Front door", "camera.127_0_0_1")
    assert core.entities["camera.front_door"] == "of another integration"


def test_outputs_of_one_transmission_have_names_of_their_own(home, core):
    outputs = [{"protocol": "rtsp", "id": "main"}, {"protocol": "rtsp", "id": "small", "fps_limit": 5}]
    wish = add_stream(home, outputs)
    for output in ("main", "small"):
        home.api.post(PATH, wish | {"output_id": output}, timeout=90)
    assert sorted(core.entities) == ["camera.front_door_main", "camera.front_door_small"]


def test_what_home_assistant_could_not_read_is_not_offered(home, core):
    wish = add_stream(home)
    assert refusal(home, wish | {"output_id": "web"})[0] == 409
    assert refusal(home, wish | {"output_id": "none"})[0] == 404
    home.api.patch("api/streams/settings", {"engine": {"expose_to_lan": False}})
    state = home.api.get("api/home-assistant")
    assert state["available"] is False and "Reachable from the network" in state["reason"]
    assert refusal(home, wish) == (409, state["reason"])
    assert core.forms == []


def test_without_the_right_to_ask_it_says_so(make_home):
    server = make_home()
    state = server.api.get("api/home-assistant")
    assert state["available"] is False and state["is_add_on"] is True and "Update the add-on" in state["reason"]
    status, sentence = refusal(server, add_stream(server))
    assert (status, sentence) == (502, state["reason"])


def test_without_home_assistant_nothing_is_offered(server, page):
    stream = server.api.add_stream("demo:")
    state = server.api.get("api/home-assistant")
    assert state["available"] is False and state["is_add_on"] is False
    output = server.api.get(f"api/streams/transmissions/{stream.transmission_id}")["outputs"][0]["id"]
    assert refusal(server, {"transmission_id": stream.transmission_id, "output_id": output}) == (409, state["reason"])
    with page.expect_response("**/api/home-assistant"):
        open_addresses(page, server)
    page.locator("[data-testid=output-address][data-protocol=rtsp]").get_by_test_id("url").wait_for()
    assert page.get_by_test_id("home-assistant-add").count() == 0
    assert page.console == []


def open_addresses(page, server):
    page.goto(f"{server.url}/settings#addresses")
    page.get_by_test_id("address").locator("summary").first.click()


def test_the_button_adds_a_camera_and_says_its_name(home, core, page):
    add_stream(home)
    core.errors = {"stream_source": "timeout"}
    open_addresses(page, home)
    button = page.get_by_test_id("home-assistant-add")
    button.click()
    result = page.get_by_test_id("home-assistant-result")
    result.get_by_text("waited for a picture in vain").wait_for(timeout=90_000)
    core.errors = {}
    button.click()
    result.get_by_text("camera.front_door").wait_for(timeout=90_000)
    assert button.count() == 0
    assert [entry["title"] for entry in core.entries] == ["Front door"]
    # The refusal is an answer that browsers tell of.
    assert all("502" in line for line in page.console)
