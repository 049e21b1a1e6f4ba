"""What a program tells line by line, as it comes."""

import subprocess
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Told(Generic[Item]):
    """The lines of a program as `read` takes them, until the `with` block ends; a line of which it makes None is left out."""

    def __init__(self, command: list[str], read: Callable[[str], Item | None], given: str = "", begins_with: str = ""):
        """`given` is its standard input; `begins_with` the line that says that it is ready, which is waited for."""
        self._command, self._read, self._given, self._begins_with = command, read, given, begins_with
        self._changed = threading.Condition()
        self._items: list[Item] = []

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdin.write(self._given)
        self._process.stdin.close()
        if self._begins_with:
            assert self._process.stdout.readline() == self._begins_with + "\n"
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._thread.join(5)
        self._process.stdout.close()

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def items(self) -> list[Item]:
        with self._changed:
            return list(self._items)

    def wait_for(self, wanted: Callable[[Item], bool], timeout: float, what: str) -> Item:
        """Waits for an item of which `wanted` is true, and returns the first one."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = next((item for item in self._items if wanted(item)), None)
                if found:
                    return found
                remaining = deadline - time.monotonic()
                assert remaining > 0, f"{timeout:g} s passed without {what}; told was {self._items[-8:]}"
                self._changed.wait(remaining)

    def _follow(self) -> None:
        for line in self._process.stdout:
            item = self._read(line)
            if item is not None:
                with self._changed:
                    self._items.append(item)
                    self._changed.notify_all()
