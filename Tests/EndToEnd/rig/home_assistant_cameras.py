"""Cameras of the stand-in for Core: an HLS stream as the integration "stream" makes it, and pictures as "camera" sends them.

Read in Core's sources (`components/camera/__init__.py`, `components/stream/hls.py`, `components/camera/helper.py`): addresses of
HLS have a token that ends with the stream; without a stream, a picture is sent when it is another one, and the first twice.
"""

import contextlib
import re
import secrets
import subprocess
import threading
from pathlib import Path

_SOURCE = ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-re", "-i", "testsrc=size=640x360:rate=25"]
_BOUNDARY = "--frameboundary"
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".jpg": "image/jpeg"}


class Cameras:
    """The cameras of one Core by entity: a name, and whether there is a stream. They show the same picture."""

    def __init__(self, folder: Path, cameras: dict[str, tuple[str, bool]], generic: tuple[str, ...] = ()):
        self.cameras, self.generic = cameras, generic
        self.tokens: list[str] = []
        # Whose pictures were asked for, one after the other, each time.
        self.opened: list[str] = []
        self.is_away = False
        self.playlist: bytes | None = None
        self._folder = folder
        self._stopped = threading.Event()

    def __enter__(self):
        (self._folder / "segment").mkdir(parents=True)
        picture = ["ffmpeg", *_SOURCE, "-frames:v", "1", "still.jpg"]
        subprocess.run(picture, cwd=self._folder, check=True, timeout=60)
        self._encoder = subprocess.Popen(
            ["ffmpeg", *_SOURCE, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1M", "-pix_fmt", "yuv420p", "-g", "25",
             "-f", "hls", "-hls_segment_type", "fmp4", "-hls_time", "1", "-hls_list_size", "6",
             "-hls_flags", "delete_segments+temp_file", "-master_pl_name", "master_playlist.m3u8",
             "-hls_segment_filename", "segment/%d.m4s", "playlist.m3u8"],
            cwd=self._folder, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._encoder.kill()
        self._encoder.wait()

    def restart(self):
        """As after a restart of Core: what was given out is good no more."""
        self.tokens.clear()
        self.is_away = True

    def freeze(self):
        """As when the camera is away: the stream is answered, and nothing comes any more."""
        self.playlist = self._playlist()

    def _playlist(self) -> bytes:
        data = (self._folder / "playlist.m3u8").read_bytes()
        return re.sub(rb"(?m)^(?=\d+\.m4s)", b"./segment/", data)

    def rows(self) -> list:
        """What the template of the add-on renders."""
        return [
            [entity, name, has_stream, entity in self.generic] for entity, (name, has_stream) in self.cameras.items()
        ]

    def stream(self, entity: str) -> dict:
        """The answer to `camera/stream`."""
        if not self.cameras.get(entity, ("", False))[1]:
            message = f"{entity} does not support play stream service"
            return {"success": False, "error": {"code": "start_stream_failed", "message": message}}
        token = secrets.token_hex()
        self.tokens.append(token)
        return {"success": True, "result": {"url": f"/api/hls/{token}/master_playlist.m3u8"}}

    def serve(self, handler) -> int:
        """Answers a request for a stream, a picture or pictures, and returns the status."""
        kind, name, *rest = handler.path.removeprefix("/core/api/").split("/")
        is_known = name in (self.tokens if kind == "hls" else self.cameras)
        if self.is_away or not is_known:
            return self._send(handler, b"", 502 if self.is_away else 404)
        if kind == "camera_proxy":
            return self._send(handler, (self._folder / "still.jpg").read_bytes(), kind=".jpg")
        if kind == "camera_proxy_stream":
            self.opened.append(name)
            return self._send_pictures(handler)
        file = self._folder.joinpath(*rest)
        if file.name == "master_playlist.m3u8":
            self._wait_for_segments()
        data = file.read_bytes() if file.exists() else b""
        if data and file.name == "playlist.m3u8":
            data = self.playlist or self._playlist()
        return self._send(handler, data, 200 if data else 404, file.suffix)

    def _wait_for_segments(self):
        while not self._has_segments() and not self._stopped.wait(0.05):
            pass

    def _has_segments(self) -> bool:
        playlist = self._folder / "playlist.m3u8"
        return playlist.exists() and playlist.read_bytes().count(b"#EXTINF") >= 2

    def _send(self, handler, body: bytes, status: int = 200, kind: str = "") -> int:
        handler.send_response(status)
        handler.send_header("Content-Type", _TYPES.get(kind, "video/iso.segment"))
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return status

    def _send_pictures(self, handler) -> int:
        handler.send_response(200)
        handler.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={_BOUNDARY}")
        handler.end_headers()
        handler.close_connection = True
        picture = (self._folder / "still.jpg").read_bytes()
        part = f"{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode() + picture
        with contextlib.suppress(OSError):
            handler.wfile.write((part + b"\r\n") * 2)
            # The picture stays as it is.
            self._stopped.wait()
        return 200
