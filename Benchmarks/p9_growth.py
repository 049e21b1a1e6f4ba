"""P9: CPU and memory as renditions and viewers grow; the cost of each further one must not grow with their number."""

import contextlib
import time

from bench import camera, cpu_percent, resident_megabytes, server
from experiment import Experiment, at_most, columns
from sink_process import readers

SETTLE = 6
RENDITIONS = (1, 2, 4, 8)
VIEWERS = (1, 25, 50, 100)
SMALL = {"resolution": {"width": 640, "height": 360}, "fps_limit": 12}


def measured(running, window: float) -> tuple[float, float]:
    time.sleep(SETTLE)
    return cpu_percent(running.living, window), resident_megabytes(running.living())


def with_renditions(camera_url: str, count: int, window: float) -> tuple[float, float]:
    with server() as running:
        running.start_engine()
        # Encodings that differ in nothing but the bitrate cost the same.
        outputs = [{"id": f"o{n}", "protocol": "rtsp", "bitrate_kbps": 500 + n} | SMALL for n in range(count)]
        stream = running.api.add_stream(camera_url, outputs=outputs)
        urls = running.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls")["outputs"]
        with contextlib.ExitStack() as stack:
            for output in urls:
                stack.enter_context(readers(output["url"], 1))
            return measured(running, window)


def with_viewers(camera_url: str, count: int, window: float) -> tuple[float, float]:
    with server() as running:
        running.start_engine()
        stream = running.api.add_stream(camera_url, encoding=SMALL | {"bitrate_kbps": 500})
        with readers(stream.rtsp_url, count):
            return measured(running, window)


def report(experiment: Experiment, what: str, rows: list[tuple[int, float, float]]) -> None:
    """The table, and what a further one costs at the end against what it costs at the beginning."""
    table = [(what, "CPU %", "each more", "MB", "each more")]
    steps = [("", "")]
    costs = []
    for before, after in zip(rows, rows[1:], strict=False):
        added = after[0] - before[0]
        costs.append(((after[1] - before[1]) / added, (after[2] - before[2]) / added))
        steps.append((f"{costs[-1][0]:.3f}", f"{costs[-1][1]:.2f}"))
    for (count, cpu, memory), (more_cpu, more_memory) in zip(rows, steps, strict=True):
        table.append((str(count), f"{cpu:.1f}", more_cpu, f"{memory:.1f}", more_memory))
    experiment.note(columns(table).replace("\n", "\n  "))
    for index, (name, unit, floor) in enumerate([("CPU", "% of a core", 0.05), ("memory", "MB", 0.1)]):
        # Below the floor there is nothing to compare: a further viewer costs as good as nothing. What grows with the square
        # costs four times as much at the end.
        first, last = max(costs[0][index], floor), costs[-1][index]
        experiment.figure(f"{name} for each further of the {what}", unit, [last], at_most(1.5, "ratio"),
                          "the first ones", [first])  # fmt: skip


def main() -> None:
    with Experiment("p9", "cost as work grows, all our processes") as experiment, camera() as source:
        window = experiment.seconds(12, 4)
        for what, counts, measure in (
            ("renditions", RENDITIONS, with_renditions), ("viewers", VIEWERS, with_viewers)
        ):  # fmt: skip
            rows = []
            for count in counts:
                experiment.progress(f"{count} {what}")
                rows.append((count, *measure(source.url, count, window)))
            experiment.progress("")
            report(experiment, what, rows)


if __name__ == "__main__":
    main()
