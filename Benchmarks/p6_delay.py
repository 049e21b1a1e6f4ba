"""P6: how much later a viewer sees a frame than one who watches the camera itself, less the time in our encoder.

The frame's counter tells when the camera sent it. Every viewer is an ffmpeg that neither probes nor buffers, so what it
needs itself is the same at the camera and at ours. HLS is measured with ffmpeg's HLS client and its usual settings: it
starts three segments behind, as RFC 8216 §6.3.3 asks.
"""

import contextlib
import statistics
import time

from bench import STANDARD, clip, row, server, standard_camera, title
from rig import players

SETTLE, WINDOW = 4, 12
EAGER = ["-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "32", "-analyzeduration", "0"]
COPIED = {"resolution": {"width": clip.WIDTH, "height": clip.HEIGHT}, "fps_limit": clip.FPS, "bitrate_kbps": 8000}


def delays(player: players.Player, camera) -> list[float]:
    """Seconds from the camera's frame to the decoded one, for the frames of the window."""
    period = clip.FRAMES / clip.FPS
    with player as viewer:
        viewer.wait_for_picture(30)
        time.sleep(SETTLE)
        since = time.monotonic()
        time.sleep(WINDOW)
        seen = [picture for picture in viewer.since(since) if picture.counter is not None]
    if len(seen) < WINDOW * clip.FPS * 0.8:
        raise SystemExit(f"{viewer.name} showed {len(seen)} frames in {WINDOW} s")
    return [(picture.at - camera.epoch - picture.counter / clip.FPS) % period for picture in seen]


def eager(url: str) -> players.Player:
    return players.ffmpeg(f"ffmpeg at {url}", ["-rtsp_transport", "tcp", *EAGER], url)


@contextlib.contextmanager
def stream(camera, encoding: dict):
    with server() as running:
        running.start_engine()
        yield running.api.add_stream(camera.url, encoding=encoding)


def main() -> None:
    title("P6  delay from the camera's frame to the decoded one: milliseconds")
    with standard_camera() as camera:
        direct = statistics.median(delays(eager(camera.url), camera))
        print(f"  at the camera itself {1000 * direct:.0f} ms; this is taken off below")
        with stream(camera, COPIED) as copied:
            seen = delays(eager(copied.rtsp_url), camera)
            row("added by RTSP, copied", 1000 * (statistics.median(seen) - direct), None, "ms", "", "goal: <= 60 ms")
        with stream(camera, STANDARD) as encoded:
            seen = delays(eager(encoded.rtsp_url), camera)
            encode = next(output["encode_ms"] for output in encoded.outputs() if output.get("encode_ms"))
            added = 1000 * (statistics.median(seen) - direct)
            row("added by RTSP, encoded", added - encode, None, "ms", "",
                f"goal: <= 60 ms over the encoder's own {encode:.0f} ms")  # fmt: skip
            seen = delays(players.ffmpeg_hls(encoded.hls_url), camera)
            row("HLS, whole", 1000 * statistics.median(seen), None, "ms", "", "goal: <= 3 segments")


if __name__ == "__main__":
    main()
