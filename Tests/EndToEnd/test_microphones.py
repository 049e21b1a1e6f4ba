"""A camera is heard by a microphone of the server's computer, beside its picture."""

import time

import pytest

from rig import players, processes
from rig.camera import Camera
from rig.flashes import offsets, watch
from rig.microphone import Microphone

pytestmark = pytest.mark.alone

# The picture comes by a network and an encoder, and nothing tells how late that is.
IN_STEP = 0.1


@pytest.fixture
def microphone(tmp_path):
    return Microphone(tmp_path)


@pytest.fixture
def streaming(make_server, microphone):
    server = make_server(environment=microphone.environment).start()
    server.start_engine()
    return server


@pytest.fixture
def flashing():
    """With a flash and a tone of its own at the beginning of each second."""
    with Camera(source="flash", width=320, height=180) as camera:
        yield camera


def half_a_second_after(camera):
    """When the microphone hears a tone each second: none of the camera's."""
    return camera.epoch + 0.5


def test_microphone_is_heard_in_step_with_the_picture_also_when_it_comes_later(streaming, microphone, flashing, tmp_path):
    copied = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
    stream = streaming.api.add_stream(
        flashing.url, camera={"microphone": microphone.address}, outputs=[{"protocol": "rtsp"} | copied]
    )
    streaming.api.post(f"api/streams/transmissions/{stream.transmission_id}/demand/prime")
    missing = processes.wait_until(
        lambda: next((output for output in stream.outputs() if output["message_code"] == "microphone_none"), None),
        20, "word of the microphone",
    )  # fmt: skip
    assert (missing["mode"], missing["audio"]) == ("copy", None), missing
    microphone.plug()
    with microphone.speaking(half_a_second_after(flashing)):
        output = processes.wait_until(
            lambda: next((output for output in stream.outputs() if output["audio"]), None), 30, "sound"
        )
        # L16, which it is read as, is not sent by itself.
        assert (output["mode"], output["audio"]["codec"]) == ("copy", "aac"), output
        assert output["message_code"] != "microphone_none", output
        flashes, tones = watch(
            stream.rtsp_url, tmp_path, 20, may_step=True, until=lambda flashes, tones: len(flashes) >= 6 and len(tones) >= 6
        )
    # Of the first and the last, a viewer may get a part.
    seen = flashes[1:-1]
    assert len(seen) >= 3 and all(abs(abs(offset) - 0.5) <= IN_STEP for offset in offsets(seen, tones)), (flashes, tones)


def test_picture_does_not_suffer_from_a_microphone_that_is_not_there(streaming, camera):
    stream = streaming.api.add_stream(camera.url, camera={"microphone": "alsa:plughw:CARD=Gone,DEV=0"})
    with players.ffmpeg_rtsp(stream.rtsp_url) as viewer:
        viewer.wait_for_counted(20, accept=camera.drew)
        output = processes.wait_until(
            lambda: next((output for output in stream.outputs() if output["message_code"] == "microphone_none"), None),
            20, "word of the microphone",
        )  # fmt: skip
        assert output["state"] == "working" and "alsa:plughw:CARD=Gone,DEV=0" in output["message"], output
        assert output["audio"] is None
        viewer.wait_for_counted(20, after=time.monotonic(), accept=camera.drew)


def test_a_test_of_the_camera_tells_what_the_microphone_gives(streaming, microphone, flashing):
    def tested(**fields):
        return streaming.api.post("api/cameras/test", {"url": flashing.url} | fields, timeout=60)

    microphone.plug()
    with microphone.speaking(half_a_second_after(flashing)):
        answer = tested(microphone=microphone.address)
    assert answer["ok"] and answer["audio"] == {"codec": "pcm_s16le", "sample_rate": 48000, "channels": 1}, answer
    missing = tested(microphone="alsa:nothing_is_called_so")
    assert missing["ok"] and missing.get("audio") is None, missing
    assert missing["sound"]["code"] == "microphone_none", missing


# ALSA makes a device of what stands behind the colon: a file that is written, or a command that is run.
@pytest.mark.parametrize("device", ["file:'|touch {0}',raw", "tee:null,'{0}',raw", "file:FILE={0}", "{{type file}}", "pcm.file"])
def test_devices_of_alsa_that_write_files_are_refused(server, tmp_path, device):
    target = tmp_path / "written"
    address = "alsa:" + device.format(target)
    for path in ("api/cameras", "api/cameras/test"):
        answer = server.api.request("POST", path, {"name": "Bad", "url": "demo:", "microphone": address}, timeout=60)
        assert answer.status_code == 422 and "alsa:default" in answer.text, answer.text
    assert not target.exists() and server.api.get("api/cameras") == []
