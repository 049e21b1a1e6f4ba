"""R11: an hour of viewers that come and go, cameras that drop, and settings that change; then a verdict on what leaks.

`r11_soak.py --seconds 3600`. Three small cameras that cost next to nothing: one copied and kept alive by a lease all the
time, so that one worker lives for the whole run; one copied on demand; one encoded. A fourth stream is edited, added and
deleted. Memory, file descriptors and threads of the server, the engine and that worker are sampled all the while. Before
and after, when nobody watches, the same things are counted once more: what is then left over has leaked.
"""

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import requests

from bench import Camera, camera, clip, processes, server
from experiment import Experiment, at_most, columns
from hls_sink import HLSReader
from rig import players, resources
from rig.api import Stream
from rig.server import Server

SEATS = 6
# A cold output, or one whose camera is away, still has a picture for a viewer: its placeholder.
FIRST_PICTURE = 15
QUIET = 15
LEASE = "soak"


class Soak:
    """One server under everything that happens to it."""

    def __init__(self, running: Server, cameras: list[Camera], streams: dict[str, Stream]):
        self.running, self.cameras, self.streams = running, cameras, streams
        self.stopped = threading.Event()
        self.pictures = {"rtsp": 0, "hls": 0}
        self.viewers = self.drops = self.edits = 0
        self.problems: list[str] = []
        self.began = time.monotonic()
        self._lock = threading.Lock()

    def run(self, activity: Callable[["Soak", random.Random], None], seed: int) -> threading.Thread:
        def repeat() -> None:
            chance = random.Random(seed)
            while not self.stopped.is_set():
                try:
                    activity(self, chance)
                except Exception as error:  # noqa: BLE001  (whatever it is, the hour goes on and the verdict names it)
                    self.problem(f"{activity.__name__}: {type(error).__name__}: {error}")
                    self.stopped.wait(5)

        thread = threading.Thread(target=repeat, daemon=True)
        thread.start()
        return thread

    def problem(self, text: str) -> None:
        with self._lock:
            self.problems.append(f"after {time.monotonic() - self.began:.0f} s: {text[:600]}")

    def watch(self, chance: random.Random) -> None:
        """Somebody watches one of the streams for some time, and leaves politely or not."""
        if self.stopped.wait(chance.uniform(0, 15)):
            return
        name = chance.choice(list(self.streams))
        seconds = chance.choice([chance.uniform(1, 5), chance.uniform(5, 40)])
        by = chance.choice(["rtsp", "hls"])
        got, why = (self._by_rtsp if by == "rtsp" else self._by_hls)(self.streams[name], seconds, chance)
        with self._lock:
            self.viewers += 1
            self.pictures[by] += got
        # Who leaves early has a right to nothing, and the edited stream goes away under its viewers.
        if not got and seconds > FIRST_PICTURE and name != "edited":
            self.problem(f"a viewer of {name} by {by} saw nothing in {seconds:.0f} s: {why}")

    def _by_rtsp(self, stream: Stream, seconds: float, chance: random.Random) -> tuple[int, str]:
        process = subprocess.Popen(
            ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-rtsp_transport", "tcp",
             "-i", stream.rtsp_url, "-an", "-c", "copy", "-f", "null", "-"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.kill() if chance.random() < 0.3 else process.terminate()
        try:
            told, complaints = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            told, complaints = process.communicate()
        frames = [int(line.partition("=")[2]) for line in told.splitlines() if line.startswith("frame=")]
        return max(frames, default=0), complaints

    def _by_hls(self, stream: Stream, seconds: float, chance: random.Random) -> tuple[int, str]:
        reader = HLSReader(stream.hls_url)
        until = time.monotonic() + seconds
        why = ""
        while time.monotonic() < until and not self.stopped.is_set():
            try:
                reader.read()
            except requests.RequestException as error:
                why = str(error)
            self.stopped.wait(chance.uniform(0.5, 1.5))
        reader.close()
        return reader.segments, why

    def drop(self, chance: random.Random) -> None:
        """A camera is unplugged or hangs for some seconds."""
        if self.stopped.wait(chance.uniform(15, 60)):
            return
        victim = chance.choice(self.cameras)
        if chance.random() < 0.5:
            victim.unplug()
            self.stopped.wait(chance.uniform(2, 20))
            victim.plug()
        else:
            victim.freeze()
            self.stopped.wait(chance.uniform(2, 20))
            victim.thaw()
        self.drops += 1

    def edit(self, chance: random.Random) -> None:
        """Settings change; what is not `edited` has to stay as it is."""
        if self.stopped.wait(chance.uniform(3, 15)):
            return
        api, stream = self.running.api, self.streams["edited"]
        transmission = next(
            item for item in api.get("api/streams/transmissions") if item["id"] == stream.transmission_id
        )
        change = chance.choice(["name", "rate", "password", "another", "setting"])
        if change == "another":
            made = api.add_stream("demo:", path=f"another-{self.edits}")
            api.delete(f"api/streams/transmissions/{made.transmission_id}")
            for pipeline in api.get("api/pipelines"):
                if any(node["config"].get("transmission_id") == made.transmission_id for node in pipeline["nodes"]):
                    api.delete(f"api/pipelines/{pipeline['id']}")
            api.delete(f"api/cameras/{made.camera_id}")
        elif change == "setting":
            hosts = [f"host-{self.edits}.example"]
            api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": hosts}})
        else:
            fields = {
                "name": {},
                "rate": {"fps_limit": chance.randint(5, 15)},
                "password": {"authentication": {"enabled": True, "username": "v", "password": f"w {self.edits}"}},
            }[change]
            transmission["name"] = f"Edit {self.edits}"
            transmission["outputs"] = [
                output | {"authentication": None} | fields for output in transmission["outputs"]
            ]
            api.put(f"api/streams/transmissions/{stream.transmission_id}", transmission)
        self.edits += 1

    def lease(self, _: random.Random) -> None:
        """Keeps the steady stream alive, as a player does."""
        self.renew_lease()
        self.stopped.wait(20)

    def renew_lease(self) -> None:
        self._demand("POST", "demand/heartbeat", {"playback_session_id": LEASE, "ttl_seconds": 120})

    def end_lease(self) -> None:
        self._demand("DELETE", f"demand/heartbeat/{LEASE}")

    def _demand(self, method: str, path: str, body: dict | None = None) -> None:
        base = f"api/streams/transmissions/{self.streams['steady'].transmission_id}"
        response = self.running.api.request(method, f"{base}/{path}", body)
        if response.status_code != 200:
            self.problem(f"{method} {path}: {response.status_code} {response.text}")

    def steady_worker(self) -> processes.Process:
        """The worker of the steady stream, when no other lives."""
        return self.running.only("worker", timeout=90)

    def quiet(self, steady: processes.Process) -> dict[str, resources.Sample]:
        """What is held when nobody watches, but for the lease."""
        self.renew_lease()
        processes.wait_until(lambda: len(self.running.living("worker")) == 1, 90, "idle workers")
        self.renew_lease()
        time.sleep(QUIET)
        return self.sample(steady)

    def sample(self, steady: processes.Process) -> dict[str, resources.Sample]:
        living = self.running.living()
        at = time.monotonic()
        roles = {role: [one for one in living if one.role == role] for role in ("serve", "engine")}
        roles["steady worker"] = [one for one in living if one.pid == steady.pid]
        return {role: resources.sample(found, at) for role, found in roles.items()}


def add_streams(running: Server, cameras: list[Camera]) -> dict[str, Stream]:
    as_it_is = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
    encoded = {"resolution": {"width": 160, "height": 90}, "fps_limit": 6, "bitrate_kbps": 100}
    add = running.api.add_stream
    return {
        "steady": add(cameras[0].url, path="steady", encoding=as_it_is),
        "copied": add(cameras[1].url, path="copied", encoding=as_it_is),
        "encoded": add(cameras[2].url, path="encoded", encoding=encoded),
        "edited": add(cameras[1].url, path="edited", encoding=encoded),
    }


def busy(experiment: Experiment, soak: Soak, steady: processes.Process, seconds: float) -> list[dict]:
    """Everything at once for so long; what was held meanwhile."""
    soak.stopped.clear()
    threads = [soak.run(Soak.watch, seed) for seed in range(SEATS)]
    threads += [soak.run(Soak.drop, 100), soak.run(Soak.edit, 101), soak.run(Soak.lease, 102)]
    interval = max(2, min(15, seconds / 120))
    samples = []
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(interval, left))
        samples.append(soak.sample(steady))
        experiment.progress(
            f"{left:.0f} s to go: {soak.viewers} viewers, {soak.drops} drops, {soak.edits} edits, "
            f"{len(soak.problems)} problems"
        )
    soak.stopped.set()
    for thread in threads:
        thread.join(90)
    experiment.progress("")
    return samples


def judge(experiment: Experiment, before: dict, after: dict, samples: list[dict]) -> None:
    """Flat is: quiet again, no descriptor and no thread more than before; memory within a tenth, or 5 MB."""
    rows = [("process", "", "quiet before", "quiet after", "busy, first third", "busy, last third", "an hour more")]
    for role in ("serve", "engine", "steady worker"):
        alive = [one[role] for one in samples if one[role].processes == 1]
        for name, unit, room in (
            ("anonymous_mb", "MB", max(5, 0.1 * before[role].anonymous_mb)),
            ("resident_mb", "MB", max(8, 0.1 * before[role].resident_mb)),
            ("descriptors", "", 2),
            ("threads", "", 3),
        ):
            trend = resources.trend([one.at for one in alive], [getattr(one, name) for one in alive])
            one, two = getattr(before[role], name), getattr(after[role], name)
            label = name.replace("_mb", " memory")
            rows.append((role, label, f"{one:.1f}", f"{two:.1f}", f"{trend.first:.1f}", f"{trend.last:.1f}",
                         f"{trend.per_hour:+.1f}"))  # fmt: skip
            experiment.figure(f"{role}: {label} more than before", unit, [two - one], at_most(round(room, 1)))
    experiment.note(columns(rows).replace("\n", "\n  "))


def main() -> None:
    with (
        Experiment("r11", "viewers come and go, cameras drop, settings change") as experiment,
        contextlib.ExitStack() as stack,
    ):
        seconds = experiment.seconds(3600, 60)
        cameras = [stack.enter_context(camera(clip.SMALL)) for _ in range(3)]
        running = stack.enter_context(server())
        running.start_engine()
        soak = Soak(running, cameras, add_streams(running, cameras))
        soak.renew_lease()
        steady = soak.steady_worker()
        # A tenth of the time warms caches and pools up; only then is something held that has to stay equal.
        busy(experiment, soak, steady, max(20, seconds / 10))
        before = soak.quiet(steady)
        samples = busy(experiment, soak, steady, seconds)
        after = soak.quiet(steady)
        judge(experiment, before, after, samples)
        if soak.steady_worker().pid != steady.pid:
            soak.problem("the worker of the steady stream was replaced")
        # Every stream still shows its camera.
        for name, stream in soak.streams.items():
            if name == "edited":
                continue
            with players.ffmpeg_rtsp(stream.rtsp_url) as viewer:
                try:
                    viewer.wait_for_counted(30, count=12)
                except AssertionError as error:
                    soak.problem(f"{name} is stuck: {error}")
        soak.end_lease()
        processes.wait_until(lambda: not running.living("worker"), 90, "the end of all workers")
        left = [process.role for process in running.living() if process.role not in ("serve", "engine", "engine-guard")]
        zombies = resources.zombies([process.pid for process in running.living()])
        experiment.figure("viewers", "", [soak.viewers])
        experiment.figure("camera drops", "", [soak.drops])
        experiment.figure("edits", "", [soak.edits])
        experiment.figure("pictures that they saw by RTSP", "", [soak.pictures["rtsp"]])
        experiment.figure("segments that they saw by HLS", "", [soak.pictures["hls"]])
        experiment.figure("processes left over", "", [len(left) + zombies], at_most(0))
        experiment.figure("stuck streams, viewers without a picture, refused requests", "", [len(soak.problems)], at_most(0))
        for problem in soak.problems[:30]:
            experiment.note(problem)
        flat = all(figure.holds is not False for figure in experiment.figures)
        experiment.note("verdict: flat, nothing stuck" if flat else "verdict: NOT flat, or something was stuck")
    if not flat:
        sys.exit(1)


if __name__ == "__main__":
    main()
