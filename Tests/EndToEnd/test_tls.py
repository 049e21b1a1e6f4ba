"""HTTPS at the web port: certificates of users and of our own."""

import http.client
import json
import os
import socket
import ssl
import subprocess
import time

import pytest
import requests

from rig import players, processes
from rig.browser import wait_for_pictures_on_screen
from rig.certificates import self_signed
from rig.server import uses_mediamtx

PASSWORD = "correct horse"


@pytest.fixture
def certificate(tmp_path):
    return self_signed(tmp_path)


def serve(make_server, certificate, *arguments, **options):
    files = ("--tls-certificate", str(certificate[0]), "--tls-key", str(certificate[1]))
    return make_server(*files, *arguments, **options)


def port_of(server) -> int:
    return int(server.url.rsplit(":", 1)[1])


def fingerprint(port: int) -> str:
    """Of the certificate that a new connection sees, as OpenSSL writes it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), 5) as raw, context.wrap_socket(raw) as secure:
        der = secure.getpeercert(binary_form=True)
    told = subprocess.run(
        ["openssl", "x509", "-inform", "der", "-noout", "-fingerprint", "-sha256"],
        input=der, capture_output=True, check=True,
    )  # fmt: skip
    return told.stdout.decode().strip().partition("=")[2]


def curl(url: str, *options: str) -> str:
    command = ["curl", "--silent", "--show-error", "--max-time", "10", *options, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_pages_come_by_either_version_of_http(make_server, certificate, option, version):
    server = serve(make_server, certificate).start()
    assert server.url.startswith("https://")
    name = f"https://localhost:{port_of(server)}/"
    # The client trusts this very certificate, and checks the name.
    trust = ("--cacert", str(certificate[0]))
    told = curl(name, option, *trust, "--output", os.devnull, "--write-out", "%{http_code} %{http_version}")
    assert told == f"200 {version}"
    body = curl(name + "api/streams/engine/status", option, *trust)
    assert "state" in json.loads(body)


def test_old_versions_of_tls_are_refused(make_server, certificate):
    server = serve(make_server, certificate).start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", port_of(server)), 5) as raw, pytest.raises(ssl.SSLError):
        context.wrap_socket(raw)


def test_signing_in_sets_a_secure_cookie(make_server, certificate):
    server = serve(
        make_server, certificate, "--host", "0.0.0.0", environment={"TOPOSYNC_STREAMING_ADMIN_PASSWORD": PASSWORD}
    ).start()
    sign_in = {"name": "admin", "password": PASSWORD}
    answer = requests.post(f"{server.url}/api/session", json=sign_in, timeout=10, verify=False)
    (cookie,) = answer.cookies
    assert cookie.secure and cookie.has_nonstandard_attr("HttpOnly")


def test_pages_work_in_a_browser(make_server, certificate, browser):
    """Writes are what a wrong idea of our own scheme would refuse."""
    server = serve(make_server, certificate).start()
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    page = context.new_page()
    page.goto(f"https://localhost:{port_of(server)}/settings#access")
    page.get_by_test_id("user-add").click()
    page.get_by_test_id("account-name").fill("eve")
    page.get_by_test_id("account-password").fill("password 1")
    page.get_by_test_id("account-save").click()
    page.get_by_test_id("users").get_by_text("eve", exact=True).wait_for()
    assert page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"
    context.close()


def test_renewed_certificate_is_taken_without_a_restart(make_server, certificate, tmp_path):
    server = serve(make_server, certificate).start()
    port = port_of(server)
    first = fingerprint(port)
    context = ssl.create_default_context(cafile=str(certificate[0]))
    open_connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    open_connection.request("GET", "/api/streams/health")
    assert open_connection.getresponse().read()
    # As certbot does it: new files take the places of the old ones.
    for old, new in zip(certificate, self_signed(tmp_path, stem="new"), strict=True):
        new.rename(old)
    processes.wait_until(lambda: fingerprint(port) != first, 10, "the new certificate", interval=0.3)
    open_connection.request("GET", "/api/streams/health")
    assert open_connection.getresponse().status == 200
    # What can't be used is not, and is told once.
    second = fingerprint(port)
    certificate[1].write_text("nonsense")
    processes.wait_until(
        lambda: fingerprint(port) == second and "goes on being used" in server.log, 10, "a line about the key",
        interval=0.3,
    )  # fmt: skip
    assert str(certificate[1]) in server.log
    assert fingerprint(port) == second


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--tls-certificate", "/no/a.pem", "--tls-key", "/no/a.key"], "/no/a.pem can't be read: it does not exist"),
        (["--tls-certificate", "{certificate}", "--tls-key", "{other}"], "does not belong to the certificate"),
        (["--tls-certificate", "{key}", "--tls-key", "{key}"], "holds no certificate in PEM"),
        (["--tls-certificate", "{certificate}"], "--tls-key"),
        (["--tls-certificate", "{certificate}", "--tls-key", "{key}", "--tls-self-signed"], "either made"),
    ],
    ids=["missing", "other-key", "no-certificate", "no-key", "both"],
)
def test_what_is_wrong_with_a_certificate_refuses_the_start(make_server, certificate, tmp_path, arguments, sentence):
    _, other = self_signed(tmp_path, stem="other")
    names = {"certificate": certificate[0], "key": certificate[1], "other": other}
    server = make_server(*[argument.format(**names) for argument in arguments])
    server.spawn()
    assert server.wait_for_exit(10) != 0
    assert sentence in server.log


def test_self_signed_certificate_is_made_once_and_shown(make_server, tmp_path):
    def start():
        return make_server("--tls-self-signed", data_dir=tmp_path / "data").start()

    server = start()
    told = next(record["tls_fingerprint"] for record in server.records if "tls_fingerprint" in record)
    assert told == fingerprint(port_of(server))
    assert (tmp_path / "data" / "tls" / "self-signed.key").stat().st_mode & 0o077 == 0
    assert server.stop() == 0
    assert fingerprint(port_of(start())) == told


def test_players_and_pages_play_by_tls(make_server, certificate, camera, browser):
    server = serve(make_server, certificate).start()
    server.start_engine()
    stream = server.api.add_stream(camera.url, encoding={"latency_profile": "low"})
    status = server.api.get("api/streams/engine/status")
    hls = stream.hls_url.replace("http:", "https:")
    assert status["urls"]["hls_url"].startswith("https://")
    assert fingerprint(status["ports"]["hls"]) == fingerprint(port_of(server))
    outputs = server.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls")["outputs"]
    secure = next(output["rtsps_url"] for output in outputs if output["protocol"] == "rtsp")
    assert secure == status["urls"]["rtsps_url"].replace("/test", "/front")
    assert all(output["rtsps_url"] is None for output in outputs if output["protocol"] != "rtsp")
    with players.ffmpeg_rtsp(secure) as watched, players.ffmpeg_rtsp(stream.rtsp_url, "udp") as plain:
        watched.wait_for_counted(20, accept=camera.drew)
        plain.wait_for_counted(20, accept=camera.drew)
    with players.ffmpeg_hls(hls) as watched:
        watched.wait_for_counted(20, accept=camera.drew)
    context = browser.new_context(ignore_https_errors=True, locale="en-GB")
    page = context.new_page()
    page.goto(f"https://localhost:{port_of(server)}/settings#addresses")
    page.get_by_test_id("address").locator("summary").first.click()
    page.get_by_test_id("rtsps-url").get_by_text(secure).wait_for()
    # Nothing is to be quicker than HLS.
    page.route_web_socket("**/mse", lambda socket: socket.close())
    page.goto(f"https://localhost:{port_of(server)}/")
    wait_for_pictures_on_screen(page, page.get_by_test_id("tile"), 30, camera.drew)
    if not uses_mediamtx():
        parts = """performance.getEntriesByType("resource")
            .filter(({name}) => name.includes("_HLS_part=")).map(one => one.nextHopProtocol)"""
        assert set(page.evaluate(parts)) == {"h2"}
    context.close()


@pytest.mark.builtin_engine
def test_rtsp_by_tls_offers_no_udp(make_server, certificate, camera):
    server = serve(make_server, certificate).start()
    server.start_engine()
    server.api.add_stream(camera.url)
    url = server.api.get("api/streams/engine/status")["urls"]["rtsps_url"].replace("/test", "/front")
    context = ssl.create_default_context(cafile=str(certificate[0]))
    port = int(url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), 5) as raw, context.wrap_socket(
        raw, server_hostname="localhost"
    ) as secure:
        transport = "RTP/AVP;unicast;client_port=50100-50101"
        secure.sendall(f"SETUP {url}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: {transport}\r\n\r\n".encode())
        assert secure.recv(4096).startswith(b"RTSP/1.0 461")


def test_port_bears_whatever_is_no_tls(make_server, certificate):
    server = serve(make_server, certificate).start()
    port = port_of(server)
    plain = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for garbage in (plain, b"\x16\x03\x01\xff\xff" + bytes(64), b"", b"\0" * 4096):
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(garbage)
            time.sleep(0.05)
    silent = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(20)]
    assert fingerprint(port)
    for connection in silent:
        connection.close()
