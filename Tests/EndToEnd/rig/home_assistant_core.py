"""A stand-in for Home Assistant's Core: what an add-on needs of it to make a camera of "Generic Camera", and to show its own.

Read in Core's sources (`components/config/config_entries.py`, `components/generic/config_flow.py`): a form is answered by
exactly the fields that it has, or refused with 400; the addresses are opened before the next form is shown; the camera is
called after the host of its address. Until 2025 all fields stood side by side, since then some are in a section.
"""

import base64
import contextlib
import hashlib
import itertools
import json
import re
import struct
import urllib.parse
import urllib.request

import av

from .home_assistant_cameras import Cameras

VERSION = "2026.11.1"
# Name, type, whether it has to be there, default.
_ADDRESSES = [("still_image_url", "string", False, None), ("stream_source", "string", False, None)]
_CREDENTIALS = [("username", "string", False, None), ("password", "string", False, None)]
_DETAILS = [
    ("rtsp_transport", ["tcp", "udp", "udp_multicast", "http"], False, None),
    ("authentication", ["basic", "digest"], False, None),
    ("framerate", "float", True, None), ("verify_ssl", "boolean", True, True),
]  # fmt: skip
_FORMS = {
    "flat": ("user_confirm_still", [*_ADDRESSES, *_DETAILS, *_CREDENTIALS]),
    "sections": ("user_confirm", [*_ADDRESSES, *_CREDENTIALS, ("advanced", _DETAILS, True, None)]),
}
# `homeassistant/core.py`, VALID_ENTITY_ID.
_ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")
_TYPES = {"string": str, "float": (int, float), "boolean": bool}
_WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
FLOW = "/core/api/config/config_entries/flow"


class Core:
    """`entries` and `entities` are what was made; `forms` what the forms were answered with."""

    def __init__(self, form: str = "sections", title: str | None = None, cameras: Cameras | None = None):
        self.cameras = cameras
        self._confirmation, self._fields = _FORMS[form]
        self.entries = [{"entry_id": "01OLD", "domain": "generic", "title": title, "options": {}}] if title else []
        self.entities: dict[str, str] = {}
        self.flows: dict[str, dict] = {}
        self.forms: list[dict] = []
        # What the first form answers whatever is in it, and by whom it is waited for before that.
        self.errors: dict[str, str] = {}
        self.aborts: str | None = None
        self.before_answer = lambda: None
        self._numbers = itertools.count(1)

    def answer(self, method: str, path: str, body) -> tuple[int, object]:
        """The status and the answer to a request; a text is what a template renders."""
        match (method, path):
            case ("GET", "/core/api/config"):
                return 200, {"version": VERSION, "components": ["camera"]}
            case ("GET", "/core/api/config/config_entries/entry?domain=generic"):
                return 200, [{name: entry[name] for name in ("entry_id", "domain", "title")} for entry in self.entries]
            case ("POST", "/core/api/template"):
                return self._render(body["template"])
            case ("POST", target) if target == FLOW:
                assert body == {"handler": "generic"}, body
                flow = f"01FLOW{next(self._numbers)}"
                self.flows[flow] = {}
                return 200, self._form(flow, "user", self._fields)
        flow = path.removeprefix(f"{FLOW}/")
        if flow not in self.flows:
            return 404, {"message": "Invalid flow specified"}
        if method == "DELETE":
            del self.flows[flow]
            return 200, {"message": "Flow aborted"}
        return self._step(flow, body)

    def _step(self, flow: str, body) -> tuple[int, object]:
        is_confirmation = bool(self.flows[flow])
        fields = [("confirmed_ok", "boolean", True, False)] if is_confirmation else self._fields
        if problems := _refused(body, fields):
            return 400, {"errors": problems}
        self.forms.append(body)
        self.before_answer()
        if flow not in self.flows:
            return 404, {"message": "Invalid flow specified"}
        if self.aborts:
            del self.flows[flow]
            return 200, {"type": "abort", "flow_id": flow, "reason": self.aborts}
        if is_confirmation and body["confirmed_ok"]:
            return 200, self._entry(flow)
        flat = body | body.get("advanced", {})
        if errors := self.errors or _problems(flat):
            return 200, self._form(flow, "user", self._fields, errors)
        self.flows[flow] = flat
        return 200, self._form(flow, self._confirmation, [("confirmed_ok", "boolean", True, False)])

    def _form(self, flow: str, step: str, fields, errors=None) -> dict:
        schema = [_serialized(field) for field in fields]
        return {"type": "form", "flow_id": flow, "handler": "generic", "step_id": step, "data_schema": schema,
                "errors": errors or None, "last_step": None, "preview": None}  # fmt: skip

    def _entry(self, flow: str) -> dict:
        options = self.flows.pop(flow)
        host = urllib.parse.urlsplit(options.get("still_image_url") or options["stream_source"]).hostname
        title = re.sub(r"[^a-z0-9]+", "_", host)
        entry = {"entry_id": f"01ENTRY{next(self._numbers)}", "domain": "generic", "title": title, "options": options}
        self.entries.append(entry)
        names = itertools.chain([f"camera.{title}"], (f"camera.{title}_{number}" for number in itertools.count(2)))
        self.entities[next(name for name in names if name not in self.entities)] = entry["entry_id"]
        result = {name: entry[name] for name in ("entry_id", "domain", "title")}
        return {"type": "create_entry", "flow_id": flow, "handler": "generic", "title": title, "result": result}

    def _render(self, template: str) -> tuple[int, object]:
        """The templates that are understood: the cameras, and the entity of an entry."""
        if self.cameras and "supported_features" in template:
            return 200, json.dumps(self.cameras.rows())
        entry = re.search(r"config_entry_id\(camera\.entity_id\) == '(\w+)'", template)
        if entry is None:
            return 400, {"message": "Error rendering template"}
        return 200, "".join(json.dumps(entity) for entity, owner in self.entities.items() if owner == entry[1])

    def command(self, message: dict) -> dict:
        """The result of a command by WebSocket."""
        match message:
            case {"type": "camera/stream", "entity_id": entity, "format": "hls"} if self.cameras:
                return self.cameras.stream(entity)
            case {"type": "config/entity_registry/update", "entity_id": old, "new_entity_id": new}:
                if new in self.entities or not _ENTITY_ID.fullmatch(new):
                    return {"success": False, "error": {"code": "invalid_info", "message": "taken"}}
                self.entities[new] = self.entities.pop(old)
                return {"success": True, "result": {}}
            case {"type": "config_entries/update", "entry_id": entry_id, "title": title}:
                next(entry for entry in self.entries if entry["entry_id"] == entry_id)["title"] = title
                return {"success": True, "result": {}}
        return {"success": False, "error": {"code": "unknown_command", "message": "Unknown command."}}


def _serialized(field) -> dict:
    name, kind, is_required, default = field
    result = {"name": name, "required" if is_required else "optional": True}
    if isinstance(kind, str):
        result["type"] = kind
    elif isinstance(kind[0], str):
        result |= {"type": "select", "options": [[option, option.upper()] for option in kind]}
    else:
        result |= {"type": "expandable", "expanded": False, "schema": [_serialized(part) for part in kind]}
    return result if default is None else result | {"default": default}


def _refused(body: dict, fields) -> dict[str, str]:
    """What voluptuous says of an answer to a form."""
    problems = {name: "extra keys not allowed" for name in body.keys() - {field[0] for field in fields}}
    for name, kind, is_required, default in fields:
        if name not in body:
            if is_required and default is None:
                problems[name] = "required key not provided"
        elif isinstance(kind, str):
            if not isinstance(body[name], _TYPES[kind]):
                problems[name] = f"expected {kind}"
        elif isinstance(kind[0], str):
            if body[name] not in kind:
                problems[name] = "value must be one of " + ", ".join(kind)
        elif inner := _refused(body[name], kind):
            problems[name] = str(inner)
    return problems


def _problems(answers: dict) -> dict[str, str]:
    """What opening the addresses shows."""
    user, password = answers.get("username"), answers.get("password")
    found = {}
    if still := answers.get("still_image_url"):
        request = urllib.request.Request(still)
        if user:
            request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                is_picture = response.read(3) == b"\xff\xd8\xff"
        except OSError:
            is_picture = False
        if not is_picture:
            found["still_image_url"] = "unable_still_load"
    if source := answers.get("stream_source"):
        if user and password:
            quoted = f"{urllib.parse.quote(user, '')}:{urllib.parse.quote(password, '')}"
            source = source.replace("://", f"://{quoted}@", 1)
        try:
            with av.open(source, options={"rtsp_transport": answers["rtsp_transport"]}, timeout=30) as container:
                next(container.decode(video=0))
        except av.error.HTTPUnauthorizedError:
            found["stream_source"] = "stream_unauthorised"
        except av.error.FFmpegError:
            found["stream_source"] = "stream_io_error"
    return found


def serve_websocket(handler, token: str, core: Core) -> None:
    """The WebSocket that Supervisor passes on, on the connection of an HTTP handler (RFC 6455)."""
    key = handler.headers["Sec-WebSocket-Key"] + _WEBSOCKET_GUID
    head = [
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()}", "", "",
    ]  # fmt: skip
    handler.close_connection = True
    with contextlib.suppress(OSError, struct.error):
        # In one packet, as it happens.
        handler.wfile.write("\r\n".join(head).encode() + _frame({"type": "auth_required", "ha_version": VERSION}))
        if (_hear(handler) or {}) != {"type": "auth", "access_token": token}:
            return _say(handler, {"type": "auth_invalid", "message": "Invalid access"})
        _say(handler, {"type": "auth_ok", "ha_version": VERSION})
        while message := _hear(handler):
            # Events come in between.
            _say(handler, {"id": 0, "type": "event", "event": {}})
            _say(handler, {"id": message["id"], "type": "result"} | core.command(message))


def _frame(message: dict) -> bytes:
    text = json.dumps(message).encode()
    length = bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack(">H", len(text))
    return b"\x81" + length + text


def _say(handler, message: dict) -> None:
    handler.wfile.write(_frame(message))


def _hear(handler) -> dict | None:
    """The next message; None when the other side closes."""
    first, length = struct.unpack(">BB", handler.rfile.read(2))
    assert length & 0x80, "a client masks what it sends"
    length &= 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", handler.rfile.read(2))
    mask = handler.rfile.read(4)
    data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(handler.rfile.read(length)))
    return json.loads(data) if first == 0x81 else None
