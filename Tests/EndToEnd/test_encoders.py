"""Outputs choose who encodes them, and the CPU stands in for hardware that is not there."""

import subprocess
from pathlib import Path

import pytest

from rig import players, ports, processes

DEVICES = {"vaapi": "/dev/dri", "nvenc": "/dev/nvidiactl", "v4l2m2m": "/dev/video0"}
SMALL = {"resolution": {"width": 320, "height": 180}}


@pytest.mark.parametrize("encoder", [*DEVICES, "auto"])
def test_hardware_that_is_not_there_is_replaced_by_the_cpu_and_says_why(streaming, camera, encoder):
    devices = DEVICES.values() if encoder == "auto" else [DEVICES[encoder]]
    if any(Path(device).exists() for device in devices):
        pytest.skip("this machine may have the hardware")
    stream = streaming.api.add_stream(camera.url, encoding=SMALL | {"encoder": encoder})
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=50, accept=camera.drew)

        def said():
            return all(
                "on the CPU: " in output["mode_reason"] and "no device /dev/" in output["mode_reason"]
                for output in stream.outputs()
                if output["mode_reason"]
            )

        processes.wait_until(said, 10, f"the reason; last {stream.outputs()}", interval=0.2)
        objection = "encoded: the output wants 320×180, the camera sends 640×360; on the CPU: "
        for output in stream.outputs():
            assert output["mode_reason"].startswith(objection)
            assert output["mode"] == "encode" and output["publisher_active_codec"] == "libx264"
            assert output["publisher_hardware_accelerated"] is False
            assert output["publisher_restart_count"] == 0
        assert watched.running, "the viewer had to reconnect"


def test_the_cpu_needs_no_excuse(streaming, camera):
    stream = streaming.api.add_stream(camera.url, encoding=SMALL)
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        assert all("CPU" not in output["mode_reason"] for output in stream.outputs())


def test_what_an_output_asks_of_its_encoder_is_in_its_bitstream(streaming, camera, tmp_path):
    """The camera could be copied but for that."""
    asked = {"profile": "baseline", "slices": 3, "keyframe_interval": 20}
    output = {"protocol": "rtsp", "resolution": None, "fps_limit": None, "bitrate_kbps": None}
    stream = streaming.api.add_stream(camera.url, outputs=[output | asked])
    recording = tmp_path / "recording.h264"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-rtsp_transport", "tcp", "-i", stream.rtsp_url, "-t", "6", "-c", "copy", recording],
        stdin=subprocess.DEVNULL, check=True, timeout=60,
    )  # fmt: skip
    # Start codes end what came before (H.264 B.1); a slice's header begins with first_mb_in_slice, 0 of the first in a picture.
    units = [unit for unit in recording.read_bytes().split(b"\x00\x00\x01")[1:] if unit]
    assert {unit[1] for unit in units if unit[0] & 31 == 7} == {66}
    slices = [unit for unit in units if unit[0] & 31 in (1, 5)]
    first = [place for place, unit in enumerate(slices) if unit[1] & 0x80]
    assert {after - before for before, after in zip(first, first[1:])} == {3}
    pictures = [slices[place][0] & 31 for place in first]
    keyframes = [place for place, kind in enumerate(pictures) if kind == 5]
    # The first are the placeholder's and the one that the camera's first picture is given.
    regular = keyframes[-3:]
    assert [after - before for before, after in zip(regular, regular[1:])] == [20, 20]
    assert [output["mode"] for output in stream.outputs()] == ["encode"]


@pytest.mark.parametrize("has_text", [True, False])
def test_placeholder_has_text_only_where_it_is_wanted(streaming, has_text):
    nobody = f"rtsp://127.0.0.1:{ports.free_port()}/live"
    stream = streaming.api.add_stream(nobody, encoding={"placeholder_text": has_text})
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        pictures = watched.wait_for(lambda seen: len(seen) >= 10 and seen[-5:], 20, "the placeholder")
    # A plain picture has no spread but the codec's.
    assert all((picture.spread > 3) == has_text for picture in pictures), pictures


def test_outputs_that_differ_only_in_bitrate_both_get_every_picture_in_order(streaming, camera):
    outputs = [
        {"protocol": "rtsp", "id": name, "fps_limit": 25, "bitrate_kbps": bitrate} | SMALL
        for name, bitrate in (("low", 200), ("high", 800))
    ]
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    base = stream.rtsp_url
    with players.ffmpeg_rtsp(f"{base}-low") as low, players.ffmpeg_rtsp(f"{base}-high") as high:
        for watched in (low, high):
            seen = [picture.counter for picture in watched.wait_for_counted(20, count=75, accept=camera.drew)]
            assert seen == sorted(seen)
