"""P3: CPU that each further reader of a 4 Mb/s stream costs the engine, at 100 readers: RTSP/TCP and HLS.

The same clip is published by ffmpeg, unchanged, into our engine and into MediaMTX; go2rtc pulls it from the camera. A
side's cost is what 100 readers use less what one uses, a reader.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import camera, cpu_percent, go2rtc, listening, ports, processes, program
from experiment import Experiment, at_most
from peers import go2rtc_config
from published import of_each_engine, published
from sink_process import hls_readers, readers

COUNT = 100


def per_reader(pid: int, reading: Callable[[int], contextlib.AbstractContextManager], window: float) -> float:
    def used(count: int) -> float:
        with reading(count):
            time.sleep(4)
            return cpu_percent(lambda: processes.descendants(pid), window)

    return (used(COUNT) - used(1)) / (COUNT - 1)


def by_rtsp(engine: str, window: float) -> float:
    with published(engine) as running:
        return per_reader(running.pid, lambda count: readers(running.rtsp, count), window)


def by_hls(engine: str, window: float) -> float:
    with published(engine) as running:
        return per_reader(running.pid, lambda count: hls_readers(running.hls, count), window)


def by_go2rtc(window: float) -> float:
    with tempfile.TemporaryDirectory() as folder, camera() as source:
        port = ports.free_port()
        command = [go2rtc(), "-config", go2rtc_config(Path(folder), port, source.url)]
        with program(command, listening(port)) as relay:
            return per_reader(relay.pid, lambda count: readers(f"rtsp://127.0.0.1:{port}/front", count), window)


def main() -> None:
    with Experiment("p3", f"engine's CPU for each further of {COUNT} readers of 4 Mb/s") as experiment:
        window = experiment.seconds(20, 4)
        sides = of_each_engine(lambda engine: by_rtsp(engine, window))
        if go2rtc():
            sides["go2rtc"] = lambda: by_go2rtc(window)
        seen = experiment.alternate(sides)
        # The bar is what November 2026 measured of both in one run.
        for name, limit in (("go2rtc", 0.7), ("MediaMTX", 0.15)):
            experiment.figure(
                "RTSP reader", "% of a core", seen["ours"], at_most(limit, "ratio"), name, seen.get(name)
            )  # fmt: skip
        seen = experiment.alternate(of_each_engine(lambda engine: by_hls(engine, window)))
        experiment.figure(
            "HLS reader", "% of a core", seen["ours"], at_most(0.25, "ratio"), "MediaMTX", seen.get("MediaMTX")
        )  # fmt: skip


if __name__ == "__main__":
    main()
