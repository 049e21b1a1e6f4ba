"""What is done for one client ends when that client leaves."""

import json
import subprocess

import pytest

from rig import processes
from rig.bad_cameras import HungCamera
from rig.certificates import self_signed

BROKEN_OFF = "A camera test was broken off"


def ask_for_test(url: str, camera: HungCamera, *options: str) -> subprocess.Popen:
    body = json.dumps({"name": "Tested", "url": camera.url})
    headers = ("--header", "Content-Type: application/json", "--data", body)
    return subprocess.Popen(["curl", "--silent", "--insecure", *headers, *options, url + "/api/cameras/test"])


@pytest.fixture(params=["http", "https"])
def either(request, make_server, tmp_path):
    if request.param == "http":
        return make_server().start()
    certificate, key = self_signed(tmp_path)
    return make_server("--tls-certificate", str(certificate), "--tls-key", str(key)).start()


def broken_off(server) -> int:
    return sum(BROKEN_OFF in record.get("message", "") for record in server.records)


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_camera_test_ends_with_its_client(either, version):
    if version == "--http2" and either.url.startswith("http:"):
        pytest.skip("HTTP/2 is spoken by TLS alone")
    with HungCamera() as camera:
        client = ask_for_test(either.url, camera, version)
        processes.wait_until(lambda: either.living("worker"), 20, "the worker of the camera test")
        # The kernel closes its connection, without a word of TLS or HTTP/2.
        client.kill()
        client.wait(5)
        processes.wait_until(lambda: broken_off(either) == 1, 20, "the end of the test")
        processes.wait_until(lambda: not either.living("worker"), 20, "the end of its worker")
        # A client that has had enough says goodbye as its protocol asks for.
        assert ask_for_test(either.url, camera, version, "--max-time", "2").wait(10) == 28
        processes.wait_until(lambda: broken_off(either) == 2, 20, "the end of the second test")
        processes.wait_until(lambda: not either.living("worker"), 20, "the end of its worker")


def test_connection_goes_on_after_a_camera_test(server):
    url = f"{server.url}/api/cameras/test"
    body = json.dumps({"name": "Tested", "url": "rtsp://127.0.0.1:1/live"})
    command = ["curl", "--silent", "--output", "/dev/null", "--header", "Content-Type: application/json", "--data", body]
    again = ["--next", *command[1:], "--write-out", "%{http_code} %{num_connects}", url]
    told = subprocess.run([*command, url, *again], capture_output=True, text=True, check=True, timeout=60).stdout
    assert told == "200 0", "the second request made a connection of its own"
    assert broken_off(server) == 0


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_upload_that_is_broken_off_is_no_error_of_ours(either, version):
    if version == "--http2" and either.url.startswith("http:"):
        pytest.skip("HTTP/2 is spoken by TLS alone")
    options = ("--silent", "--insecure", "--trace-ascii", "-", "--upload-file", "-", version)
    header = ("--header", "Content-Type: application/json")
    command = ["curl", *options, *header, "--request", "PATCH", either.url + "/api/streams/settings"]
    client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    client.stdin.write(b'{"engine": ')
    client.stdin.flush()
    for line in client.stdout:
        if b"=> Send data" in line:
            break
    client.kill()
    client.communicate(timeout=5)
    assert client.returncode < 0, "curl did not wait for the rest of the body"
    # A server that has stopped has answered everything.
    either.stop()
    errors = [record for record in either.records if record["level"] in ("error", "critical")]
    assert errors == []
