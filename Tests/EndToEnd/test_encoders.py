"""Outputs choose who encodes them, and the CPU stands in for hardware that is not there."""

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
