"""A camera's sound is encoded where its viewers can't be sent it as it is, or where an output asks for it: in step with the picture,
and silent while there is none."""

import concurrent.futures
import json
import statistics
import subprocess

import pytest

from rig import he_aac
from rig.camera import Camera
from rig.flashes import watch
from test_camera_sound import (
    ENCODINGS, IN_STEP, assert_in_step, expect_without_gaps, frame_times, offsets,
)  # fmt: skip

pytestmark = pytest.mark.alone

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
    ("codec", "ways"),
    [
        ("alaw", [("copy", {}), ("encode", {})]),
        ("g726", [("copy", {"transport": "udp"}), ("encode", {})]),
        ("l16", [("copy", {})]),
        ("mp3", [("copy", {})]),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(mode for mode, _ in value),
)
def test_sound_that_hls_does_not_carry_is_encoded_for_it(streaming, codec, ways, tmp_path):
    # Only the frames of MP3 tell how many channels it has.
    expected = [("aac", 48000, 2 if codec == "mp3" else 1)]
    with Camera(source="flash", sound=codec, shared=True) as camera:
        streams = {
            mode: streaming.api.add_stream(camera.url, path=mode, camera=settings, encoding=ENCODINGS[mode])
            for mode, settings in ways
        }
        for stream in streams.values():
            assert sounds(stream.hls_url) == expected
        assert_in_step(camera, [stream.hls_url for stream in streams.values()], tmp_path, streams.items())
        for stream in streams.values():
            # Both outputs share the path.
            assert sounds(stream.rtsp_url) == expected


@pytest.mark.parametrize("channels", [1, 2], ids=["parametric-stereo", "band-replication"])
def test_he_aac_of_mpeg_ts_is_told_as_what_it_is(streaming, channels, tmp_path):
    """The headers of its frames tell half its rate, and of parametric stereo one channel."""
    now = "lt(mod(t,1),0.08)"
    coded = subprocess.run(
        [
            "ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"aevalsrc='if({now},sin(2*PI*1000*t),0)':s=24000:d=40",
            "-ac", str(channels), "-c:a", "aac", "-f", "adts", "-",
        ],
        stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    path = tmp_path / "flashes.ts"
    subprocess.run(
        [
            "ffmpeg", "-v", "error", "-f", "lavfi",
            "-i", f"color=black:s=320x180:r=25:d=40,drawbox=w=iw:h=ih:t=fill:c=white:enable='{now}'",
            "-f", "aac", "-i", "-", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-bf", "0", "-g", "25", "-preset", "ultrafast",
            "-c:a", "copy", path,
        ],
        input=he_aac.made_of(coded), check=True,
    )  # fmt: skip
    tested = streaming.api.post("api/cameras/test", {"name": "File", "url": f"file://{path}"})
    assert tested["sound"]["text"] == "Sound: AAC, 48 kHz, stereo"
    output = {"protocol": "rtsp", "audio": "copy"} | ENCODINGS["copy"]
    stream = streaming.api.add_stream(f"file://{path}", outputs=[output])
    assert sounds(stream.rtsp_url) == [("aac", 48000, 2)]
    own = statistics.median(offsets(str(path), tmp_path, may_step=True))
    seen = offsets(stream.rtsp_url, tmp_path)
    assert all(abs(offset - own) <= IN_STEP for offset in seen), (own, seen)


def test_the_sound_of_a_file_is_that_of_the_track_that_is_chosen(streaming, tmp_path):
    """Of two, the second is heard: with the flashes, and of a codec that only ffmpeg knows."""
    path = tmp_path / "flashes.mkv"
    now = "lt(mod(t,1),0.08)"
    subprocess.run(
        [
            "ffmpeg", "-v", "error", "-f", "lavfi",
            "-i", f"color=black:s=320x180:r=25:d=40,drawbox=w=iw:h=ih:t=fill:c=white:enable='{now}'",
            "-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=40",
            "-f", "lavfi", "-i", f"aevalsrc='if({now},sin(2*PI*1000*t),0)':s=44100:d=40",
            "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-bf", "0", "-g", "25", "-preset", "ultrafast",
            "-c:a:0", "aac", "-c:a:1", "ac3", path,
        ],
        check=True,
    )  # fmt: skip
    address = {"name": "File", "url": f"file://{path}", "sound_track": 2}
    tested = streaming.api.post("api/cameras/test", address)
    assert [track["text"] for track in tested["sound_tracks"]] == ["AAC, 48 kHz, stereo", "AC3, 44.1 kHz, mono"]
    assert tested["sound"]["text"] == "Sound: AC3, 44.1 kHz, mono"
    tested = streaming.api.post("api/cameras/test", address | {"sound_track": 3})
    assert tested["ok"] and tested["sound"]["text"] == "No sound track 3"
    stream = streaming.api.add_stream(address["url"], camera={"sound_track": 2}, encoding=ENCODINGS["copy"])
    assert sounds(stream.rtsp_url) == [("aac", 48000, 1)]
    seen = offsets(stream.rtsp_url, tmp_path)
    assert all(abs(offset) <= IN_STEP for offset in seen), seen


def test_sound_is_what_an_output_asks_for(streaming, tmp_path):
    asked = [
        ("aac", {"audio_sample_rate": 16000, "audio_bitrate_kbps": 32}, (16000, 1), "encode"),
        ("opus", {"audio_channels": 2}, (48000, 2), "copy"),
        ("mp3", {"audio_sample_rate": 44100}, (44100, 1), "copy"),
        ("pcma", {}, (8000, 1), "encode"),
    ]
    with Camera(source="flash", sound="aac", shared=True) as camera:
        streams = {}
        for audio, settings, expected, mode in asked:
            output = {"protocol": "rtsp", "audio": audio} | settings | ENCODINGS[mode]
            streams[audio] = streaming.api.add_stream(camera.url, path=audio, outputs=[output])
            assert sounds(streams[audio].rtsp_url) == [(CODECS[audio], *expected)]
        urls = {audio: stream.rtsp_url for audio, stream in streams.items()}
        modes = [(mode, streams[audio]) for audio, _, _, mode in asked]
        assert_in_step(camera, urls.values(), tmp_path, modes, may_step={urls["mp3"]})


@pytest.mark.parametrize("mode", ENCODINGS)
def test_silence_beside_a_picture(streaming, mode, tmp_path):
    with Camera(source="flash") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS[mode] | {"audio": "silence"})
        assert sounds(stream.rtsp_url) == sounds(stream.hls_url) == [("aac", 48000, 1)]
        watching = []
        for name, url in [("rtsp", stream.rtsp_url), ("hls", stream.hls_url)]:
            (tmp_path / name).mkdir()
            enough = lambda flashes, _: len(flashes) >= 5  # noqa: E731
            watching.append(
                (pool.submit(watch, url, tmp_path / name, 8, True, until=enough), pool.submit(frame_times, url, 5))
            )
        for watched, times in watching:
            flashes, tones = watched.result()
            assert len(flashes) >= 4 and not tones
            expect_without_gaps(times.result())


def test_a_camera_without_sound_is_silent_where_sound_is_asked_for(streaming):
    with Camera() as camera:
        stream = streaming.api.add_stream(camera.url, encoding={"audio": "aac"})
        assert sounds(stream.rtsp_url) == [("aac", 48000, 1)]
        assert sounds(stream.hls_url) == [("aac", 48000, 1)]
        expect_without_gaps(frame_times(stream.rtsp_url, 5))


def test_what_can_not_be_had_is_said(streaming):
    answer = streaming.api.request(
        "POST", "api/streams/transmissions",
        {"name": "A", "path": "a", "outputs": [{"protocol": "hls", "audio": "opus"}]},
    )  # fmt: skip
    assert answer.status_code == 422
    problem = answer.json()["detail"][0]
    assert problem["loc"] == ["body", "outputs", 0, "audio"] and problem["code"] == "audio_not_carried"
    assert problem["msg"] == "HLS carries no Opus. Choose aac, mp3, or auto."

