"""A stand-in for Home Assistant's Supervisor: the answers that an add-on asks it for."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Supervisor:
    """Answers like Supervisor to whoever has the token; `asked` holds the requests with their status."""

    TOKEN = "supervisor-token-5d7a"

    def __init__(
        self, addresses: list[str], network: dict[str, int | None], users: dict[str, str] | None = None
    ):
        answers = {
            "/network/interface/default/info": {
                "interface": "end0", "primary": True,
                "ipv4": {"method": "auto", "address": [f"{address}/24" for address in addresses]},
                "ipv6": {"method": "auto", "address": ["fe80::1/64"]},
            },
            "/addons/self/info": {"slug": "toposync_streaming", "network": network},
        }  # fmt: skip
        self.asked: list[tuple[str, int]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self._answer(answers.get(self.path))

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path != "/auth":
                    self._answer(None)
                    return
                # What comes as `Authorization` is taken for Basic credentials of the user.
                is_json = self.headers.get("Content-Type") == "application/json" and "Authorization" not in self.headers
                given = json.loads(body) if is_json else {}
                is_right = (users or {}).get(given.get("username")) == given.get("password", "")
                self._answer({}, 200 if is_right else 401)

            def _answer(self, answer: dict | None, status: int = 200):
                token = self.headers.get("X-Supervisor-Token") or self.headers.get("Authorization", "").split(" ")[-1]
                status = 403 if token != Supervisor.TOKEN else 404 if answer is None else status
                asked.append((self.path, status))
                body = json.dumps({"result": "ok" if status == 200 else "error", "data": answer or {}}).encode()
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
