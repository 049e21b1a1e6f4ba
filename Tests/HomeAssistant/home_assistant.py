"""A real Home Assistant Core without Supervisor, in a folder of its own, and its APIs as a browser uses them."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import requests
from rig import ports, processes

USER, PASSWORD = "eve", "correct horse"
_HASS = str(Path(sys.executable).with_name("hass"))
_CONFIGURATION = """
http:
  server_host: 127.0.0.1
  server_port: {port}
api:
config:
websocket_api:
stream:
ffmpeg:
camera:
"""


class HomeAssistant:
    def __init__(self, url: str):
        self.url = url
        self._session = requests.Session()
        self.token = ""

    def request(self, method: str, path: str, **options) -> dict:
        response = self._session.request(method, f"{self.url}/{path}", timeout=60, **options)
        assert response.ok, f"{path}: {response.status_code} {response.text}"
        return response.json()

    def answers(self) -> bool:
        try:
            return self._session.get(self.url, timeout=10).ok
        except requests.ConnectionError:
            return False

    def sign_in(self) -> None:
        client = {"client_id": f"{self.url}/"}
        begin = client | {"handler": ["homeassistant", None], "redirect_uri": f"{self.url}/"}
        flow = self.request("POST", "auth/login_flow", json=begin)
        answer = client | {"username": USER, "password": PASSWORD}
        code = self.request("POST", f"auth/login_flow/{flow['flow_id']}", json=answer)["result"]
        grant = client | {"grant_type": "authorization_code", "code": code}
        self.token = self.request("POST", "auth/token", data=grant)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {self.token}"

    def add_generic_camera(self, answers: dict) -> str:
        """Goes through the config flow of a camera, filling in its forms by field name.

        Returns the entity that it made.
        """
        path = "api/config/config_entries/flow"
        known = self._cameras()
        step = self.request("POST", path, json={"handler": "generic"})
        while step["type"] == "form":
            assert not step["errors"], step
            names = {field["name"] for field in step["data_schema"]}
            step = self.request(
                "POST", f"{path}/{step['flow_id']}", json={name: answers[name] for name in names & answers.keys()}
            )
        assert step["type"] == "create_entry", step
        return processes.wait_until(lambda: self._cameras() - known, 20, "the camera's entity").pop()

    def add_mqtt(self, settings: dict) -> None:
        """Connects its integration "MQTT" with a broker."""
        path = "api/config/config_entries/flow"
        step = self.request("POST", path, json={"handler": "mqtt"})
        step = self.request("POST", f"{path}/{step['flow_id']}", json=settings)
        assert step["type"] == "create_entry", step

    def states(self) -> dict[str, dict]:
        """Of all entities, by their ids."""
        return {state["entity_id"]: state for state in self.request("GET", "api/states")}

    def picture(self, entity: str) -> bytes:
        """What an image entity shows."""
        response = self._session.get(f"{self.url}/api/image_proxy/{entity}", timeout=60)
        assert response.ok, response.text
        return response.content

    def _cameras(self) -> set[str]:
        states = self.request("GET", "api/states")
        return {state["entity_id"] for state in states if state["entity_id"].startswith("camera.")}

    def stream_url(self, entity: str) -> str:
        """What a dashboard plays: HLS of Home Assistant's own."""
        return self.url + asyncio.run(self._ask({"type": "camera/stream", "entity_id": entity}))["url"]

    async def _ask(self, message: dict) -> dict:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{self.url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self.token})
            await socket.receive_json()
            await socket.send_json({"id": 1} | message)
            answer = await socket.receive_json()
            assert answer["success"], answer
            return answer["result"]

    def name(self, entity: str) -> str | None:
        """How dashboards call it; None while it is not loaded."""
        response = self._session.get(f"{self.url}/api/states/{entity}", timeout=60)
        return response.json()["attributes"].get("friendly_name") if response.ok else None

    def still(self, entity: str) -> bytes:
        response = self._session.get(f"{self.url}/api/camera_proxy/{entity}", timeout=60)
        assert response.ok, response.text
        return response.content


@contextlib.contextmanager
def home_assistant(folder: Path) -> Iterator[HomeAssistant]:
    port = ports.free_port()
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=port))
    subprocess.run(
        [_HASS, "--script", "auth", "-c", folder, "add", USER, PASSWORD], check=True, capture_output=True, timeout=60
    )
    log = folder / "hass.out"
    with log.open("w") as out:
        process = subprocess.Popen([_HASS, "-c", folder, "--skip-pip"], stdout=out, stderr=subprocess.STDOUT)
    running = HomeAssistant(f"http://127.0.0.1:{port}")
    try:
        processes.wait_until(lambda: process.poll() is not None or running.answers(), 90, "Home Assistant")
        assert process.poll() is None, log.read_text()
        running.sign_in()
        yield running
    finally:
        process.terminate()
        process.wait(60)
