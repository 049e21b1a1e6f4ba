"""P12: requests that list or change settings, with 20, 200 and 990 transmissions: their cost grows no faster than those.

The growth is the exponent between 200 and 990: 1 is linear, 2 quadratic.
"""

import math
import statistics
import time
from collections.abc import Callable

from bench import server
from experiment import Experiment, at_most

COUNTS = (20, 200, 990)


def requests_of(api, numbers: list[dict]) -> dict[str, Callable[[int], object]]:
    """What the pages and other programs ask, each taking a number that makes it a change."""
    one = numbers[len(numbers) // 2]

    def replace(number: int) -> None:
        api.put(f"api/streams/transmissions/{one['id']}", one | {"name": f"Name {number}"})

    def add_and_delete(number: int) -> None:
        draft = {"name": f"New {number}", "path": f"new-{number}", "outputs": [{"protocol": "hls"}]}
        made = api.post("api/streams/transmissions", draft)
        api.delete(f"api/streams/transmissions/{made['id']}")

    return {
        "GET transmissions": lambda _: api.get("api/streams/transmissions"),
        "GET settings": lambda _: api.get("api/streams/settings"),
        "GET runtime/outputs": lambda _: api.get("api/streams/runtime/outputs"),
        "GET urls of one": lambda _: api.get(f"api/streams/transmissions/{one['id']}/urls"),
        "PATCH an engine setting": lambda number: api.patch(
            "api/streams/settings", {"engine": {"webrtc_additional_hosts": [f"host-{number}.example"]}}
        ),
        "PATCH all transmissions": lambda number: api.patch(
            "api/streams/settings",
            {"transmissions": [item | {"name": f"{item['path']} {number}"} for item in numbers]},
        ),
        "PUT one transmission": replace,
        "POST and DELETE one": add_and_delete,
    }


def measure(count: int, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each request with so many transmissions."""
    with server() as running:
        running.start_engine()
        drafts = [
            {"name": f"Number {number}", "path": f"number-{number}",
             "outputs": [{"id": kind, "protocol": kind} for kind in ("hls", "rtsp")]}
            for number in range(count)
        ]  # fmt: skip
        for draft in drafts:
            running.api.post("api/streams/transmissions", draft, timeout=60)
        taken: dict[str, list[float]] = {}
        stored = running.api.get("api/streams/settings")["transmissions"]
        for name, request in requests_of(running.api, stored).items():
            for number in range(repeats + 1):
                began = time.monotonic()
                request(number)
                # The first is the warm-up.
                if number:
                    taken.setdefault(name, []).append(1000 * (time.monotonic() - began))
        return taken


def main() -> None:
    with Experiment("p12", "requests as transmissions grow", pairs=7, short_pairs=2) as experiment:
        counts = COUNTS[:2] if experiment.short else COUNTS
        seen = {}
        for count in counts:
            experiment.progress(f"{count} transmissions")
            seen[count] = measure(count, experiment.pairs)
        experiment.progress("")
        small, large = counts[-2:]
        for name in seen[large]:
            for count in counts:
                experiment.figure(f"{name}, {count}", "ms", seen[count][name])
            before, after = (statistics.median(seen[count][name]) for count in (small, large))
            growth = math.log(after / before) / math.log(large / small)
            experiment.figure(f"{name}: growth from {small} to {large}", "", [growth], at_most(1.15))


if __name__ == "__main__":
    main()
