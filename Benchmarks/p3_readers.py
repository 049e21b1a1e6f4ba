"""P3: CPU that each further RTSP/TCP reader of a 4 Mb/s stream costs the engine, at 100 readers."""

import tempfile
import time
from pathlib import Path

from bench import (
    binary,
    clip,
    cpu_percent,
    go2rtc,
    listening,
    mediamtx,
    ports,
    processes,
    program,
    row,
    standard_camera,
    title,
)  # fmt: skip
from peers import built_in_config, go2rtc_config, mediamtx_config
from rtsp_sink_process import readers

COUNT, WINDOW = 100, 20


def publisher(url: str) -> list:
    return ["ffmpeg", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", clip.movie(), "-c", "copy",
            "-f", "rtsp", "-rtsp_transport", "tcp", url]  # fmt: skip


def per_reader(pid: int, url: str) -> float:
    """The cost of 100 readers less that of one, a reader."""

    def used(count: int) -> float:
        with readers(url, count):
            time.sleep(3)
            return cpu_percent(lambda: processes.descendants(pid), WINDOW)

    alone = used(1)
    return (used(COUNT) - alone) / (COUNT - 1)


def published(command: list, port: int) -> float:
    url = f"rtsp://127.0.0.1:{port}/front"
    with program(command, listening(port)) as engine, program(publisher(url), lambda: True):
        time.sleep(4)
        return per_reader(engine.pid, url)


def main() -> None:
    title(f"P3  engine CPU per further RTSP/TCP reader, {COUNT} readers of 4 Mb/s: % of a core")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = ports.free_port()
        config = built_in_config(folder, port, ports.free_port(), ports.free_port())
        our_cost = published([binary(), "engine", config], port)
        with standard_camera() as camera:
            row("per reader", our_cost, per_reader(camera.pid, camera.url), "%", "gst-rtsp-server")
        if mediamtx():
            port = ports.free_port()
            cost = published([mediamtx(), mediamtx_config(folder, port)], port)
            row("per reader", our_cost, cost, "%", "MediaMTX")
        if go2rtc():
            port = ports.free_port()
            with standard_camera() as camera:
                command = [go2rtc(), "-config", go2rtc_config(folder, port, camera.url)]
                with program(command, listening(port)) as relay:
                    cost = per_reader(relay.pid, f"rtsp://127.0.0.1:{port}/front")
            row("per reader", our_cost, cost, "%", "go2rtc", "goal: ratio <= 1")


if __name__ == "__main__":
    main()
