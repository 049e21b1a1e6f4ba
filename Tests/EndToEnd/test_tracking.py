"""Things that are followed: each keeps its number over a gap, is one event, and is drawn with its trail."""

import pytest

from rig import processes, things
from rig.camera import Camera
from rig.metadata import Reader


@pytest.fixture
def room():
    """A camera before which things go so slowly that they are near when they are seen again."""
    with Camera(source="things", fps=10) as camera:
        yield camera


def tracks_of(line: dict) -> list[dict]:
    return line["metadata"].get("vision", {}).get("tracks", [])


@pytest.mark.patient
def test_a_thing_keeps_its_number_over_a_gap(make_server, room, page):
    server = make_server()
    things.install(server.data_dir)
    server.start().start_engine()
    stream = server.api.add_stream(
        room.url, preset="tracking_stream", encoding={"metadata": True},
        parameters={"fps_limit": 5, "yolo_filter_enabled": False, "yolo_confidence_threshold": 0.5, "run": "always"},
    )  # fmt: skip

    # However long the gap takes on a slow machine.
    [pipeline] = server.api.get("api/pipelines")
    tracker = next(node for node in pipeline["nodes"] if node["operator"] == "vision.track")
    tracker["config"]["close_after_seconds"] = 20
    server.api.put(f"api/pipelines/{pipeline['id']}", pipeline)

    def events():
        return server.api.get("api/events/log?kind=object")["events"]

    with Reader(stream.rtsp_url) as reader:

        def wait_for(count: int, state: str) -> None:
            """That many more pictures in which both things are so."""
            before = len(reader.items)

            def are_there():
                lines = [[track["metadata"]["state"] for track in tracks_of(line)] for line in reader.items[before:]]
                return sum(states == [state] * 2 for states in lines) >= count

            processes.wait_until(are_there, 40, f"{count} pictures with {state} things", interval=0.1)

        room.move()
        wait_for(5, "confirmed")
        room.move(False)
        wait_for(2, "lost")
        room.move()
        wait_for(5, "confirmed")
        seen = [track for line in reader.items for track in tracks_of(line)]
    ids = {(track["label"], track["tracking_id"]) for track in seen}
    assert sorted(label for label, _ in ids) == sorted(things.LABELS), ids
    assert {(track["tracker_id"], track["camera_id"]) for track in seen} == {("simple_iou_kalman", stream.camera_id)}
    assert any(len(track["trail01"]) > 5 for track in seen)
    # One event for each, which goes on.
    assert {(event["label"], event["tracking_id"]) for event in events()} == ids
    assert all(event["ended_at_unix"] is None for event in events())

    page.goto(server.url)
    page.get_by_test_id("tile-state").get_by_text("Live", exact=True).wait_for(timeout=40_000)
    page.get_by_test_id("tile").hover()
    page.get_by_test_id("tile-detail").click()
    page.get_by_test_id("detail-boxes").check()
    page.get_by_test_id("detail-close").click()
    player = page.locator("toposync-player")
    player.locator("polyline[data-kind=trail]").first.wait_for(state="attached", timeout=30_000)
    player.locator("text", has_text="#1 ").first.wait_for(state="attached", timeout=30_000)

    room.move(False)
    processes.wait_until(lambda: all(event["ended_at_unix"] for event in events()), 60, "the end of both events")
    assert {(event["label"], event["tracking_id"]) for event in events()} == ids
