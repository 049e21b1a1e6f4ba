"""The built-in engine by itself, on free ports, with a MediaMTX configuration file."""

import signal
import subprocess

import requests

from . import ports, processes
from .server import binary

# Who may publish on the paths of the configuration, as a part of its URL.
WRITER = "encoder:write-here@"

CONFIG = """
logLevel: info
logDestinations: [stdout]
authMethod: internal
authInternalUsers:
- user: any
  pass: ''
  ips: []
  permissions: [{{action: read, path: open}}, {{action: read, path: nested/place}}]
- user: any
  pass: ''
  ips: ['127.0.0.1', '::1']
  permissions: [{{action: api}}]
- user: encoder
  pass: write-here
  ips: ['127.0.0.1', '::1']
  permissions:
  - {{action: publish, path: open}}
  - {{action: publish, path: closed}}
  - {{action: publish, path: nested/place}}
- user: elsewhere
  pass: not-from-here
  ips: ['192.0.2.1']
  permissions: [{{action: publish, path: open}}]
- user: watcher
  pass: read-here
  ips: []
  permissions: [{{action: read, path: closed}}, {{action: playback, path: closed}}]
api: true
apiAddress: 127.0.0.1:{api}
rtsp: true
rtspTransports: [udp, tcp]
rtspAddress: 127.0.0.1:{rtsp}
rtpAddress: 127.0.0.1:{rtp}
rtcpAddress: 127.0.0.1:{rtcp}
hls: true
hlsAddress: 127.0.0.1:{hls}
hlsAllowOrigins: ['*']
hlsVariant: {variant}
rtmp: false
srt: false
webrtc: false
thisKeyIsUnknown: 1
paths:
  open: {{}}
  closed: {{}}
  nested/place: {{}}
"""


class Engine:
    def __init__(self, folder, variant):
        rtp = ports.free_port()
        self.ports = {name: ports.free_port() for name in ("api", "rtsp", "hls")} | {"rtp": rtp, "rtcp": rtp + 1}
        self.config = folder / "engine.yml"
        self.config.write_text(CONFIG.format(**self.ports, variant=variant))
        self.log_path = folder / "engine.log"

    def __enter__(self):
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen([binary(), "engine", self.config], stdout=log, stderr=log)
        processes.wait_until(self._answers, 15, f"an answering engine:\n{self.log_path.read_text()}")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log_path.read_text()
        try:
            return requests.get(f"http://127.0.0.1:{self.ports['api']}/v3/info", timeout=2).ok
        except requests.ConnectionError:
            return False

    def rtsp(self, path: str, userinfo: str = "") -> str:
        return f"rtsp://{userinfo}127.0.0.1:{self.ports['rtsp']}/{path}"

    def hls(self, path: str) -> str:
        return f"http://127.0.0.1:{self.ports['hls']}/{path}/index.m3u8"

    def api(self, path: str, method: str = "GET", body=None) -> requests.Response:
        return requests.request(method, f"http://127.0.0.1:{self.ports['api']}/v3/{path}", json=body, timeout=10)

    def wait_for_publisher(self, path: str):
        def ready():
            return next(
                (item for item in self.api("paths/list").json()["items"] if item["name"] == path and item["ready"]),
                None,
            )

        return processes.wait_until(ready, 10, f"a publisher on {path}")
