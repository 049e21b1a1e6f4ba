"""What pipelines see: the log of events, the pictures of it, and webhooks, while nobody watches."""

import hashlib
import hmac
import http.server
import json
import threading

import pytest

from rig import processes
from rig.camera import Camera

SECRET = "the secret of the receiver"


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks, and refuses the first try of each message."""

    def __init__(self):
        self.messages: list[tuple[dict, str | None, bytes]] = []
        self.tries: list[str] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                delivery = self.headers["X-Toposync-Delivery"]
                is_new = delivery not in receiver.tries
                receiver.tries.append(delivery)
                if not is_new:
                    receiver.messages.append((json.loads(body), self.headers["X-Toposync-Signature"], body))
                self.send_response(503 if is_new else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


@pytest.fixture
def receiver():
    with Receiver() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def yard():
    with Camera(source="yard") as camera:
        yield camera


def add_yard(server, yard):
    return server.api.add_stream(
        yard.url,
        preset="motion_gate_stream",
        parameters={"motion_hold_seconds": 1, "fps_limit": 10, "run": "always"},
    )


def events(server, query=""):
    return server.api.get(f"api/events/log{query}")["events"]


def test_what_moves_is_told_while_nobody_watches(streaming, yard, receiver):
    streaming.api.patch(
        "api/streams/settings", {"events": {"webhooks": [{"id": "w", "url": receiver.url, "secret": SECRET}]}}
    )
    assert streaming.api.get("api/streams/settings")["events"]["webhooks"] == [
        {"id": "w", "url": receiver.url, "secret_set": True, "active": True, "kinds": ["motion", "object"]}
    ]
    stream = add_yard(streaming, yard)
    [pipeline] = streaming.api.get("api/pipelines")
    assert pipeline["run"] == "always"

    def looks():
        workers = streaming.api.get("api/streams/runtime/diagnostics")["workers"]
        return any(camera["state"] == "live" for worker in workers for camera in worker["cameras"])

    processes.wait_until(looks, 30, "a pipeline that runs")
    # What it sees first is what it learns.
    processes.wait_until(lambda: not events(streaming) or events(streaming)[0]["ended_at_unix"], 30, "stillness")
    before = {event["id"] for event in events(streaming)}
    yard.move()
    begun = processes.wait_until(
        lambda: next((event for event in events(streaming) if event["id"] not in before and event["has_still"]), None),
        30,
        "an event with its picture",
    )
    assert (begun["kind"], begun["label"], begun["ended_at_unix"]) == ("motion", None, None)
    assert begun["camera_name"] == "Camera front" and begun["transmission_id"] == stream.transmission_id
    left, top, right, bottom = begun["bbox01"] or [0, 0, 1, 1]
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1 and 0 < begun["score"] <= 1
    still = streaming.api.request("GET", f"api/events/log/{begun['id']}/still.jpg")
    assert still.status_code == 200 and still.headers["content-type"] == "image/jpeg"
    assert still.content.startswith(b"\xff\xd8\xff") and len(still.content) < 128 << 10
    for output in stream.outputs():
        assert not output["publisher_running"] and output["frames_out"] == 0, "no encoder runs for it"
    yard.move(False)
    ended = processes.wait_until(
        lambda: next((e for e in events(streaming) if e["id"] == begun["id"] and e["ended_at_unix"]), None),
        30,
        "the end of the event",
    )
    assert ended["ended_at_unix"] > ended["started_at_unix"]

    def told(kind):
        return [m for m in receiver.messages if (m[0]["type"], m[0]["event"]["id"]) == (kind, begun["id"])]

    processes.wait_until(lambda: told("open") and told("update") and told("close"), 40, "three messages")
    for message, signature, body in receiver.messages:
        assert signature == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert told("update")[0][0]["event"]["has_still"]
    assert len(receiver.tries) >= 2 * len(receiver.messages), "each was sent again"
    [state] = streaming.api.get("api/webhooks")["webhooks"]
    assert state["state"] == "working" and state["delivered"] >= 3 and state["lost"] == 0


def test_the_page_lists_them(streaming, yard, page):
    page.goto(streaming.url)
    page.get_by_test_id("events").click()
    page.get_by_test_id("events-empty").get_by_text("Nothing was seen yet").wait_for()
    add_yard(streaming, yard)
    yard.move()
    # By itself: the server tells the page.
    event = page.get_by_test_id("event").first
    event.get_by_text("Movement").wait_for(timeout=40_000)
    event.get_by_text("Now", exact=True).wait_for()
    picture = event.get_by_test_id("event-still")
    picture.wait_for(timeout=20_000)
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    assert page.get_by_test_id("events-open-count").inner_text() == "1"
    yard.move(False)
    event.get_by_text("Now", exact=True).wait_for(state="hidden", timeout=20_000)
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_test_id("events-clear").click()
    page.get_by_test_id("confirm-yes").click()
    page.get_by_test_id("events-empty").wait_for()
    assert events(streaming) == []


def test_webhooks_are_set_up_on_the_page(streaming, receiver, page):
    page.goto(f"{streaming.url}/settings#events")
    page.get_by_test_id("webhook-add").click()
    page.get_by_test_id("webhook-url").fill("ftp://nothing")
    page.get_by_test_id("webhook-save").click()
    page.get_by_test_id("field-problem").locator("visible=true").get_by_text("Write the address of a webhook").wait_for()
    page.get_by_test_id("webhook-url").fill(receiver.url)
    page.get_by_test_id("webhook-secret").fill(SECRET)
    page.get_by_test_id("webhook-save").click()
    page.get_by_test_id("webhook").wait_for()
    page.get_by_test_id("webhook-test").click()
    # Once, and this receiver wants everything twice.
    page.get_by_text("The receiver answered with the status 503.").first.wait_for()
    page.get_by_test_id("webhook-active").uncheck()
    [webhook] = processes.wait_until(
        lambda: [w for w in streaming.api.get("api/streams/settings")["events"]["webhooks"] if not w["active"]],
        10,
        "a webhook that is switched off",
    )
    assert webhook["secret_set"] and webhook["url"] == receiver.url
    page.get_by_test_id("webhook-delete").click()
    page.get_by_test_id("confirm-yes").click()
    page.get_by_test_id("webhook").wait_for(state="detached")
    assert streaming.api.get("api/streams/settings")["events"]["webhooks"] == []
