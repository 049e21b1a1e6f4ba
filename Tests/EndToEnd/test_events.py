"""The event stream: what changes is told as it happens, to pages and to programs."""

import json
import time

import requests

from rig import processes

PATH = "api/events"


class Events:
    """One client of the stream."""

    def __init__(self, server, **options):
        self.answer = requests.get(f"{server.url}/{PATH}", stream=True, timeout=40, **options)
        self._lines = self.answer.iter_lines(decode_unicode=True)

    def __iter__(self):
        return self

    def __next__(self) -> tuple[str, dict]:
        """The next event and its data; comments and other fields are passed over."""
        kind, data = "", None
        for line in self._lines:
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = json.loads(line.removeprefix("data: "))
            elif line == "" and data is not None:
                return kind, data
        raise StopIteration

    def until(self, condition, timeout: float = 5) -> dict:
        deadline = time.monotonic() + timeout
        for _, data in self:
            if condition(data):
                return data
            assert time.monotonic() < deadline, f"not told within {timeout} s; last: {data}"
        raise AssertionError("the stream ended")

    def close(self):
        self.answer.close()


def test_state_comes_first_and_then_what_changes(streaming, stream, camera):
    events = Events(streaming)
    assert events.answer.headers["Content-Type"] == "text/event-stream"
    assert "Content-Length" not in events.answer.headers
    kind, state = next(events)
    assert kind == "state"
    assert state["engine"]["running"] and sorted(state["output_keys"]) == state["output_keys"]
    assert {output["output_key"] for output in state["outputs"]} == set(state["output_keys"])
    streaming.api.put(
        f"api/streams/transmissions/{stream.transmission_id}",
        streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}") | {"name": "Renamed"},
    )
    told = events.until(lambda data: "revision" in data)
    assert told["revision"] > state["revision"]
    streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")
    events.until(lambda data: any(output["publisher_running"] for output in data.get("outputs", [])), timeout=20)
    streaming.api.post("api/streams/engine/stop")
    events.until(lambda data: data.get("engine", {}).get("running") is False)
    events.close()


def test_stream_ends_at_once_with_the_server(streaming):
    events = Events(streaming)
    next(events)
    began = time.monotonic()
    assert streaming.stop() == 0
    assert list(events) == []
    assert time.monotonic() - began < 3


def test_places_are_limited_and_free_again_after_clients_left(streaming):
    clients = []
    while True:
        client = Events(streaming)
        if client.answer.status_code != 200:
            break
        clients.append(client)
    assert client.answer.status_code == 503 and client.answer.json()["detail"]
    assert len(clients) == 64
    for client in clients:
        client.close()

    def is_free() -> bool:
        again = Events(streaming)
        again.close()
        return again.answer.status_code == 200

    processes.wait_until(is_free, 35, "a place for the next client", interval=1)


def test_page_follows_the_events_and_goes_on_without_them(streaming, stream, page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(streaming.url + "/")))
    page.goto(streaming.url)
    page.get_by_test_id("tile").wait_for()
    page.wait_for_timeout(3000)
    assert asked.count(PATH) == 1
    asked.clear()
    page.wait_for_timeout(7000)
    polled = [url for url in asked if url in ("api/streams/transmissions", "api/streams/engine/status")]
    assert polled == [], "the page asks although it is told"
    transmission = streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}")
    streaming.api.put(f"api/streams/transmissions/{stream.transmission_id}", transmission | {"name": "Renamed"})
    page.get_by_text("Renamed").first.wait_for(timeout=3000)

    page.route(f"**/{PATH}", lambda route: route.abort())
    page.reload()
    page.get_by_test_id("tile").wait_for()
    streaming.api.put(f"api/streams/transmissions/{stream.transmission_id}", transmission | {"name": "Again"})
    page.get_by_text("Again").first.wait_for(timeout=8000)
