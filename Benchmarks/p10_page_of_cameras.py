"""P10: sixteen 1080p cameras on the Streams page of one browser, set up as the pages do: size, rate and bitrate left open.

CPU and memory are those of all our processes; the browser's are its own. A tile shows its picture when its still or its
video does. The cameras were watched before, as a page's usually were, and nothing runs when the page is opened.
"""

import time

from bench import cpu_percent, processes, proportional_megabytes
from experiment import Experiment, at_least, at_most
from rig.browser import chromium
from steady_camera_process import count_pictures, streamed_cameras

COUNT = 16
_AS_THE_CAMERA_SENDS_IT = {"resolution": None, "fps_limit": None, "bitrate_kbps": None}

# For each tile whether it shows a picture of any kind, and whether its video moves.
_TILES = """
() => [...document.querySelectorAll("[data-testid=tile]")].map((tile) => {
    const { still: picture, video } = tile.querySelector("toposync-player");
    const moves = video.readyState >= 2 && video.videoWidth > 0 && video.currentTime > 0;
    return {picture: moves || Boolean(picture?.complete && picture.naturalWidth && picture.checkVisibility()), moves};
})
"""


def first_seen(page, opened: float, timeout: float) -> dict[str, list[float]]:
    """For each tile, seconds until it showed a picture, and until its video moved; the timeout for one that never did.

    A browser on a busy computer lets a video stand for a moment, so what was seen once counts.
    """
    seen: dict[str, dict[int, float]] = {"picture": {}, "moves": {}}
    while time.monotonic() < opened + timeout and len(seen["moves"]) < COUNT:
        tiles = page.evaluate(_TILES)
        at = time.monotonic() - opened
        for what, first in seen.items():
            for number, tile in enumerate(tiles):
                if tile[what]:
                    first.setdefault(number, at)
        page.wait_for_timeout(50)
    return {what: [first.get(number, timeout) for number in range(COUNT)] for what, first in seen.items()}


def main() -> None:
    with (
        Experiment("p10", f"{COUNT} 1080p cameras on the Streams page, one browser", pairs=3) as experiment,
        streamed_cameras(COUNT, _AS_THE_CAMERA_SENDS_IT) as (_, running, streams),
        chromium() as browser,
    ):
        window = experiment.seconds(20, 5)

        def cold() -> None:
            # The page's last request for addresses keeps an output ready for a minute.
            processes.wait_until(lambda: not running.living("worker"), 90, "an idle server")

        def watched_once() -> None:
            readers = count_pictures([stream.rtsp_url for stream in streams])
            time.sleep(5)
            for stream in streams:
                running.api.request("GET", f"api/streams/transmissions/{stream.transmission_id}/still.jpg?max_age=60")
            readers.communicate()

        def open_page() -> dict[str, float]:
            cold()
            context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="en-GB")
            page = context.new_page()
            opened = time.monotonic()
            page.goto(running.url, wait_until="commit")
            tiles = first_seen(page, opened, 60)
            seen = {
                "first still": min(tiles["picture"]), "all stills": max(tiles["picture"]), "all move": max(tiles["moves"])
            }  # fmt: skip
            # The run-in of the copies is over, and the browser has its buffers.
            time.sleep(5)
            seen["cpu"] = cpu_percent(running.living, window)
            seen["memory"] = proportional_megabytes(running.living())
            modes = [output["mode"] for stream in streams for output in stream.outputs()]
            seen["copied"] = 100 * modes.count("copy") / len(modes)
            context.close()
            return seen

        watched_once()
        runs = experiment.alternate({"ours": open_page})["ours"]
        for what, unit, key, goal in (
            ("CPU of all our processes", "% of a core", "cpu", at_most(40)),
            ("memory of all our processes", "MB", "memory", at_most(600)),
            ("outputs that are copied", "%", "copied", at_least(100, "worst")),
            ("a picture on each tile", "s", "all stills", at_most(1.5)),
            ("a picture on the first tile", "s", "first still", None),
            ("all tiles move", "s", "all move", None),
        ):
            experiment.figure(what, unit, [run[key] for run in runs], goal)


if __name__ == "__main__":
    main()
