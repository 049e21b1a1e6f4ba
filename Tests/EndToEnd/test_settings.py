"""Settings are validated before anything is saved: a rejected change alters nothing."""

import datetime
import itertools

import pytest
import requests

from rig import players


@pytest.fixture
def two(streaming):
    """Two transmissions, and the settings as they are then."""
    for path in ("front", "back"):
        streaming.api.post(
            "api/streams/transmissions",
            {"name": path, "path": path, "outputs": [{"protocol": "rtsp"}]},
        )
    return streaming.api.get("api/streams/settings")


def corruptions(settings: dict):
    transmission = settings["transmissions"][0]
    output = transmission["outputs"][0]

    def with_output(**fields):
        return {"transmissions": [transmission | {"outputs": [output | fields]}]}

    return {
        "duplicate path": (
            {"transmissions": [transmission, settings["transmissions"][1] | {"path": transmission["path"]}]},
            409,
        ),
        "unknown key": ({"foo": 1}, 422),
        "unknown engine key": ({"engine": {"foo": 1}}, 422),
        "port 0": ({"engine": {"preferred_ports": {"rtsp": 0}}}, 422),
        "port too high": ({"engine": {"preferred_ports": {"rtsp": 65536}}}, 422),
        "port as text": ({"engine": {"preferred_ports": {"rtsp": "none"}}}, 422),
        "protocol": (with_output(protocol="mse"), 422),
        "width": (with_output(resolution={"width": 7681, "height": 100}), 422),
        "height": (with_output(resolution={"width": 100, "height": 0}), 422),
        "extra in resolution": (with_output(resolution={"width": 100, "height": 100, "depth": 1}), 422),
        "fps": (with_output(fps_limit=121), 422),
        "bitrate": (with_output(bitrate_kbps=63), 422),
        "latency profile": (with_output(latency_profile="instant"), 422),
        "encoder": (with_output(encoder="gpu"), 422),
        "placeholder text": (with_output(placeholder_text="maybe"), 422),
        "metadata": (with_output(metadata="maybe"), 422),
        "audio": (with_output(audio="loud"), 422),
        "not a list": ({"transmissions": {"a": 1}}, 422),
        "not an object": ([1, 2, 3], 422),
        "unknown host": ({"transmissions": [transmission | {"host_server_id": "elsewhere"}]}, 400),
        "one good one bad": (
            {"engine": {"expose_to_lan": True}, "transmissions": [transmission | {"placeholder": "pink"}]},
            422,
        ),
    }


NAMES = list(corruptions({"transmissions": [{"path": "", "outputs": [{}]}, {}]}))


@pytest.mark.parametrize("name", NAMES)
def test_corrupted_patch_changes_nothing(streaming, two, name):
    body, status = corruptions(two)[name]
    answer = streaming.api.request("PATCH", "api/streams/settings", body)
    assert answer.status_code == status, answer.text
    assert answer.json()["detail"]
    assert streaming.api.get("api/streams/settings") == two


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"engine":' + b" " * 10_000_000 + b"{}}"])
def test_body_that_is_no_json_changes_nothing(streaming, two, body):
    answer = requests.patch(
        f"{streaming.url}/api/streams/settings", data=body, headers={"Content-Type": "application/json"}, timeout=30
    )
    assert answer.status_code in (200, 400, 413, 422)
    assert streaming.api.get("api/streams/settings") == two


def test_duplicate_path_is_a_conflict(streaming, two):
    answer = streaming.api.request("POST", "api/streams/transmissions", {"name": "Again", "path": "Front"})
    assert answer.status_code == 409 and isinstance(answer.json()["detail"], str)
    assert streaming.api.get("api/streams/settings") == two


def test_update_to_a_taken_path_is_a_conflict(streaming, two):
    back = next(item for item in two["transmissions"] if item["path"] == "back")
    answer = streaming.api.request("PUT", f"api/streams/transmissions/{back['id']}", back | {"path": "front"})
    assert answer.status_code == 409
    assert streaming.api.get("api/streams/settings") == two


def test_update_needs_no_id_in_its_body(streaming, two):
    back = next(item for item in two["transmissions"] if item["path"] == "back")
    body = {key: value for key, value in back.items() if key != "id"} | {"name": "Garden"}
    updated = streaming.api.put(f"api/streams/transmissions/{back['id']}", body)
    assert updated["id"] == back["id"] and updated["name"] == "Garden"
    assert updated["created_at"] == back["created_at"]


def test_new_transmission_stands_first_and_folds_its_path(streaming, two):
    created = streaming.api.post("api/streams/transmissions", {"name": "Garagé", "path": "Garagé 1"})
    assert created["path"] == "garage-1"
    assert streaming.api.get("api/streams/transmissions")[0]["id"] == created["id"]


def test_times_are_iso_8601_in_utc(streaming, two):
    for transmission in two["transmissions"]:
        created = datetime.datetime.fromisoformat(transmission["created_at"])
        assert created.utcoffset() == datetime.timedelta(0)
        assert abs(datetime.datetime.now(datetime.UTC) - created) < datetime.timedelta(minutes=1)


def test_unknown_fields_of_transmissions_and_outputs_survive(streaming, two):
    back = next(item for item in two["transmissions"] if item["path"] == "back")
    output = back["outputs"][0] | {"x_label": {"de": "Hof"}}
    streaming.api.put(f"api/streams/transmissions/{back['id']}", back | {"outputs": [output], "x_room": [1, None]})
    stored = next(item for item in streaming.api.get("api/streams/transmissions") if item["id"] == back["id"])
    assert stored["x_room"] == [1, None] and stored["outputs"][0]["x_label"] == {"de": "Hof"}


def test_accepted_change_survives_a_restart(streaming, two, make_server):
    assert streaming.stop() == 0
    again = make_server(data_dir=streaming.data_dir).start()
    assert again.api.get("api/streams/settings") == two


def test_deleted_transmission_is_gone(streaming, two):
    gone = two["transmissions"][0]["id"]
    assert streaming.api.delete(f"api/streams/transmissions/{gone}") == {"deleted": True}
    for method, path in (("PUT", ""), ("DELETE", ""), ("GET", "/urls"), ("GET", "/demand"), ("POST", "/demand/prime")):
        body = two["transmissions"][0] if method == "PUT" else None
        answer = streaming.api.request(method, f"api/streams/transmissions/{gone}{path}", body)
        assert answer.status_code == 404, (method, path)


def test_adding_a_stream_does_not_disturb_viewers_of_another(stream, streaming, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        engine = streaming.only("engine").pid
        before = watched.wait_for_counted(20, accept=camera.drew)[-1].at
        streaming.api.add_stream("demo:", path="another")
        seen = watched.wait_for_counted(10, count=75, after=before, accept=camera.drew)
        assert max(later.at - earlier.at for earlier, later in itertools.pairwise(seen)) < 1.5
        assert streaming.only("engine").pid == engine


def test_presets_that_are_not_there_yet_say_so(streaming, two):
    camera = streaming.api.post("api/cameras", {"name": "Demo", "url": "demo:"})
    body = {"transmission_id": two["transmissions"][0]["id"], "camera_id": camera["id"]}
    answer = streaming.api.request(
        "POST", "api/streams/wizard/create-pipeline", body | {"preset_id": "segmentation_stream"}
    )
    assert answer.status_code == 422 and "not available yet" in answer.text
    assert streaming.api.get("api/pipelines") == []
