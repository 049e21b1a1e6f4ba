"""Debian's Mosquitto on loopback, and somebody who writes down what is published."""

import contextlib
import dataclasses
import json
import socket
import subprocess
import threading
from pathlib import Path

from . import ports, processes

USER, PASSWORD = "cameras", "the password of the broker"
_MOSQUITTO = "/usr/sbin/mosquitto"


@dataclasses.dataclass(frozen=True)
class Message:
    topic: str
    retained: bool
    payload: bytes

    @property
    def text(self) -> str:
        return self.payload.decode()

    @property
    def json(self):
        return json.loads(self.payload)


class Broker:
    """A broker with one account, which forgets everything when it ends."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path] | None = None):
        self.port = ports.free_port()
        self.settings = {"enabled": True, "host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD}
        passwords, self._configuration = folder / "mosquitto.passwords", folder / "mosquitto.conf"
        passwords.write_text(f"{USER}:{PASSWORD}\n")
        subprocess.run(["mosquitto_passwd", "-U", passwords], check=True, capture_output=True)
        tls = f"certfile {certificate[0]}\nkeyfile {certificate[1]}\n" if certificate else ""
        # As who runs the tests: else it becomes another user, who may not read the files.
        self._configuration.write_text(
            f"user root\npersistence false\nlistener {self.port} 127.0.0.1\n{tls}allow_anonymous false\n"
            f"password_file {passwords}\n"
        )

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [_MOSQUITTO, "-c", self._configuration], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        processes.wait_until(self._answers, 20, "a broker")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def publish(self, topic: str, text: str, retained: bool = False) -> None:
        keep = ["-r"] if retained else []
        subprocess.run(["mosquitto_pub", *self._account, "-t", topic, "-m", text, *keep], check=True, timeout=10)

    @property
    def _account(self) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(self.port), "-u", USER, "-P", PASSWORD]

    def listen(self) -> "Listener":
        return Listener(["mosquitto_sub", *self._account, "-t", "#", "-F", "%t\t%r\t%x"])


class Listener:
    """Everything that is published, in order, from what is retained on."""

    def __init__(self, command: list[str]):
        self.messages: list[Message] = []
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._process.stdout:
            topic, retained, payload = line.rstrip("\n").split("\t")
            self.messages.append(Message(topic, retained == "1", bytes.fromhex(payload)))

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._reader.join()

    def last(self, topic: str) -> Message | None:
        return next((message for message in reversed(self.messages) if message.topic == topic), None)

    def wait_for(self, topic: str, text: str, seconds: float = 30) -> None:
        """Until that is what was said last there."""
        processes.wait_until(lambda: (m := self.last(topic)) and m.payload == text.encode(), seconds, f"{topic} to be {text!r}")

    def entities(self) -> dict[str, dict]:
        """What Home Assistant would make of it: the descriptions of entities, by their topics."""
        topics = {message.topic for message in self.messages if message.topic.endswith("/config")}
        return {topic: self.last(topic).json for topic in topics if self.last(topic).payload}
