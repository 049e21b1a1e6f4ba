"""Many RTSP/TCP readers in one process that throw away what they get; never counted as ours or a peer's.

Started as a program: `rtsp_sink.py URL COUNT`. Prints one line when all play, and ends with its standard input.
"""

import selectors
import socket
import sys
import time
import urllib.parse
from collections.abc import Callable


def _exchange(connection: socket.socket, request: str) -> tuple[int, dict[str, str], str]:
    connection.sendall(request.encode())
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"closed after {request.split(chr(13))[0]}")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return int(lines[0].split()[1]), headers, body.decode(errors="replace")


def _describe(url: str) -> tuple[socket.socket, int, dict[str, str], str]:
    parts = urllib.parse.urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port or 554), 10)
    request = f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    return connection, *_exchange(connection, request)


def described(url: str) -> Callable[[], bool]:
    """Whether somebody publishes there by now."""

    def probe() -> bool:
        connection, status, _, _ = _describe(url)
        connection.close()
        return status == 200

    return probe


def play(url: str) -> socket.socket:
    """A connection on which the URL's first video track plays, interleaved."""
    connection, status, headers, description = _describe(url)
    if status != 200:
        raise ConnectionError(f"DESCRIBE answered {status}")
    base = headers.get("content-base", url + "/")
    video = description[description.index("m=video") :]
    control = next(line[10:] for line in video.splitlines() if line.startswith("a=control:"))
    track = control if control.startswith("rtsp:") else base.rstrip("/") + "/" + control
    status, headers, _ = _exchange(
        connection, f"SETUP {track} RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n"
    )
    if status != 200:
        raise ConnectionError(f"SETUP answered {status}")
    session = headers["session"].partition(";")[0]
    # The answer and the first packets come together; nobody looks at either.
    connection.sendall(f"PLAY {url} RTSP/1.0\r\nCSeq: 3\r\nSession: {session}\r\nRange: npt=0-\r\n\r\n".encode())
    connection.setblocking(False)
    return connection


def seconds_to_first_packet(url: str) -> float:
    """From the connection to the first RTP packet, with nothing of a player in between."""
    started = time.monotonic()
    with play(url) as connection:
        connection.settimeout(20)
        with connection.makefile("rb") as stream:
            # The answer to PLAY comes before the first packet.
            while stream.readline().strip():
                pass
            while True:
                # RFC 2326 §10.12: `$`, the channel (0 for RTP, 1 for RTCP), and the length of what follows.
                head = stream.read(4)
                if len(head) < 4 or head[:1] != b"$":
                    raise ConnectionError(f"something else came in place of the first packet: {head!r}")
                if head[1] == 0:
                    return time.monotonic() - started
                stream.read(int.from_bytes(head[2:], "big"))


def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    selector = selectors.DefaultSelector()
    for _ in range(count):
        selector.register(play(url), selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ, "input")
    print(f"{count} readers play", flush=True)
    scratch = bytearray(1 << 20)
    received = 0
    while True:
        for key, _ in selector.select():
            if key.data == "input":
                # The bytes thrown away: the proof that the readers did read.
                print(received, flush=True)
                return
            got = key.fileobj.recv_into(scratch)
            if got == 0:
                sys.exit("a reader was disconnected")
            received += got


if __name__ == "__main__":
    main()
