"""Records the H.264 that RTSP/TCP readers get and when each picture is there, to be decoded when the measurement is over.
A player that decodes meanwhile takes time from what is measured, and libavformat hands out a picture when the next one
begins: of few pictures a second that is much later.

Started as a program: `rtsp_recorder.py FOLDER URL…`. Prints one line when all play. When its standard input ends, it leaves a
file `N.h264` for each URL and prints one JSON list: of each URL the instants of `time.monotonic()` at which a picture was
there.
"""

import json
import struct
import sys
import time
from pathlib import Path

from rtsp_pictures import Reader, read_until_told

_START_CODE = b"\0\0\0\1"


class Recorder(Reader):
    """Puts NAL units together from single ones, STAP-A and FU-A (RFC 6184 §5.6 to §5.8)."""

    def __init__(self, url: str):
        super().__init__(url)
        self.arrivals: list[float] = []
        self.stream = bytearray()

    def packet(self, data: bytes, at: int, size: int) -> None:
        super().packet(data, at, size)
        payload = data[at + 12 : at + size]
        kind = payload[0] & 0x1F
        if kind == 28:
            if payload[1] & 0x80:
                self.stream += _START_CODE + bytes([payload[0] & 0xE0 | payload[1] & 0x1F])
            self.stream += payload[2:]
        elif kind == 24:
            begin = 1
            while begin + 2 <= len(payload):
                (length,) = struct.unpack_from(">H", payload, begin)
                self.stream += _START_CODE + payload[begin + 2 : begin + 2 + length]
                begin += 2 + length
        else:
            self.stream += _START_CODE + payload
        if data[at + 1] & 0x80:
            self.arrivals.append(time.monotonic())


def main() -> None:
    recorders = read_until_told(Recorder, sys.argv[2:])
    for number, recorder in enumerate(recorders):
        Path(sys.argv[1], f"{number}.h264").write_bytes(recorder.stream)
    print(json.dumps([recorder.arrivals for recorder in recorders]), flush=True)


if __name__ == "__main__":
    main()
