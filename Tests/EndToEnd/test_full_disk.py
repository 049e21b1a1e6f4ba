"""The data directory on a disk that is full, or that can only be read any more: told clearly, and what runs goes on (R10)."""

import errno
import subprocess
import time

import pytest

from rig import players
from rig.server import uses_mediamtx

SIZE = "24m"


def mount(*arguments) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 24 MB, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place)
    yield place
    subprocess.run(["umount", "--recursive", "--lazy", place], check=True)


@pytest.fixture
def on_small_disk(small_disk, make_server, camera):
    """A server with its data there, and a viewer of one stream."""
    server = make_server(data_dir=small_disk / "data").start()
    server.start_engine()
    stream = server.api.add_stream(camera.url)
    with players.ffmpeg_rtsp(stream.rtsp_url) as watched:
        watched.wait_for_counted(20, count=25, accept=camera.drew)
        yield server, stream, watched
    # While its disk is still there.
    assert server.stop(timeout=10) == 0


def fill(filler) -> None:
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError) as told:
        while True:
            file.write(bytes(4096))
    assert told.value.errno == errno.ENOSPC


def add_camera(server):
    # Long enough to need another page of the database.
    return server.api.request("POST", "api/cameras", {"name": "n" * 60, "url": f"rtsp://127.0.0.1:9/{'x' * 1500}"})


def assert_goes_on(server, stream, watched, camera) -> None:
    """Who watches notices nothing, a worker that dies comes back, and another viewer is served.

    MediaMTX ends the sessions of readers with that of their publisher: there the other viewer finds the new worker's stream.
    """
    seen = watched.wait_for_counted(10, count=50, after=time.monotonic(), accept=camera.drew)
    assert camera.age(seen[-1].counter, seen[-1].at) < 4
    worker = server.only("worker")
    worker.kill()
    if uses_mediamtx():
        watched.wait_for_end(10)
    else:
        watched.wait_for_counted(15, count=25, after=time.monotonic() + 1, accept=camera.drew)
    with players.ffmpeg_rtsp(stream.rtsp_url) as another:
        another.wait_for_counted(20, accept=camera.drew)
        assert server.only("worker").pid != worker.pid


def test_full_disk_is_told_and_what_runs_goes_on(on_small_disk, small_disk, camera):
    server, stream, watched = on_small_disk
    before = server.api.get("api/cameras")
    fill(small_disk / "filler")
    response = add_camera(server)
    assert response.status_code == 500, response.text
    assert "disk is full" in response.text and "Nothing was changed" in response.text
    assert server.api.get("api/cameras") == before
    assert_goes_on(server, stream, watched, camera)
    (small_disk / "filler").unlink()
    assert add_camera(server).status_code == 200


def test_runtime_folder_that_can_only_be_read_stops_nothing(on_small_disk, small_disk, camera):
    server, stream, watched = on_small_disk
    runtime = small_disk / "data" / "runtime"
    # What is open stays so, as on a disk that the kernel found broken.
    mount("--bind", runtime, runtime)
    mount("-o", "remount,bind,ro", runtime)
    with pytest.raises(OSError):
        (runtime / "a-new-file").touch()
    assert_goes_on(server, stream, watched, camera)
