"""What changes for one transmission is not seen by the viewers of another."""

import contextlib
import itertools
import time

import pytest

from rig import players, processes
from rig.camera import Camera
from rig.server import uses_mediamtx

pytestmark = pytest.mark.alone

EDITS = 100
ROOM = 3.0


@pytest.fixture
def camera():
    """What its direct viewer gets is what the server gets."""
    with Camera(shared=True) as running:
        yield running


@pytest.fixture
def other_camera():
    with Camera(width=320, height=180, fps=12, bitrate_kbps=300, counter_start=0x100000) as running:
        yield running


@contextlib.contextmanager
def both_seen(camera, url: str):
    """A viewer of the server and one of the camera itself, which says what the camera really sent."""
    with players.ffmpeg_rtsp(camera.url) as direct, players.ffmpeg_rtsp(url) as watched:
        direct.wait_for_counted(20, accept=camera.drew)
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        yield direct, watched


def assert_no_frame_was_lost(camera, direct, watched, since: float, tolerated: float = 0) -> int:
    """Every frame that the camera sent to its direct viewer has reached the other one too, in order.

    A share of them may be `tolerated` to be missing: an encoder on a busy machine leaves frames out, to stay in time.
    """
    assert watched.running, f"the viewer had to reconnect\n{watched.log}"
    seen = [picture.counter for picture in watched.since(since)]
    assert all(camera.drew(counter) for counter in seen), "a placeholder, or another camera's picture, was shown"
    assert seen == sorted(seen), "a picture came out of its order"
    sent = {picture.counter for picture in direct.pictures}
    # What came last may still be on its way to one of the two.
    lost = sorted(set(range(seen[0], seen[-1] + 1)) & sent - set(seen))
    summary = f"{len(lost)} of {len(sent)} frames were lost: {[int(number) for number in lost[:20]]}"
    assert len(lost) <= tolerated * len(sent), f"{summary}\n{watched.log}"
    return len(set(seen))


class Disturbance:
    """A transmission with all that belongs to it, which is edited without pause."""

    def __init__(self, api, camera_url: str):
        self.api, self.camera_url = api, camera_url
        self.stream = api.add_stream(camera_url, path="b", encoding={"resolution": None, "bitrate_kbps": None})

    def _transmission(self) -> dict:
        everything = self.api.get("api/streams/transmissions")
        return next(item for item in everything if item["id"] == self.stream.transmission_id)

    def _change_transmission(self, **fields) -> None:
        self.api.put(f"api/streams/transmissions/{self.stream.transmission_id}", self._transmission() | fields)

    def _change_outputs(self, **fields) -> None:
        self._change_transmission(outputs=[output | fields for output in self._transmission()["outputs"]])

    def _pipelines(self) -> list[dict]:
        return [
            pipeline
            for pipeline in self.api.get("api/pipelines")
            if any(node["config"].get("transmission_id") == self.stream.transmission_id for node in pipeline["nodes"])
        ]

    def _change_pipeline(self, **fields) -> None:
        for pipeline in self._pipelines():
            self.api.put(f"api/pipelines/{pipeline['id']}", pipeline | fields)

    def _change_camera(self, **fields) -> None:
        camera = self.api.get(f"api/cameras/{self.stream.camera_id}")
        self.api.put(f"api/cameras/{self.stream.camera_id}", camera | fields)

    def _create_pipeline_again(self) -> None:
        for pipeline in self._pipelines():
            self.api.delete(f"api/pipelines/{pipeline['id']}")
        self.api.post(
            "api/streams/wizard/create-pipeline",
            {
                "transmission_id": self.stream.transmission_id,
                "camera_id": self.stream.camera_id,
                "preset_id": "simple_stream",
            },
        )

    def _create_all_again(self) -> None:
        for pipeline in self._pipelines():
            self.api.delete(f"api/pipelines/{pipeline['id']}")
        self.api.delete(f"api/streams/transmissions/{self.stream.transmission_id}")
        self.api.delete(f"api/cameras/{self.stream.camera_id}")
        self.stream = self.api.add_stream(
            self.camera_url, path="b", encoding={"resolution": None, "bitrate_kbps": None}
        )

    def edits(self):
        """The edits in turn, without end."""
        for number in itertools.count(1):
            yield lambda: self._change_transmission(name=f"Edit {number}", placeholder="black")
            yield lambda: self._change_outputs(fps_limit=5 + number)
            yield lambda: self._change_outputs(resolution={"width": 160 + 2 * number, "height": 90})
            yield lambda: self._change_outputs(placeholder_text=False)
            yield lambda: self._change_camera(url="demo:")
            yield lambda: self._change_camera(url=self.camera_url)
            yield lambda: self._change_transmission(enabled=False)
            yield lambda: self._change_transmission(enabled=True, path=f"b{number}")
            yield lambda: self._change_outputs(
                authentication={"enabled": True, "username": "viewer", "password": f"secret {number}"}
            )
            yield lambda: self._change_outputs(authentication=None)
            yield lambda: self._change_pipeline(enabled=False)
            yield lambda: self._change_pipeline(enabled=True)
            yield self._create_pipeline_again
            yield self._create_all_again


def test_viewers_lose_no_frame_while_another_transmission_is_edited(streaming, camera, other_camera):
    """Neither of what is copied nor of what is encoded."""
    copied = streaming.api.add_stream(camera.url, path="a", encoding={"bitrate_kbps": None})
    encoded = streaming.api.add_stream(
        camera.url, path="c", encoding={"resolution": {"width": 480, "height": 270}, "fps_limit": 40}
    )
    disturbance = Disturbance(streaming.api, other_camera.url)
    with both_seen(camera, copied.rtsp_url) as (direct, watched), players.ffmpeg_rtsp(encoded.rtsp_url) as watched_too:
        watched_too.wait_for_counted(20, count=25, accept=camera.drew)
        started = time.monotonic()
        workers, engine = {process.pid for process in streaming.living("worker")}, streaming.only("engine")
        with contextlib.ExitStack() as viewers:
            viewer = None
            for number, edit in enumerate(itertools.islice(disturbance.edits(), EDITS)):
                # Two rounds of edits are watched, one is not.
                if number // 14 % 3 != 2 and (viewer is None or not viewer.running):
                    viewer = viewers.enter_context(players.ffmpeg_rtsp(disturbance.stream.rtsp_url))
                elif number // 14 % 3 == 2 and viewer is not None:
                    viewers.close()
                    viewer = None
                edit()
                time.sleep(0.2)
        for stream, viewer, mode, tolerated in (copied, watched, "copy", 0), (encoded, watched_too, "encode", 0.01):
            viewer.wait_for_counted(5 + ROOM, count=25, after=time.monotonic(), accept=camera.drew)
            count = assert_no_frame_was_lost(camera, direct, viewer, since=started, tolerated=tolerated)
            assert count > EDITS * 0.2 * camera.options.fps * 0.7, "the camera itself was too slow to prove anything"
            assert {output["mode"] for output in stream.outputs()} == {mode}
        assert workers and workers <= {process.pid for process in streaming.living("worker")}
        assert streaming.only("engine").pid == engine.pid
        # What was edited a hundred times still works.
        with players.ffmpeg_rtsp(disturbance.stream.rtsp_url) as again:
            again.wait_for_counted(20, accept=other_camera.drew)


def test_another_rate_reconnects_nobody_and_another_encoding_only_its_own_viewers(streaming, camera):
    small = {"protocol": "rtsp", "id": "small", "resolution": {"width": 320, "height": 180}, "fps_limit": 30}
    large = {"protocol": "rtsp", "id": "large"}
    stream = streaming.api.add_stream(camera.url, path="a", outputs=[small, large])
    base = stream.rtsp_url
    transmission = next(
        item for item in streaming.api.get("api/streams/transmissions") if item["id"] == stream.transmission_id
    )

    def edit(**fields) -> float:
        transmission["outputs"] = [small | fields, large]
        streaming.api.put(f"api/streams/transmissions/{stream.transmission_id}", transmission)
        return time.monotonic()

    def has_rate(kbps: int) -> bool:
        (sent,) = [output["bitrate_kbps"] for output in stream.outputs() if output["output_id"] == "small"]
        return sent is not None and sent == pytest.approx(kbps, rel=0.15)

    with both_seen(camera, f"{base}-large") as (direct, watched), players.ffmpeg_rtsp(f"{base}-small") as own:
        own.wait_for_counted(20, accept=camera.drew)
        started = time.monotonic()
        worker = streaming.only("worker")
        for fps, kbps in ((10, None), (15, 600), (8, 250)):
            edited = edit(fps_limit=fps, bitrate_kbps=kbps, bitrate_mode="cbr" if kbps else "vbr")
            own.wait_for_counted(20, count=2 * fps, after=edited + 1, accept=camera.drew)
            if kbps:
                processes.wait_until(lambda kbps=kbps: has_rate(kbps), 20, f"{kbps} kb/s; last {stream.outputs()}")
        assert own.running, f"the viewer had to reconnect\n{own.log}"
        seen = [picture.counter for picture in own.since(started)]
        assert all(camera.drew(counter) for counter in seen) and seen == sorted(seen)
        # Its session goes on at the new rate.
        rate = (len(seen[-16:]) - 1) * camera.options.fps / (seen[-1] - seen[-16])
        assert rate == pytest.approx(8, abs=1)
        edited = edit(fps_limit=8, profile="main")
        if uses_mediamtx():
            # The new encoder is a new publisher, with which MediaMTX ends the readers of the old one.
            own.wait_for_end(2 + ROOM)
        with contextlib.ExitStack() as again:
            own_viewer = own if own.running else again.enter_context(players.ffmpeg_rtsp(f"{base}-small"))
            own_viewer.wait_for_counted(20, count=16, after=edited + 1, accept=camera.drew)
        watched.wait_for_counted(5 + ROOM, count=25, after=time.monotonic(), accept=camera.drew)
        assert_no_frame_was_lost(camera, direct, watched, since=started)
        assert streaming.only("worker").pid == worker.pid
        processes.wait_until(lambda: stream.viewers() == 1, 10, "one viewer counted")
