"""A network of machines: network namespaces behind a bridge, which has an address on this machine."""

import functools
import os
import socket
import subprocess
import time
from pathlib import Path

from . import processes

# For tests of networks (RFC 2544), so that it is nobody's real one. Tests that run at the same time each have one of their own.
_NUMBER = os.getpid() % 250
_ALL_PROTOCOLS = 0x0003  # ETH_P_ALL: what this machine sends is seen by nothing less
_IPV4, _UDP = 0x0800, 17


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=10)


@functools.cache
def is_allowed() -> bool:
    """Whether namespaces and interfaces may be made here, which takes root with all of its rights."""
    probe = f"tsp{os.getpid()}"
    try:
        subprocess.run(["unshare", "--net", "true"], check=True, capture_output=True, timeout=10)
        _ip("link", "add", probe, "type", "bridge")
        _ip("link", "delete", probe)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


class Machine:
    """Another machine of the network, for as long as the network is there."""

    def __init__(self, bridge: str, number: int):
        self.address = f"198.18.{_NUMBER}.{10 + number}"
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL)
        self._namespace = Path(f"/proc/{self._holder.pid}/ns/net")
        try:
            ours = os.readlink("/proc/self/ns/net")
            processes.wait_until(lambda: os.readlink(self._namespace) != ours, 10, "a network namespace")
            # Its other end goes with the namespace.
            outside = f"{bridge}p{number}"
            pid = str(self._holder.pid)
            _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", pid)
            _ip("link", "set", outside, "master", bridge, "up")
            for command in (
                "ip link set lo up", f"ip address add {self.address}/24 dev eth0",
                # An address of IPv6 comes a second later, and browsers give up what they load when another one comes.
                "ip link set eth0 addrgenmode none", "ip link set eth0 up",
                # A viewer joins groups where the system's routes say.
                "ip route add 224.0.0.0/4 dev eth0",
            ):  # fmt: skip
                self.run(*command.split())
        except BaseException:
            self.close()
            raise

    @property
    def prefix(self) -> list[str]:
        """What starts a program on it."""
        return ["nsenter", f"--net={self._namespace}"]

    def run(self, *command: str) -> str:
        return subprocess.run([*self.prefix, *command], check=True, capture_output=True, text=True, timeout=10).stdout

    def groups(self) -> set[str]:
        """The multicast groups of IPv4 that programs on it are members of."""
        return _groups(self.run("ip", "-4", "maddress", "show"))

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


def _groups(listing: str) -> set[str]:
    # The system itself is in some for routing protocols (RFC 5771 §4): as every machine, or as a bridge that looks for routers.
    words = [line.split() for line in listing.splitlines()]
    return {line[1] for line in words if line and line[0] == "inet" and not line[1].startswith("224.0.0.")}


class Lan:
    """The network, until the `with` block ends. The server of this machine is found at `address`."""

    def __init__(self, machines: int):
        self.interface = f"ts{os.getpid()}"
        self.address = f"198.18.{_NUMBER}.1"
        self.machines: list[Machine] = []
        self._count = machines

    def __enter__(self):
        _ip("link", "add", self.interface, "type", "bridge")
        try:
            _ip("address", "add", f"{self.address}/24", "dev", self.interface)
            _ip("link", "set", self.interface, "up")
            for number in range(self._count):
                self.machines.append(Machine(self.interface, number))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for machine in self.machines:
            machine.close()
        _ip("link", "delete", self.interface)

    def use_ipv6(self) -> bool:
        """Gives this machine and the others an address of IPv6 too, unless IPv6 is switched off here."""
        # Unique local addresses (RFC 4193); with nothing else on the network there is no double to look for.
        prefix = f"fd00:198:18:{_NUMBER:x}:"
        try:
            _ip("-6", "address", "add", f"{prefix}:1/64", "dev", self.interface, "nodad")
            for number, machine in enumerate(self.machines):
                address = f"{prefix}:{10 + number}/64"
                machine.run("ip", "-6", "address", "add", address, "dev", "eth0", "nodad")
        except subprocess.CalledProcessError:
            return False
        return True

    def own_groups(self) -> set[str]:
        """The groups that programs of this machine are members of on the network."""
        listing = subprocess.run(
            ["ip", "-4", "maddress", "show", "dev", self.interface],
            check=True, capture_output=True, text=True, timeout=10,
        )  # fmt: skip
        return _groups(listing.stdout)

    def sent(self, seconds: float) -> list[tuple[str, int, bytes]]:
        """What this machine sends to the network by UDP in that time: where to, the port, and the payload."""
        found = []
        with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS)) as listener:
            listener.bind((self.interface, _ALL_PROTOCOLS))
            deadline = time.monotonic() + seconds
            while (remaining := deadline - time.monotonic()) > 0:
                listener.settimeout(remaining)
                try:
                    packet, (_, protocol, *_) = listener.recvfrom(1 << 16)
                except TimeoutError:
                    break
                if protocol != _IPV4 or packet[9] != _UDP or socket.inet_ntoa(packet[12:16]) != self.address:
                    continue
                datagram = packet[4 * (packet[0] & 0x0F) :]
                found.append((socket.inet_ntoa(packet[16:20]), int.from_bytes(datagram[2:4], "big"), datagram[8:]))
        return found
