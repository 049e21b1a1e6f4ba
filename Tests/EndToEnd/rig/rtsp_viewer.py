"""A viewer by RTSP over TCP that says what a test wants it to say, and shows the packets as they come."""

import dataclasses
import random
import socket
import urllib.parse


@dataclasses.dataclass(frozen=True)
class Packet:
    timestamp: int  # of RTP, 32 bits
    payload: bytes

    @property
    def begins_h264_keyframe(self) -> bool:
        """Whether it brings a sequence parameter set, alone or with others, or the beginning of an IDR picture."""
        kind = self.payload[0] & 0x1F
        if kind == 24:  # STAP-A (RFC 6184 §5.7.1): each NAL unit behind its length
            place, kinds = 1, []
            while place < len(self.payload):
                kinds.append(self.payload[place + 2] & 0x1F)
                place += 2 + int.from_bytes(self.payload[place : place + 2], "big")
            return 7 in kinds
        if kind == 28:  # FU-A (§5.8)
            return self.payload[1] & 0x9F == 0x85
        return kind in (5, 7)


class RTSPViewer:
    """Reads one track until the `with` block ends."""

    def __init__(self, url: str, track: int = 0):
        self._url = url
        self._track = track
        self._sequence = 0
        self.ssrc = random.getrandbits(32)

    def __enter__(self):
        place = urllib.parse.urlsplit(self._url)
        self._socket = socket.create_connection((place.hostname, place.port), 20)
        self._stream = self._socket.makefile("rb")
        self._request("DESCRIBE", self._url)
        self._request("SETUP", f"{self._url}/trackID={self._track}", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        self._request("PLAY", self._url)
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._socket.close()

    def _request(self, method: str, url: str, *headers: str) -> None:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", *headers, "", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        status = self._stream.readline()
        assert b" 200 " in status, (method, status)
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        self._stream.read(length)

    def packets(self):
        """The packets of the track, as long as they come."""
        while head := self._stream.read(4):
            assert head[0] == 0x24, head
            packet = self._stream.read(int.from_bytes(head[2:], "big"))
            if head[1] == 0:
                yield Packet(int.from_bytes(packet[4:8], "big"), packet[12:])

    def say_picture_is_lost(self) -> None:
        """RTCP: a report of nothing, and a picture loss indication (RFC 4585 §6.3.1)."""
        own = self.ssrc.to_bytes(4, "big")
        report = b"\x80\xc9\x00\x01" + own + b"\x81\xce\x00\x02" + own + bytes(4)
        self._socket.sendall(b"\x24\x01" + len(report).to_bytes(2, "big") + report)
