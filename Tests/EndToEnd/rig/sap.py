"""Announcements by SAP (RFC 2974) as a machine of the network hears them."""

import dataclasses
import socket
import sys
from pathlib import Path

from .told import Told

_PROCESS = Path(__file__).with_name("sap_process.py")
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


class Listener(Told[Packet]):
    """What comes to a group on another machine, until the `with` block ends."""

    def __init__(self, machine, group: str):
        super().__init__(
            [*machine.prefix, sys.executable, _PROCESS, group, machine.address],
            lambda line: parse(bytes.fromhex(line)), begins_with="listening",
        )  # fmt: skip
