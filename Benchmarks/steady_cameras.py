"""Any number of RTSP/TCP cameras in one process, each path being one: they play the standard clip in real time, cost
little, and never leave a picture out; one that is late catches up. gst-rtsp-server drops pictures on a busy machine.

Started as a program: `steady_cameras.py PORT EPOCH`. Picture n is due n intervals after the epoch, an instant of
`time.monotonic()`; the camera `camera-N` is `ahead(N)` pictures ahead in the clip, because the keyframes of cameras that
nobody has tied together come at different times. Prints one line when it listens, and ends with its standard input.
"""

import re
import socket
import struct
import sys
import threading
import time
from pathlib import Path

import clip

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Tests" / "EndToEnd"))
from rig.annexb import access_units  # noqa: E402

_PAYLOAD_BYTES = 1400
# Pictures from the keyframe of one camera to that of the next: two seconds of pictures are not a multiple of it.
_STEP = 11
_CLOCK_RATE = 90_000


def ahead(number: int) -> int:
    """How many pictures a camera is ahead of the first one."""
    return number * _STEP


def _payloads(unit: bytes) -> list[bytes]:
    """An access unit as RTP payloads: single NAL units and FU-A fragments (RFC 6184 §5.6, §5.8)."""
    found = []
    for part in unit.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
        nal_unit = part.rstrip(b"\0")
        if nal_unit[0] & 0x1F == 9:  # the access unit delimiter
            continue
        if len(nal_unit) <= _PAYLOAD_BYTES:
            found.append(nal_unit)
            continue
        step = _PAYLOAD_BYTES - 2
        for at in range(1, len(nal_unit), step):
            start, end = at == 1, at + step >= len(nal_unit)
            header = bytes([nal_unit[0] & 0x60 | 28, nal_unit[0] & 0x1F | start << 7 | end << 6])
            found.append(header + nal_unit[at : at + step])
    return found


def _template(unit: bytes) -> tuple[bytearray, list[int]]:
    """An access unit as interleaved RTP packets (RFC 2326 §10.12), and where each begins."""
    payloads = _payloads(unit)
    packets, offsets = bytearray(), []
    for number, payload in enumerate(payloads):
        offsets.append(len(packets))
        marker = 0x80 if number == len(payloads) - 1 else 0
        packets += struct.pack(">BBHBBHII", 0x24, 0, 12 + len(payload), 0x80, marker | 96, 0, 0, 1) + payload
    return packets, offsets


class Camera(threading.Thread):
    """One client's connection."""

    def __init__(self, connection: socket.socket, units: list[tuple[bytearray, list[int]]]):
        super().__init__(daemon=True)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection, self.units = connection, units
        self.requests, self.ahead = b"", 0

    def run(self) -> None:
        try:
            while not self._answer():
                self._read()
            self._play()
        except OSError:
            pass
        finally:
            self.connection.close()

    def _read(self, flags: int = 0) -> None:
        piece = self.connection.recv(65536, flags)
        if not piece:
            raise ConnectionError
        self.requests += piece

    def _answer(self) -> bool:
        """Answers what was asked; true when PLAY was."""
        plays = False
        while self.requests:
            if self.requests[0] == 0x24:  # a receiver report
                if len(self.requests) < 4 or len(self.requests) < 4 + int.from_bytes(self.requests[2:4], "big"):
                    break
                self.requests = self.requests[4 + int.from_bytes(self.requests[2:4], "big") :]
                continue
            head, end, rest = self.requests.partition(b"\r\n\r\n")
            if not end:
                break
            self.requests = rest
            lines = head.decode().split("\r\n")
            method, url, _ = lines[0].split(" ")
            number = re.search(r"/camera-(\d+)", url)
            self.ahead = ahead(int(number[1])) if number else 0
            headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines[1:]}
            answer = [f"CSeq: {headers['cseq']}", "Session: 1"]
            body = ""
            if method == "OPTIONS":
                answer.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN")
            elif method == "DESCRIBE":
                body = (
                    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
                    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:video\r\n"
                )
                answer += ["Content-Type: application/sdp", f"Content-Base: {url}/", f"Content-Length: {len(body)}"]
            elif method == "SETUP":
                answer.append("Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
            elif method == "TEARDOWN":
                raise ConnectionError
            plays = plays or method == "PLAY"
            self.connection.sendall("\r\n".join(["RTSP/1.0 200 OK", *answer, "", body]).encode())
        return plays

    def _play(self) -> None:
        epoch, sequence = float(sys.argv[2]), 0
        number = int((time.monotonic() - epoch) * clip.STANDARD.fps) + 1
        while True:
            time.sleep(max(0, epoch + number / clip.STANDARD.fps - time.monotonic()))
            template, offsets = self.units[(number + self.ahead) % len(self.units)]
            packets = bytearray(template)
            timestamp = number * _CLOCK_RATE // clip.STANDARD.fps & 0xFFFFFFFF
            for offset in offsets:
                struct.pack_into(">HI", packets, offset + 6, sequence, timestamp)
                sequence = sequence + 1 & 0xFFFF
            self.connection.sendall(packets)
            number += 1
            try:
                self._read(socket.MSG_DONTWAIT)
            except BlockingIOError:
                continue
            self._answer()


def main() -> None:
    units = [_template(unit) for unit in access_units(clip.STANDARD.file().read_bytes())]
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
    print("listening", flush=True)

    def serve() -> None:
        while True:
            Camera(listener.accept()[0], units).start()

    threading.Thread(target=serve, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
