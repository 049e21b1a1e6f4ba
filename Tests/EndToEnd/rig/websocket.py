"""A WebSocket client of a few lines (RFC 6455), which can also do what no client should; and a player of MSE for a page."""

import base64
import json
import os
import socket
import struct
from urllib.parse import urlsplit

# Plays what a WebSocket of the page's own origin sends. What is said is in `window.said`; `window.socket` is the WebSocket.
PLAY = """
async path => {
    const video = document.createElement("video");
    Object.assign(video, {muted: true, autoplay: true, width: 640, height: 360});
    document.body.replaceChildren(video);
    const socket = window.socket = new WebSocket(location.origin.replace("http", "ws") + path);
    socket.binaryType = "arraybuffer";
    window.said = [];
    let parts = [], buffer, source;
    const append = () => { if (buffer && !buffer.updating && parts.length) buffer.appendBuffer(parts.shift()); };
    socket.onmessage = async ({data}) => {
        if (typeof data !== "string") { parts.push(data); append(); return; }
        const message = JSON.parse(data);
        window.said.push(message);
        if (message.type !== "mse") return;
        parts = []; buffer = null; source = new MediaSource();
        video.src = URL.createObjectURL(source);
        await new Promise(resolve => source.addEventListener("sourceopen", resolve, {once: true}));
        const added = buffer = source.addSourceBuffer(message.value);
        added.onupdateend = () => {
            const ranges = added.buffered;
            if (added === buffer && ranges.length && ranges.end(ranges.length - 1) - video.currentTime > 1) {
                video.currentTime = ranges.end(ranges.length - 1) - 0.2;
            }
            append();
        };
        append();
    };
    const codecs = ["avc1.640029", "hvc1.1.6.L153.B0", "mp4a.40.2", "opus"]
        .filter(codec => MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`));
    socket.onopen = () => socket.send(JSON.stringify({type: "mse", value: codecs.join()}));
}
"""

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Socket:
    """A WebSocket as a program opens it. `status` is that of the handshake."""

    def __init__(self, url: str, headers: dict[str, str] | None = None):
        parts = urlsplit(url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=20)
        fields = {
            "Host": parts.netloc, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        } | (headers or {})  # fmt: skip
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._socket.sendall(f"GET {target} HTTP/1.1\r\n{head}\r\n".encode())
        self._received = b""
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise EOFError("the server has closed the connection")
        self._received += data

    def _take(self, count: int) -> bytes:
        while len(self._received) < count:
            self._receive()
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    def send(self, content: bytes | dict, opcode: int = TEXT, fin: bool = True, masked: bool = True, length: int | None = None):
        if isinstance(content, dict):
            content = json.dumps(content).encode()
        length = len(content) if length is None else length
        size = struct.pack("!B", length) if length < 126 else struct.pack("!BH", 126, length) if length < 65536 else struct.pack("!BQ", 127, length)
        size = bytes([size[0] | (0x80 if masked else 0)]) + size[1:]
        # A mask of zeros changes nothing.
        self._socket.sendall(bytes([opcode | (0x80 if fin else 0)]) + size + (bytes(4) if masked else b"") + content)

    def frame(self) -> tuple[int, bytes]:
        first, length = self._take(2)
        assert first & 0x80 and not length & 0x80, "a frame of a server is whole and not masked"
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        return first & 0xF, self._take(length)

    def message(self) -> dict:
        """The next text."""
        while True:
            opcode, content = self.frame()
            if opcode == TEXT:
                return json.loads(content)

    def close_code(self) -> int:
        """That of the server's goodbye, whatever comes before."""
        while True:
            opcode, content = self.frame()
            if opcode == CLOSE:
                return struct.unpack("!H", content[:2])[0]
