"""Several cameras write into one transmission, and viewers see clean switches between them."""

import contextlib
import itertools
import time

import pytest

from rig import players
from rig.camera import Camera
from rig.packets import PacketLog

pytestmark = pytest.mark.alone

ROOM = 3.0
FPS = 25


@pytest.fixture
def first():
    with Camera() as running:
        yield running


@pytest.fixture
def second():
    """Of another size and rate."""
    with Camera(width=480, height=270, fps=15, bitrate_kbps=500, counter_start=0x100000) as running:
        yield running


def add_writer(stream, camera, priority: int) -> None:
    """One more pipeline into the transmission."""
    camera_id = stream.api.post("api/cameras", {"name": "Second camera", "url": camera.url})["id"]
    config = {"transmission_id": stream.transmission_id, "writer_priority": priority}
    stream.api.post(
        "api/pipelines",
        {
            "name": "second",
            "nodes": [
                {"id": "camera", "operator": "camera.source", "config": {"camera_id": camera_id}},
                {"id": "stream", "operator": "stream.publish_video", "config": config},
            ],
            "edges": [{"from": {"node": "camera"}, "to": {"node": "stream"}}],
        },
    )


@contextlib.contextmanager
def watching(stream, first, second):
    """A viewer who sees pictures, and one who looks at the packets; what they saw is judged at the end."""
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=FPS, accept=lambda seen: first.drew(seen) or second.drew(seen))
        with PacketLog(stream.rtsp_url) as log:
            started = time.monotonic()
            yield watched
            ended = time.monotonic()
            assert watched.running and log.running, f"a viewer had to reconnect\n{watched.log}"
        assert_clean_stream([packet for packet in log.items if started + 1 < packet.at < ended])
    strange = [
        picture
        for picture in watched.since(started)
        if not (first.drew(picture.counter) or second.drew(picture.counter))
    ]
    # Green, grey or torn pictures have no counter that is intact.
    assert not strange, f"{len(strange)} pictures are of neither camera: {strange[:5]}"
    assert not [word for word in ("error", "corrupt", "conceal") if word in watched.log.lower()], watched.log


def assert_clean_stream(packets) -> None:
    times = [packet.pts for packet in packets]
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert min(steps) > 0, "timestamps went back"
    assert max(steps) < 1, f"timestamps jumped by {max(steps):.2f} s"
    duration = packets[-1].at - packets[0].at
    assert times[-1] - times[0] == pytest.approx(duration, abs=1.5), "timestamps do not follow the clock"
    assert len(packets) <= (duration + 1) * FPS * 1.1, "more pictures than the output allows"
    # One each second, and one that the viewer who came later may have asked for.
    keyframes = sum(packet.is_keyframe for packet in packets)
    assert duration - 3 <= keyframes <= duration + 3, f"{keyframes} keyframes in {duration:.0f} s"


def switches(pictures, second) -> int:
    return sum(second.drew(a.counter) != second.drew(b.counter) for a, b in itertools.pairwise(pictures))


def test_the_better_camera_is_shown_while_it_is_there(streaming, first, second):
    stream = streaming.api.add_stream(first.url)
    add_writer(stream, second, priority=-5)
    with watching(stream, first, second) as watched:
        watched.wait_for_counted(20, count=FPS, after=time.monotonic(), accept=first.drew)
        for _ in range(2):
            gone = time.monotonic()
            first.unplug()
            watched.wait_for_counted(2 + ROOM, count=FPS, after=gone, accept=second.drew)
            back = time.monotonic()
            first.plug()
            watched.wait_for_counted(10 + ROOM, count=FPS, after=back, accept=first.drew)
    # There and back, twice: nothing alternates.
    assert switches(watched.since(gone), second) == 2


def test_cameras_that_are_equal_take_turns_without_a_storm(streaming, first, second):
    stream = streaming.api.add_stream(first.url, arbitration="latest")
    add_writer(stream, second, priority=0)
    with watching(stream, first, second) as watched:
        started = time.monotonic()
        watched.wait_for_counted(20, count=8 * FPS, after=started)
        watched.wait_for_counted(20, count=FPS, after=started, accept=first.drew)
        watched.wait_for_counted(20, count=FPS, after=started, accept=second.drew)
        seen = watched.since(started)
    # The sticky time is half a second.
    assert switches(seen, second) <= 2 * (seen[-1].at - seen[0].at) + 2
