"""P9: CPU and memory as renditions and viewers grow; the cost of each further one must not grow with their number."""

import contextlib
import time

from bench import cpu_percent, resident_megabytes, server, standard_camera, title
from rtsp_sink_process import readers

SETTLE, WINDOW = 6, 12
RENDITIONS = (1, 2, 4, 8)
VIEWERS = (1, 25, 50, 100)
SMALL = {"resolution": {"width": 640, "height": 360}, "fps_limit": 12}


def table(what: str, rows: list[tuple[int, float, float]]) -> None:
    print(f"  {what:>10} {'CPU %':>8} {'each more':>10} {'MB':>8} {'each more':>10}")
    before = None
    for count, cpu, memory in rows:
        more = ("", "")
        if before:
            added = count - before[0]
            more = (f"{(cpu - before[1]) / added:.3f}", f"{(memory - before[2]) / added:.2f}")
        print(f"  {count:>10} {cpu:8.2f} {more[0]:>10} {memory:8.1f} {more[1]:>10}", flush=True)
        before = (count, cpu, memory)


def measured(running) -> tuple[float, float]:
    time.sleep(SETTLE)
    return cpu_percent(running.living, WINDOW), resident_megabytes(running.living())


def with_renditions(camera_url: str, count: int) -> tuple[float, float]:
    with server() as running:
        running.start_engine()
        # Encodings that differ in nothing but the bitrate cost the same.
        outputs = [{"id": f"o{n}", "protocol": "rtsp", "bitrate_kbps": 500 + n} | SMALL for n in range(count)]
        stream = running.api.add_stream(camera_url, outputs=outputs)
        urls = running.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls")["outputs"]
        with contextlib.ExitStack() as stack:
            for output in urls:
                stack.enter_context(readers(output["url"], 1))
            return measured(running)


def main() -> None:
    title("P9  cost as work grows: all our processes")
    with standard_camera() as camera:
        table("renditions", [(count, *with_renditions(camera.url, count)) for count in RENDITIONS])
        with server() as running:
            running.start_engine()
            stream = running.api.add_stream(camera.url, encoding=SMALL | {"bitrate_kbps": 500})
            rows = []
            for count in VIEWERS:
                with readers(stream.rtsp_url, count):
                    rows.append((count, *measured(running)))
            table("viewers", rows)


if __name__ == "__main__":
    main()
