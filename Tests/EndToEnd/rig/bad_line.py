"""A relay between a viewer of WebRTC, or a program that sends by SRT, and the engine's UDP port.

It loses and delays packets, and changes its address.
"""

import heapq
import random
import selectors
import socket
import threading
import time


class BadLine:
    """For one viewer. The engine sees the relay's address as the viewer's, as with a router."""

    def __init__(self):
        # Of 1, and seconds at most; each packet has its own.
        self.loss = 0.0
        self.jitter = 0.0
        self.lost = 0
        self._dice = random.Random(1)
        self._engine: tuple[str, int] | None = None
        self._viewer: tuple[str, int] | None = None
        self._waiting: list[tuple[float, int, bytes, bool]] = []
        self._count = 0
        self._inside, self._outside = _bound(), _bound()
        self._next_outside: socket.socket | None = None
        self._ends = False

    def __enter__(self) -> "BadLine":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._ends = True
        self._thread.join(5)
        for one in (self._inside, self._outside):
            one.close()

    def answer(self, sdp: str) -> str:
        """An engine's answer that names the relay instead of its UDP port, and nothing else."""
        lines = []
        for line in sdp.splitlines():
            if not line.startswith("a=candidate:"):
                lines.append(line)
                continue
            parts = line.split(" ")
            if parts[2].lower() == "udp" and parts[4] == "127.0.0.1":
                self._engine = (parts[4], int(parts[5]))
                parts[5] = str(self._inside.getsockname()[1])
                lines.append(" ".join(parts))
        assert self._engine, sdp
        return "".join(f"{line}\r\n" for line in lines)

    def relay(self, port: int) -> int:
        """The port at which the engine's port of that number is reached by the relay."""
        self._engine = ("127.0.0.1", port)
        return self._inside.getsockname()[1]

    def change_address(self) -> None:
        """From now on the engine hears the viewer from another port, and reaches it by the former one no more."""
        self._next_outside = _bound()

    def _run(self) -> None:
        while not self._ends:
            if self._next_outside:
                self._outside.close()
                self._outside, self._next_outside = self._next_outside, None
            with selectors.DefaultSelector() as selector:
                for one in (self._inside, self._outside):
                    selector.register(one, selectors.EVENT_READ)
                due = self._waiting[0][0] - time.monotonic() if self._waiting else 0.05
                ready = [key.fileobj for key, _ in selector.select(max(0.0, min(due, 0.05)))]
            for one in ready:
                self._take(one)
            while self._waiting and self._waiting[0][0] <= time.monotonic():
                _, _, data, to_engine = heapq.heappop(self._waiting)
                target = self._engine if to_engine else self._viewer
                if target:
                    (self._outside if to_engine else self._inside).sendto(data, target)

    def _take(self, one: socket.socket) -> None:
        while True:
            try:
                data, source = one.recvfrom(4096)
            except BlockingIOError:
                return
            if one is self._inside:
                self._viewer = source
            if self._dice.random() < self.loss:
                self.lost += 1
                continue
            self._count += 1
            due = time.monotonic() + self._dice.random() * self.jitter
            heapq.heappush(self._waiting, (due, self._count, data, one is self._inside))


def _bound() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    one.setblocking(False)
    return one
