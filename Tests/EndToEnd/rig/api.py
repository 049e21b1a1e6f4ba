"""A client of the server's HTTP API, with the few sequences that most tests begin with."""

import dataclasses

import requests
import urllib3

from . import processes

urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


class API:
    def __init__(self, base: str):
        self.base = base
        self._session = requests.Session()
        # Tests use self-signed certificates; the environment's bundle would take precedence.
        self._session.verify = False
        self._session.trust_env = False

    def request(self, method: str, path: str, body=None, timeout: float = 30, **options) -> requests.Response:
        return self._session.request(method, f"{self.base}/{path.lstrip('/')}", json=body, timeout=timeout, **options)

    def sign_in(self, password: str, name: str = "admin") -> None:
        """Signs in; the cookie goes with every later request."""
        self.post("api/session", {"name": name, "password": password})

    def _ok(self, response: requests.Response):
        request = response.request
        assert response.status_code == 200, f"{request.method} {request.url}: {response.status_code} {response.text}"
        return response.json()

    def get(self, path: str):
        return self._ok(self.request("GET", path))

    def post(self, path: str, body=None, timeout: float = 30):
        return self._ok(self.request("POST", path, body, timeout))

    def put(self, path: str, body):
        return self._ok(self.request("PUT", path, body))

    def patch(self, path: str, body):
        return self._ok(self.request("PATCH", path, body))

    def delete(self, path: str):
        return self._ok(self.request("DELETE", path))

    def add_stream(self, camera_url: str, path: str = "front", **options) -> "Stream":
        """A camera, a transmission with an RTSP and an HLS output of equal encoding, and the pipeline between."""
        camera_fields = options.pop("camera", {})
        preset = {"preset_id": options.pop("preset", "simple_stream")}
        if "parameters" in options:
            preset["optional_parameters"] = options.pop("parameters")
        encoding = {"resolution": {"width": 640, "height": 360}, "fps_limit": 25, "bitrate_kbps": 1000}
        encoding |= options.pop("encoding", {})
        camera = self.post("api/cameras", {"name": f"Camera {path}", "url": camera_url} | camera_fields)
        transmission = self.post(
            "api/streams/transmissions",
            {
                "name": f"Stream {path}",
                "path": path,
                "outputs": [{"protocol": "rtsp"} | encoding, {"protocol": "hls"} | encoding],
            }
            | options,
        )
        self.post(
            "api/streams/wizard/create-pipeline",
            {"transmission_id": transmission["id"], "camera_id": camera["id"]} | preset,
        )
        return Stream(self, camera["id"], transmission["id"], transmission["path"])


@dataclasses.dataclass
class Stream:
    """A transmission on the engine. Asking for its addresses here primes nothing, as the `urls` endpoint does."""

    api: API
    camera_id: str
    transmission_id: str
    path: str

    @property
    def rtsp_url(self) -> str:
        return f"rtsp://127.0.0.1:{self._port('rtsp')}/{self.path}"

    @property
    def hls_url(self) -> str:
        return f"http://127.0.0.1:{self._port('hls')}/{self.path}/index.m3u8"

    def rtsp_url_with(self, username: str, password: str) -> str:
        return self.rtsp_url.replace("://", f"://{username}:{password}@", 1)

    def hls_url_with(self, username: str, password: str) -> str:
        return self.hls_url.replace("://", f"://{username}:{password}@", 1)

    def _port(self, protocol: str) -> int:
        return self.api.get("api/streams/engine/status")["ports"][protocol]

    def outputs(self) -> list[dict]:
        return [
            output
            for output in self.api.get("api/streams/runtime/outputs")["outputs"]
            if output["transmission_id"] == self.transmission_id
        ]

    def modes(self) -> set[tuple[str, str]]:
        return {(output["mode"], output["mode_reason"]) for output in self.outputs()}

    def wait_for_mode(self, mode: str, reason: str, timeout: float = 10) -> None:
        """Waits until all outputs are in `mode`, for a reason that contains `reason`."""

        def reached():
            found = self.modes()
            return found and all(seen == mode and reason in (why or "") for seen, why in found)

        what = f"mode {mode} because of {reason!r}; first {self.modes()}"
        processes.wait_until(reached, timeout, what)

    def viewers(self) -> int:
        return max((output["viewer_count"] for output in self.outputs()), default=0)

    def publishing(self) -> bool:
        return any(output["publisher_running"] for output in self.outputs())
