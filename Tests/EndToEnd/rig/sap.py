"""Listens for announcements by SAP (RFC 2974) on a machine of the network; started as a program, it is that listener."""

import dataclasses
import socket
import subprocess
import sys
import threading
import time

_PORT = 9875
_TYPE = b"application/sdp\0"


@dataclasses.dataclass(frozen=True)
class Packet:
    is_deletion: bool
    message_id_hash: int
    source: str
    payload: str

    @property
    def name(self) -> str:
        """The session's, of an announcement."""
        return next((line[2:] for line in self.payload.split("\r\n") if line.startswith("s=")), "")

    @property
    def origin(self) -> str:
        return next(line for line in self.payload.split("\r\n") if line.startswith("o="))


def parse(packet: bytes) -> Packet:
    assert packet[0] & ~0x04 == 0x20, "neither version 1 with a source of IPv4, nor in the clear"
    assert packet[1] == 0, "authentication"
    assert packet[8:].startswith(_TYPE), packet
    return Packet(
        bool(packet[0] & 0x04),
        int.from_bytes(packet[2:4], "big"),
        socket.inet_ntoa(packet[4:8]),
        packet[8 + len(_TYPE) :].decode(),
    )


class Listener:
    """What comes to a group on another machine, until the `with` block ends."""

    def __init__(self, machine, group: str):
        self._command = [*machine.prefix, sys.executable, __file__, group, machine.address]
        self._changed = threading.Condition()
        self._packets: list[Packet] = []

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout.readline() == "listening\n"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._reader.join(5)
        self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout:
            packet = parse(bytes.fromhex(line))
            with self._changed:
                self._packets.append(packet)
                self._changed.notify_all()

    @property
    def packets(self) -> list[Packet]:
        with self._changed:
            return list(self._packets)

    def wait_for(self, wanted, timeout: float, what: str) -> Packet:
        """Waits for a packet of which `wanted` is true, and returns the first one."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = next((packet for packet in self._packets if wanted(packet)), None)
                if found:
                    return found
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    raise AssertionError(f"{timeout:g} s passed without {what}; heard {self._packets}")
                self._changed.wait(remaining)


def main() -> None:
    group, interface = sys.argv[1:]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((group, _PORT))
        membership = socket.inet_aton(group) + socket.inet_aton(interface)
        listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        print("listening", flush=True)
        while True:
            print(listener.recv(1 << 16).hex(), flush=True)


if __name__ == "__main__":
    main()
