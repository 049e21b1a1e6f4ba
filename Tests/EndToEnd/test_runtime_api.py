"""What the API says and does about what runs: leases, forced keyframes, counters and viewers."""

import contextlib
import subprocess
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rig import players, processes
from rig.camera import Camera


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


@pytest.mark.patient
def test_a_lease_keeps_a_cold_output_warm_and_lets_go_by_itself(stream, streaming):
    assert heartbeat(stream, "player", 6)["leased_outputs"] == 1
    processes.wait_until(stream.publishing, 10, "a publisher")
    worker = streaming.only("worker")
    assert demand(stream)["demand_signal"] and demand(stream)["viewer_count_total"] == 0
    time.sleep(4)
    # Renewed in time, it goes on beyond its first six seconds and the drain.
    renewed = time.monotonic()
    heartbeat(stream, "player", 6)
    time.sleep(5)
    assert streaming.only("worker").pid == worker.pid
    processes.wait_until(lambda: not streaming.living("worker"), 10, "the worker ending")
    # Six seconds of lease, three of draining.
    assert time.monotonic() - renewed > 8
    assert not demand(stream)["demand_signal"]


@pytest.mark.patient
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
            # In pictures, of which there are 25 a second: a machine that stands still makes none.
            delays = []
            for _ in range(3):
                # Away from the encoder's own keyframes as far as one can be: the last one was long enough ago.
                answer = force(stream, output)
                assert answer.status_code == 200 and answer.json() == {"forced": True}
                for number, line in enumerate(probe.stdout):
                    if line.startswith("K"):
                        delays.append(number)
                        break
                time.sleep(0.3)
            assert max(delays) < 25, delays
            # Without being asked, the encoder makes one every two seconds at most.
            assert len(delays) == 3 and sum(delays) < 50, delays
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


def test_what_is_heard_is_told(streaming):
    copy = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
    with Camera(source="flash", sound="alaw") as camera:
        outputs = {
            "copied": copy | {"protocol": "rtsp", "id": "copied"},
            "encoded": copy | {"protocol": "rtsp", "id": "encoded", "audio": "aac"},
            "silent": copy | {"protocol": "rtsp", "id": "silent", "audio": "silence"},
            "off": copy | {"protocol": "rtsp", "id": "off", "audio": "off"},
        }
        stream = streaming.api.add_stream(camera.url, outputs=list(outputs.values()))
        assert {(output["audio"], output["sound"]) for output in stream.outputs()} == {(None, None)}

        def measured() -> dict | None:
            told = {output["output_id"]: output for output in stream.outputs()}
            heard = [(told[name]["audio"] or {}).get("bitrate_kbps") for name in outputs if name != "off"]
            return told if all(heard) else None

        with contextlib.ExitStack() as viewers:
            for output in stream.outputs():
                url = stream.rtsp_url.replace(stream.path, output["resolved_engine_path"])
                viewers.enter_context(players.ffmpeg_rtsp(url)).wait_for_picture(20)
            told = processes.wait_until(measured, 10, "the sound of running outputs")
            metrics = streaming.api.request("GET", "metrics").text
        audio = told["copied"]["audio"]
        assert (audio["codec"], audio["sample_rate"], audio["channels"]) == ("pcm_alaw", 8000, 1)
        assert told["copied"]["sound"].startswith("As the camera sends it: G.711 A-law, 8 kHz, mono, ")
        # It is 64 kb/s, of which the first second may have been a part.
        assert 0 < audio["bitrate_kbps"] < 100
        assert told["encoded"]["sound"].startswith("Encoded: AAC, 48 kHz, mono, ")
        assert told["silent"]["sound"].startswith("Silence, as the output asks for: AAC, ")
        assert told["off"]["audio"] is None and told["off"]["sound_code"] == "sound_off"
        assert 'output="copied",codec="pcm_alaw"' in metrics and 'output="off",codec=' not in metrics


def server_lists_only_muxers(server) -> bool:
    version = server.api.get("api/streams/engine/status").get("version")
    return version is not None and [int(part) for part in version.lstrip("v").split(".")] < [1, 18, 0]


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
        # MediaMTX up to 1.17 lists the muxer in the place of those who watch by HLS.
        hls = 1 if server_lists_only_muxers(streaming) else 2
        processes.wait_until(lambda: counts() == {"hls": hls, "rtsp": 1}, 10, f"the viewers; last {counts()}")
        for _ in range(10):
            assert demand(stream)["viewer_count_total"] == hls + 1
            assert {viewer["output_id"]: viewer["viewer_count"] for viewer in demand(stream)["outputs"]} == counts()
            time.sleep(0.3)
        watching[2].stop()
        processes.wait_until(lambda: counts() == {"hls": hls, "rtsp": 0}, 5, "the RTSP viewer leaving")


# Metrics and states


def scrape(server) -> dict:
    answer = server.api.request("GET", "metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.name.startswith("toposync_") and family.documentation and family.type in ("counter", "gauge")
        for sample in family.samples:
            samples[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
    return samples


def value(samples: dict, name: str, **labels) -> float:
    return samples[f"toposync_{name}", tuple(sorted(labels.items()))]


def test_metrics_count_what_runs(stream, streaming, camera):
    idle = scrape(streaming)
    assert value(idle, "engine_up") == 1
    assert value(idle, "viewers", transmission="front", path="front", protocol="rtsp") == 0
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=50, accept=camera.drew)
        first = scrape(streaming)
        time.sleep(2)
        second = scrape(streaming)
        assert value(second, "viewers", transmission="front", path="front", protocol="rtsp") == 1
        for name in ("frames_in_total", "frames_out_total", "bytes_out_total"):
            before, after = (
                value(samples, f"rendition_{name}", transmission="front", path="front") for samples in (first, second)
            )
            assert after > before > 0
        island = stream.transmission_id
        assert value(second, "worker_up", island=island) == 1
        # The kernel's own figures, of the same processes.
        for role, name, label in (("serve", "server", ""), ("engine", "engine", ""), ("worker", "worker", island)):
            process = streaming.only(role)
            memory = value(second, "process_resident_memory_bytes", process=name, island=label)
            assert 0.5 < memory / process.resident_bytes < 2
            used = value(second, "process_cpu_seconds_total", process=name, island=label)
            assert process.cpu_seconds - 5 < used <= process.cpu_seconds + 0.1
    text = streaming.api.request("GET", "metrics").text
    assert "pub_" not in text and camera.url not in text


def test_metrics_answer_to_our_names_only(server):
    answer = server.api.request("GET", "metrics", headers={"Host": "evil.example"})
    assert answer.status_code == 403


def test_each_state_has_a_word_and_a_sentence(streaming, camera):
    stream = streaming.api.add_stream(camera.url)

    def conditions() -> set[tuple[str, str]]:
        return {(output["state"], output["message"]) for output in stream.outputs()}

    def wait_for(state: str, words: str, timeout: float = 15) -> None:
        processes.wait_until(
            lambda: any(seen == state and words in sentence for seen, sentence in conditions()),
            timeout,
            f"{state}: {words!r}; last {conditions()}",
        )

    wait_for("working", "Nobody watches; it starts with the first viewer.")
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        wait_for("working", "1 viewer watches.")
        wait_for("working", "viewers of another output")
        camera.unplug()
        wait_for("action_required", "Camera 'Camera front': rtsp://")
        camera.plug()
        wait_for("working", "1 viewer watches.", 30)
    wait_for("working", "Nobody watches; it starts with the first viewer.")
    heartbeat(stream, "player", 30)
    wait_for("working", "a player that has announced itself")
    (pipeline,) = streaming.api.get("api/pipelines")
    streaming.api.put(f"api/pipelines/{pipeline['id']}", pipeline | {"enabled": False})
    wait_for("action_required", "is switched off. Switch it on in the settings.")
    streaming.api.post("api/streams/engine/stop")
    wait_for("action_required", "The engine is stopped. Start it in the settings.")
    path = f"api/streams/transmissions/{stream.transmission_id}"
    stream.api.put(path, stream.api.get(path) | {"enabled": False})
    wait_for("action_required", "This transmission is switched off.")
