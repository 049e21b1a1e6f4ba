"""Events by MQTT, and the entities that Home Assistant makes of it, with a real broker."""

import json

import pytest

from rig import ports, processes
from rig.camera import Camera
from rig.certificates import self_signed
from rig.mqtt import PASSWORD, USER, Broker
from rig.supervisor import Supervisor


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path) as running:
        yield running


def set_up(server, broker, **settings):
    server.api.patch("api/streams/settings", {"mqtt": broker.settings | settings})


def status(server):
    return server.api.get("api/mqtt")


def until_connected(server):
    return processes.wait_until(lambda: (s := status(server))["state"] == "connected" and s, 30, "a connection")


def until_failed(server, code):
    found = processes.wait_until(
        lambda: (s := status(server))["problem"] and s["problem"]["code"] == code and s, 30, f"the problem {code}"
    )
    assert found["state"] == "failed"
    return found["problem"]["text"]


def watch(api, camera):
    """A pipeline that looks for movement, also while nobody watches."""
    return api.add_stream(
        camera.url,
        preset="motion_gate_stream",
        parameters={"motion_hold_seconds": 1, "fps_limit": 10, "run": "always"},
    )


def entity(listener, component, unit):
    return next((e for t, e in listener.entities().items() if t.split("/")[1] == component and unit in e["unique_id"]), None)


def test_what_moves_switches_a_sensor_of_home_assistant(streaming, broker):
    with Camera(source="yard") as yard, broker.listen() as listener:
        # A camera that was there once: its entity is taken away again.
        set_up(streaming, broker)
        until_connected(streaming)
        listener.wait_for("toposync/status", "online")
        node = processes.wait_until(listener.entities, 10, "the server's entity").popitem()[0].split("/")[2]
        left_over = f"homeassistant/binary_sensor/{node}/gone_motion/config"
        broker.publish(left_over, "{}", retained=True)
        listener.wait_for(left_over, "")
        watch(streaming.api, yard)
        motion = processes.wait_until(lambda: entity(listener, "binary_sensor", "_motion"), 20, "a sensor")
        assert motion["device_class"] == "motion" and motion["availability_topic"] == "toposync/status"
        assert motion["device"]["name"] == "Camera front" and motion["device"]["via_device"] == node
        server_entity = entity(listener, "binary_sensor", "_connection")
        assert server_entity["device"]["identifiers"] == [node] and server_entity["unique_id"].startswith(node)
        image = processes.wait_until(lambda: entity(listener, "image", "_image"), 10, "an image")
        event = processes.wait_until(lambda: entity(listener, "event", "_event"), 10, "an event entity")
        assert sorted(event["event_types"]) == ["motion", "object"]

        listener.wait_for(motion["state_topic"], "OFF", 40)
        processes.wait_until(
            lambda: any(
                camera["state"] == "live"
                for worker in streaming.api.get("api/streams/runtime/diagnostics")["workers"]
                for camera in worker["cameras"]
            ),
            30,
            "a pipeline that runs",
        )
        # What it sees first is what it learns.
        listener.wait_for(motion["state_topic"], "OFF", 30)
        before = len(listener.messages)
        yard.move()
        listener.wait_for(motion["state_topic"], "ON")
        told = processes.wait_until(
            lambda: [m.json for m in listener.messages[before:] if m.topic == "toposync/events"], 10, "an event"
        )[0]
        assert told["type"] == "new" and told["after"]["label"] == "motion" and told["after"]["end_time"] is None
        assert told["after"]["camera"] == "Camera front"
        said = processes.wait_until(lambda: listener.last(event["state_topic"]), 10, "an event for the entity")
        assert said.json["event_type"] == "motion" and not said.retained
        picture = processes.wait_until(lambda: listener.last(image["image_topic"]), 20, "a picture")
        assert picture.payload.startswith(b"\xff\xd8\xff")
        yard.move(False)
        listener.wait_for(motion["state_topic"], "OFF")

        def ended():
            events = [m.json for m in listener.messages if m.topic == "toposync/events"]
            return next((e for e in events if e["type"] == "end" and e["after"]["id"] == told["after"]["id"]), None)

        end = processes.wait_until(ended, 10, "its end")
        assert end["after"]["end_time"] > end["after"]["start_time"] and end["before"]["end_time"] is None

        # Home Assistant starts anew, and says so more often than it is told everything.
        before = len(listener.messages)

        def described_again():
            broker.publish("homeassistant/status", "online")
            return [m for m in listener.messages[before:] if m.topic.endswith("_motion/config")]

        processes.wait_until(described_again, 20, "the descriptions once more")
        streaming.api.delete("api/events/log")
        listener.wait_for(image["image_topic"], "")
        streaming.api.patch("api/streams/settings", {"mqtt": {"discovery": False}})
        processes.wait_until(lambda: not listener.entities(), 20, "no entities any more")

        # It is switched off while something moves: nothing is left that nobody would take away.
        until_connected(streaming)
        before = len(listener.messages)
        yard.move()
        listener.wait_for(motion["state_topic"], "ON")
        streaming.api.patch("api/streams/settings", {"mqtt": {"enabled": False}})
        listener.wait_for(motion["state_topic"], "")
        listener.wait_for(image["image_topic"], "")
        listener.wait_for("toposync/status", "offline")
        types = [m.json["type"] for m in listener.messages[before:] if m.topic == "toposync/events"]
        assert types.count("end") == types.count("new") > 0


@pytest.mark.patient
def test_states_survive_a_broker_and_a_server_that_are_killed(make_server, broker, tmp_path):
    server = make_server(data_dir=tmp_path / "data").start()
    server.api.add_stream("demo:", preset="motion_gate_stream")
    set_up(server, broker)
    until_connected(server)
    with broker.listen() as listener:
        motion = processes.wait_until(lambda: entity(listener, "binary_sensor", "_motion"), 20, "a sensor")
        listener.wait_for("toposync/status", "online")
        server.kill_everything()
        listener.wait_for("toposync/status", "offline")
        again = make_server(data_dir=tmp_path / "data").start()
        listener.wait_for("toposync/status", "online")
    broker.stop()
    processes.wait_until(lambda: status(again)["state"] == "failed", 20, "a connection that is lost")
    broker.start()
    with broker.listen() as listener:
        listener.wait_for(motion["state_topic"], "OFF", 60)
        listener.wait_for("toposync/status", "online")
        same = processes.wait_until(lambda: entity(listener, "binary_sensor", "_motion"), 10, "the sensor")
        assert same["unique_id"] == motion["unique_id"]
        again.stop()
        listener.wait_for("toposync/status", "offline")


@pytest.mark.patient
def test_a_broker_that_is_not_to_be_had_is_told_with_what_to_do(server, broker):
    set_up(server, broker, password="wrong")
    sentence = until_failed(server, "mqtt_password_refused")
    assert sentence.startswith(f"The broker refused the password of the user '{USER}'.")
    assert server.api.post("api/mqtt/test", {})["problem"]["code"] == "mqtt_password_refused"
    server.api.patch("api/streams/settings", {"mqtt": {"user": "", "password": ""}})
    until_failed(server, "mqtt_wants_user")
    nobody = ports.free_port()
    server.api.patch("api/streams/settings", {"mqtt": {"port": nobody}})
    assert f"No MQTT broker answers at 127.0.0.1:{nobody}." in until_failed(server, "mqtt_unreachable")
    server.api.patch("api/streams/settings", {"mqtt": {"host": "no-such-host.invalid"}})
    until_failed(server, "mqtt_host_unknown")
    server.api.patch("api/streams/settings", {"mqtt": {"host": ""}})
    until_failed(server, "mqtt_no_host")
    set_up(server, broker)
    until_connected(server)
    assert server.api.post("api/mqtt/test", {}) == {"connected": True, "problem": None}
    answers = json.dumps([server.api.get("api/streams/settings"), status(server)])
    assert PASSWORD not in answers and PASSWORD not in server.log and "wrong" not in server.log


@pytest.mark.patient
def test_a_certificate_is_checked(server, tmp_path):
    certificate = self_signed(tmp_path)
    with Broker(tmp_path, certificate) as broker:
        set_up(server, broker, tls=True, host="localhost")
        until_failed(server, "mqtt_untrusted")
        server.api.patch("api/streams/settings", {"mqtt": {"ca_file": str(tmp_path / "nothing.pem")}})
        until_failed(server, "mqtt_ca_unreadable")
        key = str(certificate[1])
        server.api.patch("api/streams/settings", {"mqtt": {"ca_file": key}})
        processes.wait_until(lambda: f"certificates in {key}" in until_failed(server, "mqtt_ca_unreadable"), 30, key)
        server.api.patch("api/streams/settings", {"mqtt": {"ca_file": str(certificate[0])}})
        until_connected(server)
        server.api.patch("api/streams/settings", {"mqtt": {"tls": False}})
        until_failed(server, "mqtt_silent")


def test_an_add_on_finds_the_broker_of_home_assistant(make_server, broker):
    service = {"host": "127.0.0.1", "port": broker.port, "ssl": False, "username": USER, "password": PASSWORD}
    with Supervisor(["192.0.2.5"], {}, mqtt=service) as supervisor, broker.listen() as listener:
        server = make_server(environment=supervisor.environment).start()
        server.api.patch("api/streams/settings", {"mqtt": {"enabled": True}})
        found = until_connected(server)
        assert found["from_supervisor"] and found["broker"] == f"127.0.0.1:{broker.port}"
        own = processes.wait_until(lambda: entity(listener, "binary_sensor", "_connection"), 10, "the server's entity")
        assert own["device"]["configuration_url"] == "homeassistant://hassio/ingress/toposync_streaming"


def test_it_is_set_up_on_the_page(server, broker, page):
    page.goto(f"{server.url}/settings#mqtt")
    page.get_by_test_id("mqtt-state").get_by_text("Off").wait_for()
    page.get_by_test_id("mqtt-form").locator("summary").click()
    page.get_by_test_id("mqtt-enabled").check()
    page.get_by_test_id("mqtt-host").fill("mqtt://broker")
    page.get_by_test_id("mqtt-form-save").click()
    page.get_by_test_id("field-problem").locator("visible=true").get_by_text("neither a host name").wait_for()
    page.get_by_test_id("mqtt-host").fill("127.0.0.1")
    page.get_by_test_id("mqtt-port").fill(str(broker.port))
    page.get_by_test_id("mqtt-user").fill(USER)
    page.get_by_test_id("mqtt-password").fill("wrong")
    page.get_by_test_id("mqtt-test").click()
    page.get_by_text("Save the changes first.").wait_for()
    page.get_by_test_id("mqtt-form-save").click()
    page.get_by_text("The settings of MQTT are saved.").wait_for()
    page.get_by_test_id("mqtt-text").get_by_text("The broker refused the password").wait_for(timeout=20_000)
    page.get_by_test_id("mqtt-password").fill(PASSWORD)
    page.get_by_test_id("mqtt-form-save").click()
    page.get_by_test_id("mqtt-state").get_by_text("Connected").wait_for(timeout=20_000)
    page.get_by_test_id("mqtt-test").click()
    page.get_by_text("The broker takes the connection.").wait_for()
    stored = server.api.get("api/streams/settings")["mqtt"]
    assert stored["password_set"] and "password" not in stored
