"""Many HLS readers in one process that throw away what they get; never counted as ours or a peer's.

Started as a program: `hls_sink.py URLS COUNT`, where URLS has spaces between and each reader takes the next. Prints one line when all have a first segment, and when its standard input
ends the bytes of all. Each reader keeps one connection, asks for the playlist every second and for each new segment once.
"""

import re
import sys
import threading
import time

import requests


class HLSReader:
    """One reader of one address, which begins with the newest segment."""

    def __init__(self, url: str):
        self._session = requests.Session()
        self._playlist = url
        self._seen: set[str] = set()
        self.received = 0
        self.segments = 0

    def read(self) -> None:
        """Asks for the playlist, and for what is new in it."""
        response = self._get(self._playlist)
        lines = response.text.splitlines()
        if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
            variant = next(line for line in lines if line and not line.startswith("#"))
            self._playlist = requests.compat.urljoin(response.url, variant)
            return self.read()
        addresses = [line for line in lines if line and not line.startswith("#")]
        addresses += [found for line in lines for found in re.findall(r'#EXT-X-(?:MAP|PART):.*URI="([^"]+)"', line)]
        fresh = [address for address in addresses if address not in self._seen]
        if not self._seen:
            # What came before is somebody else's past.
            self._seen.update(addresses)
            fresh = addresses[-1:]
        for address in fresh:
            self._seen.add(address)
            self.received += len(self._get(requests.compat.urljoin(response.url, address)).content)
            self.segments += 1
        return None

    def close(self) -> None:
        self._session.close()

    def _get(self, url: str) -> requests.Response:
        response = self._session.get(url, timeout=10)
        response.raise_for_status()
        return response


def main() -> None:
    urls, count = sys.argv[1].split(), int(sys.argv[2])
    readers = [HLSReader(urls[number % len(urls)]) for number in range(count)]
    stopped = threading.Event()
    failures: list[str] = []

    def follow(reader: HLSReader) -> None:
        while not stopped.is_set():
            try:
                reader.read()
            except requests.RequestException as error:
                failures.append(str(error))
                return
            stopped.wait(1)

    threads = [threading.Thread(target=follow, args=(reader,), daemon=True) for reader in readers]
    for number, thread in enumerate(threads):
        thread.start()
        # Spread over the second in which each asks again.
        time.sleep(min(0.01, 1 / (number + 1)))
    while not failures and any(reader.segments == 0 for reader in readers):
        time.sleep(0.05)
    if not failures:
        print(f"{count} readers play", flush=True)
        sys.stdin.read()
    stopped.set()
    if failures:
        sys.exit(failures[0])
    print(sum(reader.received for reader in readers), flush=True)


if __name__ == "__main__":
    main()
