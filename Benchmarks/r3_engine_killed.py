"""R3: the engine is killed by SIGKILL while the Streams page plays."""

import time

from experiment import Experiment, at_most
from recovery import watched
from rig.browser import Watcher, chromium

SETTLE = 5


def main() -> None:
    with (
        Experiment("r3", "engine killed while watched in the browser", short_pairs=2) as experiment,
        watched() as seen,
        chromium() as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
        page.goto(seen.running.url)
        player = Watcher(page, "[data-testid=tile-video]")
        player.wait_for_moving_picture(60, seen.camera.drew)

        def kill() -> dict[str, float]:
            # The page's player gives up less soon after it has played for a while.
            page.wait_for_timeout(1000 * SETTLE)
            engine = seen.running.only("engine")
            killed = time.monotonic()
            engine.kill()
            process = seen.seconds_to_new_process("engine", engine.pid, killed)
            is_new = seen.is_new(killed)
            while True:
                sample = player.sample()
                if sample and is_new(sample["counter"]):
                    break
                if time.monotonic() > killed + 60:
                    raise SystemExit(f"the page shows {sample}; it says {page.inner_text('body')[:300]!r}")
                page.wait_for_timeout(50)
            return {"process": process, "page": time.monotonic() - killed}

        runs = experiment.alternate({"ours": kill})["ours"]
        experiment.figure("new engine process", "s", [run["process"] for run in runs], at_most(1, "worst"))
        experiment.figure("camera's picture in the page again", "s", [run["page"] for run in runs], at_most(5, "worst"))


if __name__ == "__main__":
    main()
