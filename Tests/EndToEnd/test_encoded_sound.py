"""A camera's sound is encoded where its viewers can't be sent it as it is, or where an output asks for it: in step with the picture,
and silent while there is none."""

import concurrent.futures
import itertools
import json
import subprocess
import time

import pytest

from rig import processes
from rig.camera import Camera
from rig.flashes import watch
from test_camera_sound import ENCODINGS, IN_STEP, assert_in_step, offsets

# What ffmpeg calls them.
CODECS = {"aac": "aac", "opus": "opus", "mp3": "mp3", "pcma": "pcm_alaw", "pcmu": "pcm_mulaw"}


def sounds(url):
    """The codec, the rate and the channels of each track of sound."""
    done = subprocess.run(
        [
            "ffprobe", "-v", "error", *(["-rtsp_transport", "tcp"] if url.startswith("rtsp") else []),
            "-show_entries", "stream=codec_type,codec_name,sample_rate,channels", "-of", "json", url,
        ],
        capture_output=True, text=True, timeout=40, check=True,
    )  # fmt: skip
    streams = json.loads(done.stdout)["streams"]
    return [
        (stream["codec_name"], int(stream["sample_rate"]), stream["channels"])
        for stream in streams
        if stream["codec_type"] == "audio"
    ]


@pytest.mark.parametrize(
    ("codec", "mode"), [("alaw", "copy"), ("alaw", "encode"), ("g726", "encode"), ("l16", "copy")]
)
def test_sound_that_hls_does_not_carry_is_encoded_for_it(streaming, codec, mode, tmp_path):
    with Camera(source="flash", sound=codec) as camera:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS[mode])
        assert sounds(stream.hls_url) == [("aac", 48000, 1)]
        assert_in_step(camera, [stream.hls_url], tmp_path)
        # Both outputs share the path.
        assert sounds(stream.rtsp_url) == [("aac", 48000, 1)]
        stream.wait_for_mode(mode, {"copy": "copied", "encode": "encoded"}[mode])


@pytest.mark.parametrize(
    ("audio", "settings", "expected", "mode"),
    [
        ("aac", {"audio_sample_rate": 16000, "audio_bitrate_kbps": 32}, (16000, 1), "encode"),
        ("opus", {"audio_channels": 2}, (48000, 2), "copy"),
        ("mp3", {"audio_sample_rate": 44100}, (44100, 1), "copy"),
        ("pcma", {}, (8000, 1), "encode"),
    ],
)  # fmt: skip
def test_sound_is_what_an_output_asks_for(streaming, audio, settings, expected, mode, tmp_path):
    with Camera(source="flash", sound="aac") as camera:
        output = {"protocol": "rtsp", "audio": audio} | settings | ENCODINGS[mode]
        stream = streaming.api.add_stream(camera.url, outputs=[output])
        assert sounds(stream.rtsp_url) == [(CODECS[audio], *expected)]
        assert_in_step(camera, [stream.rtsp_url], tmp_path, may_step=audio == "mp3")
        stream.wait_for_mode(mode, {"copy": "copied", "encode": "encoded"}[mode])


def test_sound_whose_clock_runs_fast_is_resampled(streaming, tmp_path):
    # Of 40 seconds that would be 60 ms.
    with Camera(source="flash", sound_ppm=1500) as camera:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS["copy"])
        seen = offsets(stream.hls_url, tmp_path, 40)
        assert all(abs(offset) <= IN_STEP for offset in seen), seen


@pytest.mark.parametrize("mode", ENCODINGS)
def test_silence_beside_a_picture(streaming, mode, tmp_path):
    with Camera(source="flash") as camera:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS[mode] | {"audio": "silence"})
        for url in [stream.rtsp_url, stream.hls_url]:
            assert sounds(url) == [("aac", 48000, 1)]
            flashes, tones = watch(url, tmp_path, 8, may_step=True)
            assert len(flashes) >= 4 and not tones
            assert_without_gaps(url)


def test_a_camera_without_sound_is_silent_where_sound_is_asked_for(streaming):
    stream = streaming.api.add_stream("demo:", encoding={"audio": "aac"})
    assert sounds(stream.rtsp_url) == [("aac", 48000, 1)]
    assert sounds(stream.hls_url) == [("aac", 48000, 1)]
    assert_without_gaps(stream.rtsp_url)


def test_silence_while_the_sound_is_away(streaming, tmp_path):
    with Camera(source="flash") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS["copy"])
        watched = pool.submit(watch, stream.rtsp_url, tmp_path, 34, may_step=True)
        times = pool.submit(frame_times, stream.rtsp_url, 30)
        camera.first_keyframe()
        time.sleep(10)
        camera.mute()
        time.sleep(10)
        camera.mute(False)
        flashes, tones = watched.result()
        heard = times.result()
    gaps = [later - earlier for earlier, later in itertools.pairwise(tones)]
    silence = max(gaps)
    assert 9 <= silence <= 12, tones
    assert max(later - earlier for earlier, later in itertools.pairwise(heard)) < 0.1, "silence is sound too"
    back = tones[gaps.index(silence) + 1]
    after = [min((tone - flash for flash in flashes), key=abs) for tone in tones if tone >= back][1:-1]
    assert len(after) >= 5 and all(abs(offset) <= IN_STEP for offset in after), after


def test_a_camera_that_goes_away_and_returns(streaming, tmp_path):
    with Camera(source="flash") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS["encode"])
        watched = pool.submit(frame_times, stream.rtsp_url, 30)
        processes.wait_until(
            lambda: all(output["state"] == "working" for output in stream.outputs()), 20, "a working output")
        time.sleep(5)
        camera.unplug()
        time.sleep(5)
        camera.plug()
        heard = watched.result()
    assert heard[-1] - heard[0] > 28
    assert max(later - earlier for earlier, later in itertools.pairwise(heard)) < 0.1


def test_what_can_not_be_had_is_said(streaming):
    answer = streaming.api.request(
        "POST", "api/streams/transmissions",
        {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "audio": "opus"}]},
    )  # fmt: skip
    assert answer.status_code == 422
    problem = answer.json()["detail"][0]
    assert problem["loc"] == ["body", "outputs", 0, "audio"] and problem["code"] == "audio_not_carried"
    assert problem["msg"] == "HLS carries no Opus. Choose aac, mp3, or auto."


def frame_times(url, seconds):
    """When the packets of sound are to be heard."""
    done = subprocess.run(
        [
            "ffprobe", "-v", "error", *(["-rtsp_transport", "tcp"] if url.startswith("rtsp") else []),
            "-read_intervals", f"%+{seconds}", "-select_streams", "a", "-show_entries", "packet=pts_time",
            "-of", "csv=p=0", url,
        ],
        capture_output=True, text=True, timeout=60 + seconds, check=True,
    )  # fmt: skip
    return [float(line.rstrip(",")) for line in done.stdout.split() if line.strip(",") not in ("", "N/A")]


def assert_without_gaps(url):
    times = frame_times(url, 5)
    assert times[-1] - times[0] > 3
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 0.1, times
