"""A stand-in for Home Assistant's ingress: Core and Supervisor in one, as far as an add-on notices them.

What each of them does to a request, read in their sources: Core takes requests under `/api/hassio_ingress/<token>/`,
adds `X-Ingress-Path` and `X-Forwarded-…`, and asks Supervisor; Supervisor checks the session's cookie and the address,
names the user in `X-Remote-User-…`, and asks the add-on. Answers of a known length below 4,194,000 bytes are read whole,
others are passed on as they come; the length, the parameters of the media type and the encoding get lost; redirects are
not followed. WebSockets are passed on.
"""

import asyncio
import re
import threading
import urllib.parse

from . import ports

TOKEN = "mJ4X9l2kTn1sQ8"
PREFIX = f"/api/hassio_ingress/{TOKEN}"
SESSION = "ingress_session=0123456789"
# Supervisor's address to the server; everything else on this machine comes from 127.0.0.1.
SUPERVISOR = "127.0.0.2"

_WHOLE_BELOW = 4_194_000
_BODY_LIMIT = 16 << 20
# Supervisor looks for these in the address, decoded as often as it is encoded.
_FILTER = re.compile(
    r"(?:proc/self/environ|(<|%3C).*script.*(>|%3E)|(\.\.//?)+|[a-zA-Z0-9_]=/([a-z0-9_.]//?)+"
    r"|union.*select.*\(|union.*all.*select.*|concat.*\()",
    re.IGNORECASE,
)
_USER_FIELDS = {"x-remote-user-id", "x-remote-user-name", "x-remote-user-display-name"}
_NOT_PASSED_ON = {"content-length", "content-encoding", "transfer-encoding", "connection"} | _USER_FIELDS
_LOST_IN_ANSWERS = {"transfer-encoding", "content-length", "content-type", "content-encoding", "connection"}
# The frontend: a frame of the same origin, which is where an add-on's pages are seen.
_PANEL = (
    f"<!doctype html><title>Home Assistant</title><link rel=icon href=data:,>"
    f"<iframe src='{PREFIX}/' style='width:100%;height:700px'></iframe>"
)


class Ingress:
    """Passes requests on to the ingress port of a server on this machine."""

    def __init__(self, server_port: int, user: dict[str, str] | None = None):
        self._server_port = server_port
        self._user = {"id": "5f0c", "name": "ana", "display-name": "Ana Souza"} if user is None else user
        self.port = ports.free_port()
        self.panel_url = f"http://localhost:{self.port}/"
        self.url = f"http://localhost:{self.port}{PREFIX}"
        # What was refused or could not be passed on, for a test that fails.
        self.complaints: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self._listener = started.result(5)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _start(self):
        return await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _stop(self):
        self._listener.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    async def _serve(self, reader, writer):
        try:
            while head := await _read_head(reader):
                if not await self._answer(head, reader, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, head, reader, writer) -> bool:
        """Answers one request; whether the connection goes on."""
        (method, target, _), fields = head
        length = int(_value(fields, "content-length") or 0)
        if length > _BODY_LIMIT:
            return self._refuse(writer, 413, target)
        body = await reader.readexactly(length)
        if target == "/":
            _write_head(writer, 200, [("Content-Type", "text/html"), ("Set-Cookie", f"{SESSION}; HttpOnly"),
                                      ("Content-Length", str(len(_PANEL)))])  # fmt: skip
            writer.write(_PANEL.encode())
            return True
        if not target.startswith(PREFIX + "/"):
            return self._refuse(writer, 404, target)
        if SESSION not in (_value(fields, "cookie") or ""):
            return self._refuse(writer, 401, target)
        if _FILTER.search(_decoded(target)):
            return self._refuse(writer, 400, target)
        return await self._pass_on(method, target.removeprefix(PREFIX), fields, body, reader, writer)

    def _refuse(self, writer, status: int, target: str) -> bool:
        self.complaints.append(f"{status} {target}")
        _write_head(writer, status, [("Content-Length", "0")])
        return True

    async def _pass_on(self, method, target, fields, body, reader, writer) -> bool:
        try:
            upstream, request = await asyncio.open_connection(
                "127.0.0.1", self._server_port, local_addr=(SUPERVISOR, 0)
            )
        except OSError:
            return self._refuse(writer, 502, target)
        try:
            is_websocket = (_value(fields, "upgrade") or "").lower() == "websocket"
            _write_request(request, method, target, self._request_fields(fields, body, is_websocket))
            request.write(body)
            answer = await _read_head(upstream)
            if answer is None:
                return self._refuse(writer, 502, target)
            if is_websocket:
                await _join(answer, upstream, request, reader, writer)
                return False
            return await _pass_back(method, answer, upstream, writer)
        finally:
            request.close()

    def _request_fields(self, fields, body: bytes, is_websocket: bool) -> list[tuple[str, str]]:
        passed_on = [(name, value) for name, value in fields if name.lower() not in _NOT_PASSED_ON]
        host = _value(fields, "host") or ""
        result = [(f"X-Remote-User-{name}", value) for name, value in self._user.items()] + passed_on
        result += [
            ("X-Hass-Source", "core.ingress"), ("X-Ingress-Path", PREFIX), ("X-Forwarded-Host", host),
            ("X-Forwarded-Proto", "http"), ("X-Forwarded-For", "127.0.0.1, 172.30.32.1"),
            ("Connection", "Upgrade" if is_websocket else "close"),
        ]  # fmt: skip
        return result + ([("Content-Length", str(len(body)))] if body else [])


async def _read_head(reader):
    """The words of the first line and the header fields; None at the end of the connection."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = text.split("\r\n")[:-2]
    return first.split(" ", 2), [tuple(part.strip() for part in line.split(":", 1)) for line in lines]


def _value(fields, name: str) -> str | None:
    return next((value for field, value in fields if field.lower() == name), None)


def _decoded(text: str) -> str:
    decoded = urllib.parse.unquote(text)
    return decoded if decoded == text else _decoded(decoded)


def _write_request(writer, method: str, target: str, fields) -> None:
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in fields]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())


def _write_head(writer, status, fields) -> None:
    lines = [f"HTTP/1.1 {status} OK"] + [f"{name}: {value}" for name, value in fields]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))


async def _pass_back(method: str, answer, upstream, writer) -> bool:
    (_, status, *_), fields = answer
    kept = [(name, value) for name, value in fields if name.lower() not in _LOST_IN_ANSWERS]
    media_type = (_value(fields, "content-type") or "application/octet-stream").partition(";")[0]
    kept.append(("Content-Type", media_type))
    length = _value(fields, "content-length")
    if method == "HEAD" or status in ("204", "304"):
        _write_head(writer, status, [*kept, *([("Content-Length", "0")] if status == "200" else [])])
        return True
    if length is not None and int(length) < _WHOLE_BELOW:
        body = await upstream.readexactly(int(length))
        _write_head(writer, status, [*kept, ("Content-Length", str(len(body)))])
        writer.write(body)
        return True
    _write_head(writer, status, [*kept, ("X-Accel-Buffering", "no"), ("Transfer-Encoding", "chunked")])
    async for piece in _body(upstream, length, _value(fields, "transfer-encoding")):
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    return True


async def _body(upstream, length: str | None, encoding: str | None):
    """A body as it comes."""
    if encoding == "chunked":
        while size := int(await upstream.readuntil(b"\r\n"), 16):
            yield await upstream.readexactly(size)
            await upstream.readexactly(2)
        return
    left = int(length) if length is not None else None
    while left != 0 and (piece := await upstream.read(min(65536, left or 65536))):
        left = None if left is None else left - len(piece)
        yield piece


async def _join(answer, upstream, request, reader, writer) -> None:
    """After the upgrade both connections are one."""
    (_, status, *_), fields = answer
    _write_head(writer, status, fields)

    async def copy(source, target):
        while piece := await source.read(65536):
            target.write(piece)
            await target.drain()

    copies = [asyncio.ensure_future(copy(upstream, writer)), asyncio.ensure_future(copy(reader, request))]
    _, left = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()
