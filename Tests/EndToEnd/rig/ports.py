"""Free ports on loopback."""

import os
import random
import socket

# Below Linux's ephemeral range (32768 up), so that no outgoing connection takes a port between here and its listener. Of tests that
# run at the same time each has a part of it.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_COUNT = 13000 // _WORKERS // 2 * 2
_FIRST = 18000 + _WORKER * _COUNT
_LAST = _FIRST + _COUNT
_random = random.SystemRandom()
_given: set[int] = set()


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """An even port, free with its successor, that no earlier call gave."""
    while True:
        port = _random.randrange(_FIRST, _LAST, 2)
        if port not in _given and _is_free(port) and _is_free(port + 1):
            _given.add(port)
            return port
