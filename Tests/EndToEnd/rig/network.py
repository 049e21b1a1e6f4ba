"""A network that holds things back, between a program and a server on this machine."""

import socket
import threading
import time

from rig import ports

CHUNK = 64 << 10


class JitteryNetwork:
    """Passes TCP connections on; what the server sends is held back for `delay` seconds once in `period` seconds."""

    def __init__(self, port: int, delay: float, period: float = 1.0):
        self._server = port
        self._delay, self._period = delay, period
        self.port = ports.free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            for connection in (client, server):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass_on, args=(client, server, 0.0), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, self._delay), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, delay: float) -> None:
        held_at = time.monotonic()
        try:
            while data := source.recv(CHUNK):
                if delay and time.monotonic() - held_at >= self._period:
                    held_at = time.monotonic()
                    time.sleep(delay)
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                end.close()
