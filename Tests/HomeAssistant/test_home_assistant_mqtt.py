"""A real Home Assistant makes entities of what is published by MQTT. Run by `make test-home-assistant`."""

from home_assistant import home_assistant
from rig import processes
from rig.mqtt import PASSWORD, USER, Broker
from rig.server import Server


def test_a_camera_becomes_a_device_with_sensors(tmp_path):
    folder = tmp_path / "home-assistant"
    folder.mkdir()
    server = Server(tmp_path / "data").start()
    with Broker(tmp_path) as broker, home_assistant(folder) as home:
        home.add_mqtt({"broker": "127.0.0.1", "port": broker.port, "username": USER, "password": PASSWORD})
        server.start_engine()
        server.api.patch("api/streams/settings", {"mqtt": broker.settings})
        # In its picture something moves all the time.
        server.api.add_stream("demo:", preset="motion_gate_stream", parameters={"run": "always"})
        motion, image, event = "binary_sensor.camera_front_motion", "image.camera_front_last_event", "event.camera_front_event"

        def state(entity):
            return home.states().get(entity, {}).get("state")

        processes.wait_until(lambda: {motion, image, event} <= home.states().keys(), 30, "the entities of a camera")
        assert home.states()[motion]["attributes"]["device_class"] == "motion"
        processes.wait_until(lambda: state("binary_sensor.toposync_streaming_connection") == "on", 10, "the server")
        processes.wait_until(lambda: state(motion) == "on", 60, "a motion")
        processes.wait_until(lambda: state(image) not in ("unknown", "unavailable"), 20, "a picture")
        assert home.picture(image).startswith(b"\xff\xd8\xff")
        server.kill_everything()
        processes.wait_until(lambda: state(motion) == "unavailable", 20, "the server's end")
        again = Server(tmp_path / "data").start()
        processes.wait_until(lambda: state(motion) == "on", 60, "a motion once more")
        # The one before may have come before Home Assistant listened.
        processes.wait_until(lambda: home.states()[event]["attributes"].get("event_type") == "motion", 10, "an event")
        again.api.patch("api/streams/settings", {"mqtt": {"discovery": False}})
        processes.wait_until(lambda: not {motion, image, event} & home.states().keys(), 20, "no entities any more")
        assert again.stop() == 0
