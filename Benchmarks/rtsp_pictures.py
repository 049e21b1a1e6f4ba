"""Counts what RTSP/TCP readers get: pictures, packets missing between them, and the longest step between two pictures.

Started as a program: `rtsp_pictures.py URL…`. Prints one line when all play, and when its standard input ends one JSON
list: for each URL `{"pictures", "lost_packets", "longest_step"}`, the step in seconds of the stream's own clock.
"""

import json
import selectors
import struct
import sys
from concurrent.futures import ThreadPoolExecutor

from rtsp_sink import play

_CLOCK_RATE = 90_000


class Reader:
    def __init__(self, url: str):
        self.connection = play(url)
        self.pictures = self.lost_packets = self.longest_step = 0
        self._data = b""
        self._sequence = self._timestamp = None

    def read(self) -> None:
        piece = self.connection.recv(1 << 18)
        if not piece:
            sys.exit("a reader was disconnected")
        data = self._data + piece
        at = 0
        while len(data) - at >= 4:
            if data[at] != 0x24:
                # The answer to PLAY, which comes before the first packet.
                end = data.find(b"\r\n\r\n", at)
                if end < 0:
                    break
                at = end + 4
                continue
            _, channel, size = struct.unpack_from(">BBH", data, at)
            if len(data) - at - 4 < size:
                break
            if channel == 0:
                self.packet(data, at + 4, size)
            at += 4 + size
        self._data = data[at:]

    def packet(self, data: bytes, at: int, size: int) -> None:
        """Takes the RTP packet that lies there."""
        _, marker, sequence, timestamp = struct.unpack_from(">BBHI", data, at)
        if self._sequence is not None:
            self.lost_packets += (sequence - self._sequence - 1) & 0xFFFF
        self._sequence = sequence
        # RFC 6184 §5.1: the marker is on the last packet of an access unit.
        if marker & 0x80:
            if self._timestamp is not None:
                step = (timestamp - self._timestamp) & 0xFFFFFFFF
                if step < 1 << 31:
                    self.longest_step = max(self.longest_step, step / _CLOCK_RATE)
            self._timestamp = timestamp
            self.pictures += 1


def read_until_told(kind: type, urls: list[str]) -> list:
    """Readers of a kind, one a URL, that have read until the standard input ended."""
    # All at once: a reader that waits for the others would count as one that does not read, and be disconnected.
    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        readers = list(pool.map(kind, urls))
    selector = selectors.DefaultSelector()
    for reader in readers:
        selector.register(reader.connection, selectors.EVENT_READ, reader)
    selector.register(sys.stdin, selectors.EVENT_READ)
    print(f"{len(readers)} readers play", flush=True)
    while True:
        for key, _ in selector.select():
            if key.data is None:
                return readers
            key.data.read()


def main() -> None:
    names = ("pictures", "lost_packets", "longest_step")
    readers = read_until_told(Reader, sys.argv[1:])
    print(json.dumps([{name: getattr(reader, name) for name in names} for reader in readers]), flush=True)


if __name__ == "__main__":
    main()
