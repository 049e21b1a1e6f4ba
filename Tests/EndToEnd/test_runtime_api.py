"""What the API says and does about what runs: leases, forced keyframes, counters and viewers."""

import contextlib
import subprocess
import time

import pytest
from rig import players, processes


def heartbeat(stream, session: str, seconds: int, expected: int = 200) -> dict:
    answer = stream.api.request(
        "POST",
        f"api/streams/transmissions/{stream.transmission_id}/demand/heartbeat",
        {"playback_session_id": session, "ttl_seconds": seconds},
    )
    assert answer.status_code == expected, answer.text
    return answer.json()


def end(stream, session: str) -> bool:
    path = f"api/streams/transmissions/{stream.transmission_id}/demand/heartbeat/{session}"
    return stream.api.delete(path)["ended"]


def demand(stream) -> dict:
    return stream.api.get(f"api/streams/transmissions/{stream.transmission_id}/demand")


# Leases


def test_a_lease_keeps_a_cold_output_warm_and_lets_go_by_itself(stream, streaming):
    assert heartbeat(stream, "player", 6)["leased_outputs"] == 1
    processes.wait_until(stream.publishing, 10, "a publisher")
    worker = streaming.only("worker")
    assert demand(stream)["demand_signal"] and demand(stream)["viewer_count_total"] == 0
    time.sleep(4)
    # Renewed in time, it goes on beyond its first six seconds and the drain.
    heartbeat(stream, "player", 6)
    renewed = time.monotonic()
    time.sleep(5)
    assert streaming.only("worker").pid == worker.pid
    processes.wait_until(lambda: not streaming.living("worker"), 10, "the worker ending")
    # Six seconds of lease, three of draining.
    assert time.monotonic() - renewed > 8
    assert not demand(stream)["demand_signal"]


def test_a_lease_that_is_ended_lets_go_at_once(stream, streaming):
    heartbeat(stream, "one", 1800)
    heartbeat(stream, "two", 1800)
    processes.wait_until(stream.publishing, 10, "a publisher")
    assert end(stream, "one") and not end(stream, "one")
    time.sleep(4)
    assert streaming.living("worker"), "the other player's lease holds"
    assert end(stream, "two")
    processes.wait_until(lambda: not streaming.living("worker"), 6, "the worker ending")


def test_leases_are_bounded(stream):
    for number in range(256):
        heartbeat(stream, f"player {number}", 30)
    assert "256" in heartbeat(stream, "one more", 30, expected=503)["detail"]
    heartbeat(stream, "player 7", 5)


def test_a_page_that_is_closed_lets_go(stream, streaming, camera, page):
    page.goto(streaming.url)
    leases = lambda: streaming.api.get("api/streams/runtime/diagnostics")["demand"]["leases_by_path"]  # noqa: E731
    processes.wait_until(lambda: leases() == {"front": 1}, 20, "the page's lease")
    page.goto("about:blank")
    processes.wait_until(lambda: leases() == {}, 10, "the lease ending with the page")


# Keyframes


def force(stream, output: dict):
    path = f"api/streams/transmissions/{stream.transmission_id}/outputs/{output['output_id']}/force-idr"
    return stream.api.request("POST", path)


def test_a_forced_keyframe_reaches_the_viewer_within_a_second(streaming, camera):
    # 320x180 is not what the camera sends, so it is encoded here.
    stream = streaming.api.add_stream(camera.url, encoding={"resolution": {"width": 320, "height": 180}})
    command = [
        "ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-show_entries",
        "packet=flags", "-of", "csv=p=0", stream.rtsp_url,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as probe:
        try:
            output = stream.outputs()[0]
            packets = 0
            for line in probe.stdout:
                packets += 1
                if packets >= 50:
                    break
            delays = []
            for _ in range(3):
                # Away from the encoder's own keyframes as far as one can be: the last one was long enough ago.
                answer = force(stream, output)
                assert answer.status_code == 200 and answer.json() == {"forced": True}
                asked = time.monotonic()
                for line in probe.stdout:
                    if line.startswith("K"):
                        delays.append(time.monotonic() - asked)
                        break
                time.sleep(0.3)
            assert max(delays) < 1, delays
            # Without being asked, the encoder makes one every two seconds at most.
            assert len(delays) == 3 and sum(delays) < 2, delays
        finally:
            probe.kill()


def test_a_copied_camera_decides_about_its_keyframes_itself(stream, camera):
    output = stream.outputs()[0]
    cold = force(stream, output)
    assert cold.status_code == 409 and "nobody watches" in cold.json()["detail"]
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        processes.wait_until(lambda: stream.outputs()[0]["mode"] == "copy", 10, "copying")
        answer = force(stream, output)
        assert answer.status_code == 409 and "the camera itself decides" in answer.json()["detail"]


# Counters and viewers


def test_counters_say_what_goes_in_and_out(streaming, camera):
    stream = streaming.api.add_stream(
        camera.url, encoding={"resolution": {"width": 320, "height": 180}, "bitrate_kbps": 400}
    )
    cold = stream.outputs()[0]
    assert cold["frames_in"] == cold["frames_out"] == 0 and cold["fps"] is None
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=75, accept=camera.drew)
        first, second = stream.outputs()
        for name in ("frames_in", "frames_out", "bytes_out", "encode_seconds"):
            assert first[name] > 0
            assert first[name] == second[name], "both outputs share one encoding"
        assert 15 < first["fps"] < 35
        assert 50 < first["bitrate_kbps"] < 800
        assert 0 < first["encode_ms"] < 200
        # From capture to the publisher: the pictures were all decoded and encoded meanwhile.
        assert 0 <= first["delay_ms"] < 2000
        publishers = streaming.api.get("api/streams/runtime/diagnostics")["publisher"]["outputs"]
        assert publishers[f"{stream.transmission_id}:front"]["frames_in"] >= first["frames_in"]


def test_copied_pictures_are_counted_too(stream, camera):
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=75, accept=camera.drew)
        output = stream.outputs()[0]
        assert output["mode"] == "copy" and 15 < output["fps"] < 35 and output["delay_ms"] is not None


@pytest.mark.parametrize("shared", [True, False], ids=["one-path", "two-paths"])
def test_each_viewer_is_counted_once_and_for_its_protocol(streaming, camera, shared):
    outputs = [{"id": "hls", "protocol": "hls"}, {"id": "rtsp", "protocol": "rtsp"}]
    if not shared:
        outputs[0]["path"], outputs[1]["path"] = "by-hls", "by-rtsp"
    stream = streaming.api.add_stream(camera.url, outputs=outputs)
    urls = streaming.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls")["outputs"]
    url = {output["output_id"]: output["url"] for output in urls}

    def counts() -> dict:
        return {output["output_id"]: output["viewer_count"] for output in stream.outputs()}

    with contextlib.ExitStack() as stack:
        watching = [
            stack.enter_context(player)
            for player in (
                players.ffmpeg_hls(url["hls"]),
                players.ffmpeg_hls(url["hls"]),
                players.ffmpeg_rtsp(url["rtsp"]),
            )
        ]
        for player in watching:
            player.wait_for_picture(30)
        processes.wait_until(lambda: counts() == {"hls": 2, "rtsp": 1}, 10, f"the viewers; last {counts()}")
        for _ in range(10):
            assert demand(stream)["viewer_count_total"] == 3
            assert {viewer["output_id"]: viewer["viewer_count"] for viewer in demand(stream)["outputs"]} == counts()
            time.sleep(0.3)
        watching[2].stop()
        processes.wait_until(lambda: counts() == {"hls": 2, "rtsp": 0}, 5, "the RTSP viewer leaving")
