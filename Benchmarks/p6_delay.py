"""P6: how much later a viewer sees a frame than one who watches the camera itself, less the time in our encoder.

The frame's counter tells when the camera sent it. Every viewer is an ffmpeg that neither probes nor buffers, so what it
needs itself is the same at the camera and at ours. By WHEP it is aiortc, which shows a picture when the next one begins to come.
HLS is measured with ffmpeg's HLS client and its usual settings: it
starts three segments behind, as RFC 8216 §6.3.3 asks. Low-latency HLS is what the server's page shows in Chromium, by hls.js,
which stays three parts behind; what the browser needs itself is in it.
"""

import statistics
import time

from bench import STANDARD, camera, clip, server
from experiment import Experiment, at_most
from p2_copy_mode import COPIED
from rig import players
from rig.browser import Watcher, chromium
from rig.whep import WHEPViewer, add_webrtc_stream, serve_webrtc, whep

SETTLE = 4
EAGER = ["-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32", "-analyzeduration", "0"]
SEGMENTS = 3


def delay(player: players.Player, epoch: float, window: float) -> float:
    """Milliseconds from the camera's frame to the decoded one, the median of the window."""
    fps = clip.STANDARD.fps
    with player as viewer:
        viewer.wait_for_picture(30)
        time.sleep(SETTLE)
        since = time.monotonic()
        time.sleep(window)
        seen = [picture for picture in viewer.since(since) if picture.counter is not None]
    if len(seen) < window * fps / 2:
        raise SystemExit(f"{viewer.name} showed {len(seen)} frames in {window:g} s")
    return 1000 * statistics.median((picture.at - epoch - picture.counter / fps) % clip.SECONDS for picture in seen)


def delay_on_page(url: str, epoch: float, window: float) -> float:
    """The same of what a browser shows of the one stream on the server's page."""
    with chromium() as browser:
        page = browser.new_page()
        page.goto(url)
        watcher = Watcher(page, "[data-testid=tile-video]")
        watcher.wait_for_moving_picture(30)
        page.wait_for_timeout(1000 * SETTLE)
        seen = []
        until = time.monotonic() + window
        while time.monotonic() < until:
            picture = watcher.sample()
            if picture and picture["counter"] is not None:
                seen.append((picture["at"] - epoch - picture["counter"] / clip.STANDARD.fps) % clip.SECONDS)
            # Not in step with the pictures, nor with the parts.
            page.wait_for_timeout(70)
        if not page.evaluate("performance.getEntriesByType('resource').some(({name}) => name.includes('_HLS_part='))"):
            raise SystemExit("the page did not play parts")
    return 1000 * statistics.median(seen)


def eager(url: str) -> players.Player:
    return players.ffmpeg(f"ffmpeg at {url}", ["-rtsp_transport", "tcp", *EAGER], url)


def main() -> None:
    with Experiment("p6", "delay from the camera's frame to the decoded one") as experiment, camera() as source:
        window = experiment.seconds(12, 8)

        def watched(encoding: dict, player=None) -> float:
            with server() as running:
                running.start_engine()
                stream = running.api.add_stream(source.url, encoding=encoding)
                seen = (
                    delay(player(stream), source.epoch, window)
                    if player
                    else delay_on_page(running.url, source.epoch, window)
                )
                # The encoder's own time is no part of what the server adds.
                return seen - next((output["encode_ms"] for output in stream.outputs() if output.get("encode_ms")), 0)

        def by_whep(encoding: dict) -> float:
            with server() as running:
                serve_webrtc(running)
                stream = add_webrtc_stream(running, source, **encoding)
                return delay(WHEPViewer(whep(stream), kinds=("video",)), source.epoch, window)

        seen = experiment.alternate({
            "camera itself": lambda: delay(eager(source.url), source.epoch, window),
            "copied": lambda: watched(COPIED, lambda stream: eager(stream.rtsp_url)),
            "encoded": lambda: watched(STANDARD, lambda stream: eager(stream.rtsp_url)),
            "WHEP, copied": lambda: by_whep(COPIED),
            "HLS": lambda: watched(STANDARD, lambda stream: players.ffmpeg_hls(stream.hls_url)),
            "low-latency HLS": lambda: watched(STANDARD | {"latency_profile": "low"}),
        })  # fmt: skip
        for name in ("copied", "encoded"):
            experiment.figure(
                f"delay by RTSP, {name}", "ms", seen[name], at_most(60, "difference"),
                "camera itself", seen["camera itself"],
            )  # fmt: skip
        experiment.figure(
            "delay by WHEP, copied", "ms", seen["WHEP, copied"], at_most(100, "difference"), "camera itself",
            seen["camera itself"],
        )  # fmt: skip
        experiment.figure(
            "delay by low-latency HLS", "ms", seen["low-latency HLS"], at_most(1000, "difference"),
            "camera itself", seen["camera itself"],
        )  # fmt: skip
        experiment.figure("delay by HLS", "ms", seen["HLS"], at_most(1000 * SEGMENTS), "camera itself", seen["camera itself"])


if __name__ == "__main__":
    main()
