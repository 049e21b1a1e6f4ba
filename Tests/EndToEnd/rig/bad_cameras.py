"""Things at a camera's address that are not a working camera."""

import contextlib
import os
import socket
import threading

from . import ports


class _Listener:
    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        # A thread blocked in accept() keeps the socket alive; shutdown wakes it.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._connections:
            connection.close()
        self._thread.join(5)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._socket.getsockname()[1]}/live"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._connections.append(connection)
            self.answer(connection)

    def answer(self, connection: socket.socket) -> None:
        raise NotImplementedError


class HungCamera(_Listener):
    """Accepts a connection and never says a word."""

    def answer(self, connection: socket.socket) -> None:
        pass


class GarbageCamera(_Listener):
    """Answers every connection with random bytes."""

    def answer(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection.sendall(os.urandom(64 * 1024))
            connection.shutdown(socket.SHUT_WR)


def refusing_url() -> str:
    """An address where nothing listens."""
    return f"rtsp://127.0.0.1:{ports.free_port()}/live"
