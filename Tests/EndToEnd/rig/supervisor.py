"""A stand-in for Home Assistant's Supervisor: the answers that an add-on asks it for."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .home_assistant_core import Core, serve_websocket


class Supervisor:
    """Answers like Supervisor to whoever has the token; `asked` holds the requests with their status.

    Without a `core` the add-on may not use Home Assistant's API.
    """

    TOKEN = "supervisor-token-5d7a"

    def __init__(
        self, addresses: list[str], network: dict[str, int | None], users: dict[str, str] | None = None,
        core: Core | None = None, mqtt: dict | None = None,
    ):  # fmt: skip
        answers = {
            "/network/interface/default/info": {
                "interface": "end0", "primary": True,
                "ipv4": {"method": "auto", "address": [f"{address}/24" for address in addresses]},
                "ipv6": {"method": "auto", "address": ["fe80::1/64"]},
            },
            "/services/mqtt": mqtt,
            "/addons/self/info": {"slug": "toposync_streaming", "hostname": "127.0.0.1", "network": network},
        }  # fmt: skip
        self.asked: list[tuple[str, int]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/core/") and core and core.cameras and core.cameras.is_away:
                    self._reply(502, "502: Bad Gateway")
                elif self.path.startswith(("/core/api/hls/", "/core/api/camera_proxy")) and core and self._is_known():
                    asked.append((self.path, core.cameras.serve(self)))
                elif self.path == "/core/websocket" and core:
                    serve_websocket(self, Supervisor.TOKEN, core)
                elif self.path.startswith("/core/"):
                    self._pass_on(b"")
                else:
                    self._answer(answers.get(self.path))

            def do_DELETE(self):
                self._pass_on(b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path.startswith("/core/"):
                    self._pass_on(body)
                    return
                if self.path != "/auth":
                    self._answer(None)
                    return
                # What comes as `Authorization` is taken for Basic credentials of the user.
                is_json = self.headers.get("Content-Type") == "application/json" and "Authorization" not in self.headers
                given = json.loads(body) if is_json else {}
                is_right = (users or {}).get(given.get("username")) == given.get("password", "")
                self._answer({}, 200 if is_right else 401)

            def _is_known(self) -> bool:
                token = self.headers.get("X-Supervisor-Token") or self.headers.get("Authorization", "").split(" ")[-1]
                return token == Supervisor.TOKEN

            def _pass_on(self, body: bytes):
                """To Core, as Supervisor does."""
                if core is None or not self._is_known():
                    self._reply(401, "401: Unauthorized")
                else:
                    self._reply(*core.answer(self.command, self.path, json.loads(body or b"null")))

            def _answer(self, answer: dict | None, status: int = 200):
                status = 403 if not self._is_known() else 404 if answer is None else status
                self._reply(status, {"result": "ok" if status == 200 else "error", "data": answer or {}})

            def _reply(self, status: int, answer):
                asked.append((self.path, status))
                body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.environment = {
            "SUPERVISOR_TOKEN": self.TOKEN,
            "TOPOSYNC_STREAMING_SUPERVISOR_URL": f"http://127.0.0.1:{self._server.server_port}",
        }

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._server.shutdown()
        self._server.server_close()
