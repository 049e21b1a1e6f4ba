"""A mirror of what detection needs: files that never were, under the names of those that are published."""

import hashlib
import io
import os
import platform
import re
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LIBRARY = "libonnxruntime.so.1.32.0"
WHEEL = f"onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_{platform.machine()}.whl"
# Version 8 and a network of two bytes, as `onnx.proto` has them.
NETWORK = bytes([0x08, 0x08, 0x3A, 0x02, 0x12, 0x00])
PIECE = 64 << 10


def wheel(library: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("onnxruntime/__init__.py", "raise SystemExit")
        archive.writestr("../../evil", "x")
        archive.writestr(f"onnxruntime/capi/{LIBRARY}", library)
    return out.getvalue()


class VisionMirror:
    """An HTTP server of this machine that knows ranges, and can be held up in the middle of a file."""

    def __init__(self, library: bytes = b"", tells_checksums: bool = True):
        self.library = library or os.urandom(3 << 20)
        self.files = {WHEEL: wheel(self.library)}
        self.files |= {f"yolox_{size}.onnx": NETWORK for size in ("nano", "tiny", "s")}
        if tells_checksums:
            lines = [f"{hashlib.sha256(content).hexdigest()} *{name}\n" for name, content in self.files.items()]
            self.files["checksums.sha256"] = "".join(lines).encode()
        self.requests: list[tuple[str, str | None]] = []
        # While it is clear, the second half of the wheel does not come.
        self.goes_on = threading.Event()
        self.goes_on.set()
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                mirror._answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/vision"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, handler) -> None:
        name = handler.path.removeprefix("/vision/")
        asked = handler.headers.get("Range")
        self.requests.append((name, asked))
        content = self.files.get(name)
        if content is None:
            handler.send_error(404)
            return
        first = int(re.fullmatch(r"bytes=(\d+)-", asked).group(1)) if asked else 0
        handler.send_response(206 if asked else 200)
        if asked:
            handler.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - first))
        handler.end_headers()
        try:
            for start in range(first, len(content), PIECE):
                while start > len(content) // 2 and not self.goes_on.is_set():
                    time.sleep(0.05)
                handler.wfile.write(content[start : start + PIECE])
        except OSError:
            # Whoever asked has gone.
            handler.close_connection = True

    def ranges(self, name: str) -> list[str | None]:
        return [asked for file, asked in self.requests if file == name]

    def close(self) -> None:
        self.goes_on.set()
        self._server.shutdown()
        self._server.server_close()
