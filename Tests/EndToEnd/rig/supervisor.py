"""A stand-in for Home Assistant's Supervisor: the answers that an add-on asks it for."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Supervisor:
    """Answers like Supervisor to whoever has the token; `asked` holds the requests with their status."""

    TOKEN = "supervisor-token-5d7a"

    def __init__(self, addresses: list[str], network: dict[str, int | None]):
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
                answer = answers.get(self.path)
                is_known = self.headers.get("Authorization") == f"Bearer {Supervisor.TOKEN}"
                status = 403 if not is_known else 404 if answer is None else 200
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
