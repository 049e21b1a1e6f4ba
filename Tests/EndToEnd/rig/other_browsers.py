"""WebKitGTK and Firefox of Debian, driven by what they bring along: WebDriver by HTTP, and Marionette, which has the same
commands by TCP."""

import base64
import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import requests
from PIL import Image

from . import counter, ports, processes

_MINI_BROWSERS = list(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
MISSING = {
    "webkit": None if shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and _MINI_BROWSERS
    else "webkit2gtk-driver and xvfb are not installed",
    "firefox": None if shutil.which("firefox-esr") else "firefox-esr is not installed",
}  # fmt: skip

# Otherwise the tools of its own window are wider than a phone.
_NARROW_GTK = "* { min-width: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px; -gtk-icon-transform: scale(0.1); }"
_NARROW_FIREFOX = ":root { min-width: 0 !important; }"
_FIREFOX_PREFERENCES = {
    "marionette.port": 0, "toolkit.legacyUserProfileCustomizations.stylesheets": True, "intl.accept_languages": "en-GB",
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True, "remote.prefs.recommended": True,
}  # fmt: skip


class Browser:
    """One window. Elements are named by their `data-testid`."""

    # Of the window, beside and above the page.
    _edges = (0, 0)

    def _command(self, method: str, path: str, name: str, parameters: dict):
        raise NotImplementedError

    def open(self, url: str):
        self._command("POST", "/url", "WebDriver:Navigate", {"url": url})

    def evaluate(self, script: str, *arguments):
        return self._command(
            "POST", "/execute/sync", "WebDriver:ExecuteScript", {"script": script, "args": list(arguments)}
        )

    def _element(self, test_id: str) -> str:
        query = {"using": "css selector", "value": f"[data-testid={test_id}]"}
        return next(iter(self._command("POST", "/element", "WebDriver:FindElement", query).values()))

    def _shows(self, test_id: str) -> bool:
        return self.evaluate(
            "const found = document.querySelector(`[data-testid=${arguments[0]}]`);"
            " return Boolean(found && found.getClientRects().length && !found.disabled);", test_id,
        )  # fmt: skip

    def wait_for(self, test_id: str, timeout: float = 20):
        processes.wait_until(lambda: self._shows(test_id), timeout, f"{test_id} on the page: {self.text()[:500]!r}")

    def click(self, test_id: str, timeout: float = 20):
        self.wait_for(test_id, timeout)
        element = self._element(test_id)
        self._command("POST", f"/element/{element}/click", "WebDriver:ElementClick", {"id": element})

    def fill(self, test_id: str, text: str):
        element = self._element(test_id)
        self._command("POST", f"/element/{element}/value", "WebDriver:ElementSendKeys", {"id": element, "text": text})

    def text(self) -> str:
        return self.evaluate("return document.body.innerText")

    def screenshot(self) -> Image.Image:
        """What the window shows of the page."""
        data = self._command("GET", "/screenshot", "WebDriver:TakeScreenshot", {"full": False})
        return Image.open(io.BytesIO(base64.b64decode(data["value"] if isinstance(data, dict) else data)))

    def resize(self, width: int, height: int):
        """Gives the page this size; the window has its own edges around it, which the first time tells."""
        for _ in range(2):
            size = {"width": width + self._edges[0], "height": height + self._edges[1]}
            self._command("POST", "/window/rect", "WebDriver:SetWindowRect", size)
            with contextlib.suppress(AssertionError):
                # The page has the size of its window a little later.
                processes.wait_until(lambda: self._page_size() == [width, height], 2, "the size")
                return
            inner = self._page_size()
            self._edges = (size["width"] - inner[0], size["height"] - inner[1])
        raise AssertionError(f"the page has {inner} in place of {width}x{height}")

    def _page_size(self) -> list[int]:
        return self.evaluate("return [innerWidth, innerHeight]")

    def counters_on_screen(self, test_id: str) -> list[int | None]:
        """The frame counters that can be read off the screen in the places of elements."""
        boxes = self.evaluate(
            "return [...document.querySelectorAll(`[data-testid=${arguments[0]}]`)].map(element =>"
            " { const box = element.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; });",
            test_id,
        )  # fmt: skip
        picture = self.screenshot().convert("L")
        return [counter.read(np.asarray(picture.crop([round(edge) for edge in box]))) for box in boxes]


class WebKit(Browser):
    def __init__(self, address: str):
        self._http = requests.Session()
        self._address = address
        options = {"binary": str(_MINI_BROWSERS[0]), "args": ["--automation"]}
        answer = self._command("POST", "/session", "", {"capabilities": {
            "alwaysMatch": {"webkitgtk:browserOptions": options}}})  # fmt: skip
        self._address += f"/session/{answer['sessionId']}"

    def _command(self, method: str, path: str, name: str, parameters: dict):
        body = None if method == "GET" else parameters
        value = self._http.request(method, self._address + path, json=body, timeout=60).json()["value"]
        assert not (isinstance(value, dict) and "error" in value), f"{path}: {value}"
        return value

    def close(self):
        self._http.delete(self._address, timeout=30)


class Firefox(Browser):
    """Each message is its length, a colon and JSON: `[0, id, name, parameters]`, answered by `[1, id, error, value]`."""

    def __init__(self, port: int):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._input = self._socket.makefile("rb")
        self._count = 0
        self._hear()
        self._command("", "", "WebDriver:NewSession", {})

    def _hear(self):
        length = b""
        while (byte := self._input.read(1)) not in (b":", b""):
            length += byte
        return json.loads(self._input.read(int(length)))

    def _command(self, method: str, path: str, name: str, parameters: dict):
        self._count += 1
        message = json.dumps([0, self._count, name, parameters])
        self._socket.sendall(f"{len(message)}:{message}".encode())
        _, _, error, value = self._hear()
        assert error is None, f"{name}: {error}"
        return value["value"] if isinstance(value, dict) and set(value) == {"value"} else value

    def close(self):
        with contextlib.suppress(OSError):
            self._socket.close()


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Browser]:
    with {"webkit": _webkit, "firefox": _firefox}[name](folder) as browser:
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def _process(arguments: list[str], environment: dict[str, str], **options) -> Iterator[subprocess.Popen]:
    """In a group of its own, so that nothing it starts is left over."""
    process = subprocess.Popen(
        arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, **options,
    )  # fmt: skip
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        process.wait()


@contextlib.contextmanager
def _webkit(folder: Path) -> Iterator[WebKit]:
    (folder / "gtk-3.0").mkdir(parents=True)
    (folder / "gtk-3.0" / "gtk.css").write_text(_NARROW_GTK)
    reading, writing = os.pipe()
    screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    with _process(screen, dict(os.environ), pass_fds=[writing]):
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        port = ports.free_port()
        environment = os.environ | {
            "DISPLAY": f":{display}", "GDK_BACKEND": "x11", "XDG_CONFIG_HOME": str(folder), "LANG": "en_GB.UTF-8",
            "HOME": str(folder), "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1",
        }  # fmt: skip
        with _process(["WebKitWebDriver", f"--port={port}"], environment):
            address = f"http://127.0.0.1:{port}"
            processes.wait_until(lambda: _answers(f"{address}/status"), 20, "WebKit's driver")
            yield WebKit(address)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False


@contextlib.contextmanager
def _firefox(folder: Path) -> Iterator[Firefox]:
    profile = folder / "profile"
    (profile / "chrome").mkdir(parents=True)
    (profile / "chrome" / "userChrome.css").write_text(_NARROW_FIREFOX)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _FIREFOX_PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines))
    command = ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", str(profile)]
    with _process(command, os.environ | {"HOME": str(folder)}):
        told = profile / "MarionetteActivePort"
        processes.wait_until(lambda: told.exists() and told.read_text().strip(), 60, "Firefox")
        yield Firefox(int(told.read_text()))
