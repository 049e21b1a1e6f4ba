"""Streams by multicast: one for all machines of a network that ask for it, and for nobody else."""

import base64
import contextlib
import ipaddress
import socket
import subprocess
import sys
import urllib.parse

import pytest

from rig import lan, players, processes, sap
from rig.server import uses_mediamtx

pytestmark = pytest.mark.alone

CREDENTIALS = {"enabled": True, "username": "viewer", "password": "not-for-everybody"}


@pytest.fixture
def network():
    if not lan.is_allowed():
        pytest.skip("this user may not make network namespaces and interfaces here")
    with lan.Lan(machines=2) as running:
        yield running


def start(server, network, **multicast):
    """Runs the engine so that the network reaches it, and gets streams by multicast."""
    wish = {"enabled": True, "interface": network.interface} | multicast
    server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": True, "multicast": wish}})
    server.start_engine()


def on(network, url: str) -> str:
    """The address of a stream as other machines of the network have it."""
    return url.replace("127.0.0.1", network.address)


def player(machine, url: str):
    return players.ffmpeg_rtsp(url, "udp_multicast").started_by(*machine.prefix)


def media_targets(sent) -> set[str]:
    """Where packets of RTP (RFC 3550, version 2) went."""
    return {host for host, _, payload in sent if payload[:1] and payload[0] >> 6 == 2}


def wait_until_nothing_is_sent(network, group: str) -> None:
    def is_quiet() -> bool:
        # It would be a dozen pictures.
        return group not in media_targets(network.sent(0.5))

    processes.wait_until(is_quiet, 20, "an end of what is sent to the group")


class Dialogue:
    """Requests by RTSP, one after the other, and whole answers."""

    def __init__(self, url: str):
        place = urllib.parse.urlsplit(url)
        self._socket = socket.create_connection((place.hostname, place.port), 20)
        self._stream = self._socket.makefile("rb")
        self._count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._socket.close()

    def ask(self, method: str, url: str, *headers: str) -> tuple[int, dict[str, str], str]:
        self._count += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._count}", *headers, "", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        status = int(self._stream.readline().split()[1])
        answered = {}
        while line := self._stream.readline().decode().strip():
            name, _, value = line.partition(":")
            answered[name.lower()] = value.strip()
        return status, answered, self._stream.read(int(answered.get("content-length", 0))).decode()


def test_two_programs_on_two_machines_read_one_stream(server, camera, network):
    start(server, network)
    stream = server.api.add_stream(camera.url)
    url = on(network, stream.rtsp_url)
    machines = network.machines
    with contextlib.ExitStack() as watching:
        second = watching.enter_context(players.gstreamer_rtsp(url, "udp-mcast").started_by(*machines[1].prefix))
        # GStreamer begins with packets of random bytes to its group, which ffmpeg may take for a goodbye: so ffmpeg comes later.
        second.wait_for_counted(30, accept=camera.drew)
        first = watching.enter_context(player(machines[0], url))
        for watched in (first, second):
            numbers = [picture.counter for picture in watched.wait_for_counted(30, count=50, accept=camera.drew)]
            assert numbers == sorted(numbers)
        processes.wait_until(lambda: stream.viewers() == 2, 10, "both viewers")

        # On the wire there is one stream, to the one group that both are in.
        (group,) = machines[0].groups()
        assert machines[1].groups() == {group}
        # MediaMTX hears what viewers report to the group; ours has no use for it.
        assert uses_mediamtx() or not network.own_groups()
        reached = media_targets(network.sent(1))
        assert group in reached and not {machine.address for machine in machines} & reached

        # Who leaves, leaves the group, and the other one watches on.
        first.stop()
        processes.wait_until(lambda: not machines[0].groups(), 10, "a machine that has left the group")
        last = second.pictures[-1].at
        second.wait_for_counted(20, count=25, after=last, accept=camera.drew)
        assert machines[1].groups() == {group}
    # Nobody reads it: nothing is sent any more, and nobody is in the group.
    processes.wait_until(lambda: not machines[1].groups(), 10, "a machine that has left the group")
    wait_until_nothing_is_sent(network, group)
    # It begins again as it did.
    with player(machines[1], url) as watched:
        watched.wait_for_counted(30, count=10, accept=camera.drew)


@pytest.mark.builtin_engine
def test_a_description_of_a_source_specific_group_is_all_that_a_viewer_needs(server, camera, network, tmp_path):
    start(server, network, source_specific=True, range="232.255.42.0/24", port=6000, ttl=3)
    stream = server.api.add_stream(camera.url)
    url = on(network, stream.rtsp_url)
    with player(network.machines[0], url) as first:
        first.wait_for_counted(30, accept=camera.drew)
        (group,) = network.machines[0].groups()
        assert ipaddress.ip_address(group) in ipaddress.ip_network("232.255.42.0/24")
        with Dialogue(url) as dialogue:
            status, _, description = dialogue.ask("DESCRIBE", f"{url}?vlcmulticast")
            assert status == 200
            assert f"c=IN IP4 {group}/3\r\n" in description and "m=video 6000 RTP/AVP" in description
            assert f"a=source-filter: incl IN IP4 {group} {network.address}\r\n" in description
            # Where everybody's packets go is nothing that a viewer chooses.
            wish = "RTP/AVP;multicast;destination=232.9.9.9;port=9000-9001;ttl=9"
            status, answered, _ = dialogue.ask("SETUP", f"{url}/trackID=0", f"Transport: {wish}")
            assert status == 200
            transport = f"RTP/AVP;multicast;destination={group};source={network.address};port=6000-6001;ttl=3"
            assert answered["transport"] == transport
        # It asks nobody but its own system for the packets, of that one source.
        file = tmp_path / "group.sdp"
        file.write_text(description)
        options = ["-protocol_whitelist", "file,rtp,udp"]
        second = network.machines[1]
        with players.ffmpeg("ffmpeg by SDP", options, str(file)).started_by(*second.prefix) as watched:
            watched.wait_for_counted(30, count=25, accept=camera.drew)
            filters = second.run("cat", "/proc/net/mcfilter")
            sources = [line.split()[3] for line in filters.splitlines()[1:]]
            assert sources and {int(source, 16) for source in sources} == {int(ipaddress.ip_address(network.address))}


@pytest.mark.builtin_engine
def test_groups_of_ipv6(server, camera, network):
    if not network.use_ipv6():
        pytest.skip("there is no IPv6 here")
    groups = "ff15::c242:0/112"
    start(server, network, range=groups)
    stream = server.api.add_stream(camera.url)
    url = on(network, stream.rtsp_url)
    machine = network.machines[0]
    with player(machine, url) as watched:
        watched.wait_for_counted(30, count=25, accept=camera.drew)
        with Dialogue(url) as dialogue:
            _, _, description = dialogue.ask("DESCRIBE", f"{url}?vlcmulticast")
        (group,) = (line[9:] for line in description.splitlines() if line.startswith("c=IN IP6 "))
        assert ipaddress.ip_address(group) in ipaddress.ip_network(groups)
        assert group in machine.run("ip", "-6", "maddress", "show", "dev", "eth0").split()
    assert group not in machine.run("ip", "-6", "maddress", "show", "dev", "eth0").split()


@pytest.mark.builtin_engine
def test_what_runs_is_announced_and_needs_nothing_else_to_be_played(server, camera, network, tmp_path):
    start(server, network, announce=True)
    stream = server.api.add_stream(camera.url)
    closed = server.api.add_stream(camera.url, path="back", encoding={"authentication": CREDENTIALS})
    listening, playing = network.machines
    with sap.Listener(listening, "239.255.255.255") as heard, contextlib.ExitStack() as watching:
        # By unicast, so that both run.
        for url in (closed.rtsp_url_with("viewer", "not-for-everybody"), stream.rtsp_url):
            watching.enter_context(players.ffmpeg_rtsp(url)).wait_for_counted(30, accept=camera.drew)
        announced = heard.wait_for(lambda packet: packet.name == stream.path, 20, "an announcement")
        assert announced.source == network.address and announced.message_id_hash
        file = tmp_path / "announced.sdp"
        file.write_text(announced.payload, newline="")
        options = ["-protocol_whitelist", "file,rtp,udp"]
        with players.ffmpeg("ffmpeg by SAP", options, str(file)).started_by(*playing.prefix) as watched:
            watched.wait_for_counted(30, count=25, accept=camera.drew)
        if players.vlc_knows_sap():
            players.wait_until_vlc_lists(stream.path, playing, 40)
        # It is told again, as it was.
        processes.wait_until(lambda: heard.items.count(announced) > 1, 30, "the same announcement again")
        assert server.stop() == 0
        deleted = heard.wait_for(lambda packet: packet.is_deletion, 10, "a deletion")
        assert deleted.message_id_hash == announced.message_id_hash
        assert deleted.payload == f"{announced.origin}\r\n"
        # What has a password is nobody's business.
        assert {packet.name for packet in heard.items if not packet.is_deletion} == {stream.path}


@pytest.mark.builtin_engine
def test_what_has_a_password_does_not_go_by_multicast(server, camera, network):
    start(server, network)
    stream = server.api.add_stream(camera.url, encoding={"authentication": CREDENTIALS})
    url = on(network, stream.rtsp_url).replace("://", "://viewer:not-for-everybody@", 1)
    with player(network.machines[0], url) as refused:
        assert refused.wait_for_end(30) != 0
        assert "461" in refused.log
    assert not network.machines[0].groups()
    # Who offers another way too gets that.
    plain = on(network, stream.rtsp_url)
    login = base64.b64encode(f"{CREDENTIALS['username']}:{CREDENTIALS['password']}".encode()).decode()
    offer = "Transport: RTP/AVP;multicast,RTP/AVP/TCP;unicast;interleaved=0-1"
    with Dialogue(plain) as dialogue:
        status, answered, _ = dialogue.ask("SETUP", f"{plain}/trackID=0", f"Authorization: Basic {login}", offer)
        assert status == 200 and answered["transport"].startswith("RTP/AVP/TCP;unicast;interleaved=0-1")
    # It is watched otherwise.
    with players.ffmpeg_rtsp(url, "udp").started_by(*network.machines[1].prefix) as watched:
        watched.wait_for_counted(30, count=10, accept=camera.drew)


def test_a_password_that_is_set_ends_who_plays_by_multicast(server, camera, network):
    start(server, network)
    stream = server.api.add_stream(camera.url)
    url = on(network, stream.rtsp_url)
    with player(network.machines[0], url) as watched:
        watched.wait_for_counted(30, accept=camera.drew)
        (group,) = network.machines[0].groups()
        address = f"api/streams/transmissions/{stream.transmission_id}"
        transmission = server.api.get(address)
        outputs = [output | {"authentication": CREDENTIALS} for output in transmission["outputs"]]
        server.api.put(address, transmission | {"outputs": outputs})
        wait_until_nothing_is_sent(network, group)


def test_nothing_goes_by_multicast_unless_it_is_switched_on(server, camera, network):
    server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": True}})
    server.start_engine()
    stream = server.api.add_stream(camera.url)
    url = on(network, stream.rtsp_url)
    with Dialogue(url) as dialogue:
        status, _, description = dialogue.ask("DESCRIBE", f"{url}?vlcmulticast")
        assert status == 200 and "c=IN IP4 0.0.0.0" in description
        status, _, _ = dialogue.ask("SETUP", f"{url}/trackID=0", "Transport: RTP/AVP;multicast")
        assert status == 461


@pytest.mark.builtin_engine
def test_what_is_not_sent_is_told(server, network):
    def codes():
        return {message["code"] for message in server.api.get("api/streams/engine/status")["warning_messages"]}

    start(server, network, interface="nothing0")
    assert "multicast_no_interface" in codes()
    server.api.patch("api/streams/settings", {"engine": {"multicast": {"interface": network.interface}}})
    assert "multicast_no_interface" not in codes()
    server.api.patch("api/streams/settings", {"engine": {"expose_to_lan": False}})
    assert "multicast_not_exposed" in codes()
    refused = server.api.request("PATCH", "api/streams/settings", {"engine": {"multicast": {"range": "10.0.0.0/8"}}})
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "engine", "multicast", "range"]


@pytest.mark.timeout(300)
def test_who_is_not_root_runs_these_as_the_root_of_a_namespace():
    if lan.is_allowed():
        pytest.skip("this user may make network namespaces and interfaces")
    namespace = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*namespace, "true"], capture_output=True, timeout=10).returncode != 0:
        pytest.skip("the system lets no user make namespaces")
    tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", __file__]
    command = [*namespace, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *tests]
    run = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert run.returncode == 0, run.stdout + run.stderr
