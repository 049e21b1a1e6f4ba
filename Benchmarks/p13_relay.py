"""P13: CPU that a further HLS viewer costs when it watches through the server, against the engine's own for one that doesn't.

The camera is copied, 4 Mb/s, into the built-in engine. A figure is what COUNT viewers use less what one uses, a viewer.
"""

import time

from bench import camera, server
from experiment import Experiment, at_most
from sink_process import hls_readers

COUNT = 40


def main() -> None:
    with (
        Experiment("p13", f"CPU for each further of {COUNT} HLS viewers, by the server and straight from the engine") as experiment,
        camera() as source,
        server() as running,
    ):
        window = experiment.seconds(20, 5)
        running.start_engine()
        as_it_comes = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}
        stream = running.api.add_stream(source.url, encoding=as_it_comes)

        def cpu_seconds() -> tuple[float, float]:
            return running.only("engine").cpu_seconds, running.only("serve").cpu_seconds

        def address() -> str:
            urls = running.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")
            path = next(output["playback_url"] for output in urls["outputs"] if output["protocol"] == "hls")
            return f"{running.url}/{path}"

        def used(urls: list[str]) -> tuple[float, float]:
            with hls_readers(" ".join(urls), len(urls)):
                time.sleep(4)
                before, started = cpu_seconds(), time.monotonic()
                time.sleep(window)
                after, seconds = cpu_seconds(), time.monotonic() - started
                return (100 * (after[0] - before[0]) / seconds, 100 * (after[1] - before[1]) / seconds)

        def each(url) -> dict[str, float]:
            many, one = used([url() for _ in range(COUNT)]), used([url()])
            return {name: (many[index] - one[index]) / (COUNT - 1) for index, name in enumerate(("engine", "serve"))}

        seen = experiment.alternate({"relay": lambda: each(address), "direct": lambda: each(lambda: stream.hls_url)})
        direct = [run["engine"] for run in seen["direct"]]
        relayed = [run["serve"] for run in seen["relay"]]
        experiment.figure("server, for a viewer by it", "% of a core", relayed, at_most(2, "ratio"), "engine, direct", direct)
        both = [run["engine"] + run["serve"] for run in seen["relay"]]
        experiment.figure("engine and server, for a viewer by it", "% of a core", both, None, "engine, direct", direct)


if __name__ == "__main__":
    main()
