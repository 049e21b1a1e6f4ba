"""The server as Home Assistant runs it: options in a file, Supervisor beside it, a health check around it."""

import json
import os
import subprocess

import pytest

from rig import ports, processes
from rig.server import binary
from rig.supervisor import Supervisor


@pytest.fixture
def options(tmp_path):
    """Writes the options as Supervisor does; the environment that names them."""

    def write(content: dict | str) -> dict[str, str]:
        file = tmp_path / "options.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        return {"TOPOSYNC_STREAMING_OPTIONS_FILE": str(file)}

    return write


def test_options_become_settings(make_server, options):
    chosen = {"log_level": "debug", "engine": "builtin", "expose_to_lan": True, "access": "open",
              "webrtc_hosts": ["cam.example.org"], "webrtc_ice_servers": []}  # fmt: skip
    # The environment is what an image brings along; what somebody chose goes above it.
    server = make_server(
        environment=options(chosen) | {"TOPOSYNC_STREAMING_EXPOSE_TO_LAN": "false", "TOPOSYNC_STREAMING_LOG_LEVEL": "error"}
    ).start()
    settings = server.api.get("api/streams/settings")["engine"]
    assert settings["kind"] == "builtin" and settings["expose_to_lan"] is True
    assert any(record.get("level") == "debug" for record in server.records)


@pytest.mark.parametrize(
    ("content", "name"),
    [({"log_level": "loud"}, "log_level"), ({"webrtc_hosts": ["a b"]}, "webrtc_hosts"), ("{", "options.json")],
)
def test_a_bad_option_refuses_the_start_and_is_named(make_server, options, content, name):
    server = make_server(environment=options(content))
    server.spawn()
    assert server.wait_for_exit(15) == 1
    told = [record for record in server.records if record.get("level") == "critical"]
    assert len(told) == 1 and name in told[0]["message"], server.log


def test_a_change_that_the_options_undo_says_so(make_server, options):
    server = make_server(environment=options({"expose_to_lan": False})).start()
    answer = server.api.request("PATCH", "api/streams/settings", {"engine": {"expose_to_lan": True}})
    assert "TOPOSYNC_STREAMING_EXPOSE_TO_LAN" in answer.headers["x-toposync-warning"]


def test_addresses_come_from_supervisor(make_server):
    with Supervisor(["192.0.2.5"], {"18762/udp": None}) as supervisor:
        environment = supervisor.environment | {"TOPOSYNC_STREAMING_WEBRTC_LOCAL_UDP_ADDRESS": "127.0.0.1:18762"}
        server = make_server(environment=environment).start()
        found = {"host": "192.0.2.5", "source": "supervisor"}
        processes.wait_until(
            lambda: found in server.api.get("api/streams/engine/status")["webrtc_hosts"], 10, "the address of the machine"
        )
        assert ("/network/interface/default/info", 200) in supervisor.asked
        server.start_engine()
        assert any("18762/udp is not open" in text for text in server.api.get("api/streams/engine/status")["warnings"])
        server.api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": ["cam.example.org"]}})
        hosts = server.api.get("api/streams/engine/status")["webrtc_hosts"]
        assert hosts[0] == {"host": "cam.example.org", "source": "settings"}
        assert "supervisor" not in [host["source"] for host in hosts]
        assert server.stop() == 0
    assert Supervisor.TOKEN not in server.log


def test_addresses_are_those_of_the_host(make_server, page):
    own, rtsp, hls, webrtc, api = (ports.free_port() for _ in range(5))
    with Supervisor(["192.0.2.5"], {f"{own}/tcp": 8123, f"{rtsp}/tcp": 9554, f"{hls}/tcp": None}) as supervisor:
        server = make_server("--host", "0.0.0.0", "--access", "open", port=own, environment=supervisor.environment).start()
        network = processes.wait_until(
            lambda: (answer := server.api.get("api/network"))["addresses"] and answer, 15, "the host's addresses"
        )
        assert network["addresses"] == [
            {"interface": "end0", "address": "192.0.2.5", "url": "http://192.0.2.5:8123/"}
        ]  # fmt: skip
        used = {"rtsp": rtsp, "hls": hls, "webrtc": webrtc, "api": api}
        server.api.patch("api/streams/settings", {"engine": {"enabled": True, "expose_to_lan": True, "preferred_ports": used}})
        server.wait_for_engine()
        server.api.add_stream("demo:", path="front")
        outputs = {output["protocol"]: output for output in server.api.get("api/streams/urls")["transmissions"][0]["outputs"]}
        assert outputs["rtsp"]["url"] == "rtsp://127.0.0.1:9554/front" and outputs["rtsp"]["problem"] is None
        assert outputs["hls"]["problem_code"] == "port_not_mapped" and outputs["hls"]["playback_url"]
        assert server.api.get("api/streams/engine/status")["urls"]["rtsp_url"] == "rtsp://127.0.0.1:9554/test"
        page.goto(f"{server.url}/settings#addresses")
        page.get_by_test_id("address").locator("summary").first.click()
        told = page.locator("[data-testid=output-address][data-protocol=hls]")
        told.get_by_text(f"Port {hls} is not open").wait_for()
        # The page itself plays by this server.
        page.goto(server.url)
        page.locator("[data-testid=tile][data-playing=yes]").wait_for(timeout=30_000)


def test_a_direct_port_without_a_number_is_told(make_server, page):
    own = ports.free_port()
    with Supervisor(["192.0.2.5"], {f"{own}/tcp": None}) as supervisor:
        server = make_server("--host", "0.0.0.0", "--access", "open", port=own, environment=supervisor.environment).start()
        network = processes.wait_until(
            lambda: (answer := server.api.get("api/network"))["problem_code"] and answer, 15, "the missing number"
        )
        assert network["problem_code"] == "port_not_mapped" and network["is_open"] is False and network["addresses"] == []
        page.goto(f"{server.url}/settings#network")
        page.get_by_test_id("network").get_by_text(f"Port {own} is not open").wait_for()


def test_without_supervisor_nothing_is_missing(make_server):
    environment = {"SUPERVISOR_TOKEN": "x", "TOPOSYNC_STREAMING_SUPERVISOR_URL": f"http://127.0.0.1:{ports.free_port()}"}
    server = make_server(environment=environment).start()
    server.start_engine()
    assert server.api.get("api/streams/engine/status")["running"]


def check_health(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [binary(), "healthcheck", *arguments],
        env=os.environ | (environment or {}), capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_health_check_tells_a_server_from_none(make_server):
    port = ports.free_port()
    environment = {"TOPOSYNC_STREAMING_HOST": "0.0.0.0", "TOPOSYNC_STREAMING_PORT": str(port)}
    none = check_health(environment=environment)
    assert none.returncode == 1 and len(none.stderr.splitlines()) == 1, none.stderr
    # Also one that asks for accounts.
    server = make_server("--host", "0.0.0.0", port=port).start()
    answer = check_health(environment=environment)
    assert answer.returncode == 0 and len(answer.stdout.splitlines()) == 1, answer.stderr
    assert check_health("--port", str(port)).returncode == 0
    assert check_health("--port", str(ports.free_port())).returncode == 1
    assert server.stop() == 0
    assert check_health("--port", str(port)).returncode == 1


def test_health_check_speaks_tls(make_server):
    port = ports.free_port()
    make_server("--tls-self-signed", port=port).start()
    answer = check_health("--port", str(port))
    assert answer.returncode == 0 and "https://" in answer.stdout, answer.stderr
    environment = {"TOPOSYNC_STREAMING_TLS_SELF_SIGNED": "1", "TOPOSYNC_STREAMING_PORT": str(port)}
    assert check_health(environment=environment).returncode == 0


def test_health_check_knows_another_program_on_the_port(make_server):
    with Supervisor([], {}) as other:
        port = other.environment["TOPOSYNC_STREAMING_SUPERVISOR_URL"].rpartition(":")[2]
        answer = check_health("--port", port)
        assert answer.returncode == 1 and "403" in answer.stderr
