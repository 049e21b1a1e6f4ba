"""A camera that sends JPEG pictures over HTTP (`multipart/x-mixed-replace`), in real time and in step with a clock.

Started as a program: `jpeg_camera.py PORT FILE FPS EPOCH`. Prints one line when it listens, and ends with its standard input.
"""

import http.server
import sys
import threading
import time
from pathlib import Path

_BOUNDARY = "picture"


def pictures(stream: bytes) -> list[bytes]:
    """The JPEG files that stand one after the other: 0xFFD8 FF begins one, and occurs nowhere inside."""
    starts, at = [], stream.find(b"\xff\xd8\xff")
    while at >= 0:
        starts.append(at)
        at = stream.find(b"\xff\xd8\xff", at + 3)
    return [stream[start:end] for start, end in zip(starts, [*starts[1:], len(stream)], strict=True)]


def main() -> None:
    port, file, fps, epoch = int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    clip = pictures(file.read_bytes())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.end_headers()
            number = int((time.monotonic() - epoch) * fps) + 1
            try:
                while True:
                    time.sleep(max(0, epoch + number / fps - time.monotonic()))
                    picture = clip[number % len(clip)]
                    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
                    self.wfile.write(head.encode() + picture + b"\r\n")
                    number += 1
            except OSError:
                self.close_connection = True

        def log_message(self, *_) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    print("listening", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
