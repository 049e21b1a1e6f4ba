"""Things that are found in a camera's pictures: with that very picture, and told where they can't be looked for."""

import pytest

from rig import processes, things
from rig.camera import Camera
from rig.metadata import Recording

OUTPUT = {
    "protocol": "rtsp", "resolution": {"width": 640, "height": 360}, "fps_limit": 25, "bitrate_kbps": 1500,
    "metadata": True,
}  # fmt: skip


@pytest.fixture
def room():
    """A camera before which there is nothing yet."""
    with Camera(source="things") as camera:
        yield camera


def wait_for_message(stream, code: str, state: str) -> None:
    def is_told():
        outputs = stream.outputs()
        return outputs and all((output["message_code"], output["state"]) == (code, state) for output in outputs)

    processes.wait_until(is_told, 30, code)


def test_what_is_found_travels_with_its_picture(make_server, room, tmp_path):
    server = make_server()
    things.install(server.data_dir)
    server.start().start_engine()
    stream = server.api.add_stream(
        room.url, preset="detection_stream", outputs=[OUTPUT],
        parameters={"fps_limit": 5, "yolo_confidence_threshold": 0.5},
    )  # fmt: skip
    with Recording(stream.rtsp_url, tmp_path / "front.ts") as recording:
        wait_for_message(stream, "nothing_detected", "working")
        room.move()

        def found():
            return [picture for picture in recording.pictures() if picture.metadata and room.drew(picture.counter)]

        recording.wait_until_it_records()
        processes.wait_until(lambda: len(found()) >= 8, 30, "pictures with detections", interval=1)
        stream.wait_for_mode("encode", "the pipeline looks for things in the pictures")
        room.move(False)
        wait_for_message(stream, "nothing_detected", "working")
        pictures = found()
    for picture in pictures:
        vision = picture.metadata["vision"]
        assert (vision["task"], vision["model_id"], vision["runtime"]) == ("detect", "things", "onnxruntime")
        by_label = {detection["label"]: detection for detection in vision["detections"]}
        assert list(by_label) and set(by_label) <= set(things.LABELS), vision
        for label, (box, *_) in zip(things.LABELS, things.at(picture.counter), strict=True):
            found_box = [edge * size for edge, size in zip(by_label[label]["bbox01"], (640, 360) * 2, strict=True)]
            # What H.264 leaves of an edge, and half the resolution that the model sees.
            assert all(abs(edge - wanted) < 4 for edge, wanted in zip(found_box, box, strict=True)), (label, box, found_box)
            assert by_label[label]["score"] > 0.5


def test_what_is_missing_is_said(streaming, room):
    stream = streaming.api.add_stream(room.url, preset="detection_stream")
    streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")
    wait_for_message(stream, "cannot_detect", "action_required")
