"""A camera's sound is heard by the viewers of its picture, in step with it, whether that is copied or encoded."""

import concurrent.futures
import itertools
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import requests

from rig import processes
from rig.camera import Camera
from rig.flashes import offsets as flashes_to_tones
from rig.flashes import watch
from rig.server import uses_mediamtx

pytestmark = pytest.mark.alone

SECONDS = 9
# MediaMTX sends its first reports after ten seconds; until then, its viewers can't know what belongs together.
UNTIL_REPORTED = 11 if uses_mediamtx() else 0
# How far sound may be away from its picture.
IN_STEP = 0.04

ENCODINGS = {
    "copy": {"resolution": None, "fps_limit": None, "bitrate_kbps": None},
    "encode": {"resolution": {"width": 320, "height": 180}, "fps_limit": 25},
}


def offsets(url, folder, seconds=None, may_step=False, joins=False):
    """How much later each tone begins than its flash, but for the first and the last, of which a viewer may get a part.

    Without `seconds`, watches until four are known."""

    def told(flashes, tones):
        # What is seen may be ahead of what is heard when watching ends.
        heard = max(tones, default=0) + 0.5
        return [flash for flash in flashes[1:-1] if UNTIL_REPORTED <= flash <= heard]

    def enough(flashes, tones):
        return len(told(flashes, tones)) >= 4

    # Of its own: others may watch at the same time.
    folder = Path(tempfile.mkdtemp(dir=folder))
    # The reports of MediaMTX move by what it takes a packet to come, and its viewers begin in the middle of a group.
    may_step, joins = may_step or uses_mediamtx(), joins or uses_mediamtx()
    flashes, tones = watch(
        url, folder, seconds or UNTIL_REPORTED + SECONDS, may_step, joins, until=None if seconds else enough
    )
    assert len(told(flashes, tones)) >= (seconds - UNTIL_REPORTED - 7 if seconds else 3), (flashes, tones)
    return flashes_to_tones(told(flashes, tones), tones)


def are_in_step(seen, own=0.0):
    """All but one, which a computer that stands still while it encodes shows late."""
    late = sum(abs(offset - own) > IN_STEP for offset in seen)
    return late <= 1 and abs(statistics.median(seen) - own) <= IN_STEP


def assert_in_step(camera, urls, folder, streams=(), may_step=()):
    """Watches the camera itself too: what an encoder of sound puts before the first of it, no clock can tell.

    `streams` are in the mode that each is named by while they are watched. `may_step` are the addresses whose sound may step as
    ffmpeg sees it."""
    with concurrent.futures.ThreadPoolExecutor(len(urls) + 1) as pool:
        direct = pool.submit(offsets, camera.url, folder, may_step=True, joins=True)
        watched = {url: pool.submit(offsets, url, folder, may_step=url in may_step) for url in urls}
        for mode, stream in streams:
            stream.wait_for_mode(mode, {"copy": "copied", "encode": "encoded"}[mode], timeout=20)
        own = statistics.median(direct.result())
        for url, offset in watched.items():
            seen = offset.result()
            assert are_in_step(seen, own), (url, own, seen)


@pytest.mark.parametrize("codec", ["aac", "alaw", "opus", "mp3"])
def test_sound_is_in_step_with_the_picture_that_is_copied_and_that_is_encoded(streaming, codec, tmp_path):
    with Camera(source="flash", sound=codec, shared=True) as camera:
        streams = {}
        for mode, encoding in ENCODINGS.items():
            # Where HLS carries nothing else that browsers play, it would be encoded for both.
            hls = [{"protocol": "hls"} | encoding] if codec == "aac" else []
            streams[mode] = streaming.api.add_stream(
                camera.url, path=mode, outputs=[{"protocol": "rtsp"} | encoding] + hls
            )
        urls = [stream.rtsp_url for stream in streams.values()]
        if codec == "aac":
            urls += [stream.hls_url for stream in streams.values()]
        assert_in_step(camera, urls, tmp_path, streams.items(), may_step=urls if codec == "mp3" else ())


def test_sound_of_a_playlist_is_in_step(streaming, tmp_path):
    with Camera(source="flash", sound="aac") as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        playlist = streaming.api.add_stream(camera.url, path="playlist", encoding=ENCODINGS["copy"])
        stream = streaming.api.add_stream(
            playlist.hls_url, outputs=[{"protocol": "rtsp", "audio": "copy"} | ENCODINGS["copy"]]
        )
        direct = pool.submit(offsets, playlist.rtsp_url, tmp_path, may_step=True)
        processes.wait_until(playlist.publishing, 20, "the stream that the playlist is of")
        # MediaMTX begins a playlist with the first request for it, which takes longer than a camera is waited for.
        requests.get(playlist.hls_url, timeout=20).raise_for_status()
        seen = offsets(stream.rtsp_url, tmp_path)
        own = statistics.median(direct.result())
        assert are_in_step(seen, own), (own, seen)


def copied_and_encoded(streaming, camera, mode):
    """The camera's stream by RTSP, with its sound as it comes and encoded; of one camera, because that takes half the time."""
    return [
        streaming.api.add_stream(
            camera.url, path=audio, outputs=[{"protocol": "rtsp", "audio": audio} | ENCODINGS[mode]]
        ).rtsp_url
        for audio in ("copy", "aac")
    ]


def test_sound_whose_clock_runs_fast_stays_with_the_picture(streaming, tmp_path):
    # Of 40 seconds that would be 60 ms.
    with Camera(source="flash", sound_ppm=1500) as camera, concurrent.futures.ThreadPoolExecutor() as pool:
        urls = copied_and_encoded(streaming, camera, "copy")
        for watched in [pool.submit(offsets, url, tmp_path, 40) for url in urls]:
            seen = watched.result()
            assert all(abs(offset) <= IN_STEP for offset in seen), seen


def watch_while(streaming, camera, mode, tmp_path, seconds, happens):
    """Watches both while something happens to the camera, until seven tones came after it, for so many seconds at most; also when
    the packets of the encoded sound are to be heard, of which there are some all the while."""

    def enough(flashes, tones):
        pauses = [number for number, (one, two) in enumerate(itertools.pairwise(tones)) if two - one >= 9]
        return bool(pauses and flashes) and len(tones) - 1 - pauses[0] >= 7 and flashes[-1] >= tones[pauses[0] + 7] - 0.5

    urls = copied_and_encoded(streaming, camera, mode)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        folders = [Path(tempfile.mkdtemp(dir=tmp_path)) for _ in urls]
        # What is encoded is stamped by samples, and a copy by the camera.
        watched = [pool.submit(watch, url, folder, seconds, True, until=enough) for url, folder in zip(urls, folders)]
        times = pool.submit(frame_times, urls[1], UNTIL_REPORTED + 22)
        camera.first_keyframe()
        away = happens()
        return [watching.result() for watching in watched], times.result(), away


def test_sound_that_is_away_for_ten_seconds_comes_back_in_step(streaming, tmp_path):
    with Camera(source="flash") as camera:

        def happens():
            time.sleep(6)
            muted = time.monotonic()
            camera.mute()
            time.sleep(10)
            camera.mute(False)
            return time.monotonic() - muted

        seen, times, away = watch_while(streaming, camera, "copy", tmp_path, UNTIL_REPORTED + 40, happens)
    for flashes, tones in seen:
        # A camera on a machine that stands still leaves out one or two.
        assert all(later - earlier < 3.1 for earlier, later in itertools.pairwise(flashes[1:])), flashes
        expect_back_in_step(flashes, tones, away + 2)
    expect_without_gaps(times)


def test_a_camera_that_is_away_for_ten_seconds_comes_back_in_step(streaming, tmp_path):
    with Camera(source="flash") as camera:

        def happens():
            time.sleep(6)
            camera.unplug()
            time.sleep(10)
            camera.plug()

        seen, times, _ = watch_while(streaming, camera, "encode", tmp_path, UNTIL_REPORTED + 40, happens)
    for flashes, tones in seen:
        # It is asked again after some seconds.
        expect_back_in_step(flashes, tones, 25)
    expect_without_gaps(times)


def expect_back_in_step(flashes, tones, longest):
    gaps = [later - earlier for earlier, later in itertools.pairwise(tones)]
    silence = max(gaps)
    assert 9 <= silence <= longest, tones
    back = tones[gaps.index(silence) + 1]
    # What is heard may be ahead of what is seen when watching ends.
    told = [tone for tone in tones if back <= tone <= flashes[-1] + 0.5][1:-1]
    seen = [min((tone - flash for flash in flashes), key=abs) for tone in told]
    assert len(seen) >= 5 and are_in_step(seen), seen


def test_a_cold_path_is_announced_with_the_sound_that_the_camera_sent_before(streaming, tmp_path):
    with Camera(source="flash", sound="aac") as camera:
        stream = streaming.api.add_stream(camera.url, encoding=ENCODINGS["copy"])
        assert kinds(stream.rtsp_url) == ["audio", "video"]
        processes.wait_until(lambda: not stream.publishing(), 20, "the end of the stream")
        camera.unplug()
        # Nothing answers now, and what is known is enough.
        assert kinds(stream.rtsp_url) == ["audio", "video"]


def test_an_output_without_sound(streaming):
    with Camera(source="flash") as camera:
        stream = streaming.api.add_stream(camera.url, encoding={"audio": "off"})
        assert kinds(stream.rtsp_url) == ["video"]


def kinds(url):
    """What a viewer is told of by the description."""
    done = subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-show_entries", "stream=codec_type", "-of", "json", url],
        capture_output=True, text=True, timeout=40, check=True,
    )  # fmt: skip
    return sorted(stream["codec_type"] for stream in json.loads(done.stdout)["streams"])


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


def expect_without_gaps(times):
    assert times[-1] - times[0] > 3
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 0.1, times
