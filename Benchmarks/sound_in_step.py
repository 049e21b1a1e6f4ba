"""Whether sound stays with its picture while somebody watches for an hour: a camera whose sound's clock runs fast by 100 ppm, which
would be 360 ms by then, copied and encoded, each watched in one go from the start."""

import concurrent.futures
import tempfile
from pathlib import Path

from bench import Camera, server
from experiment import Experiment, at_most
from rig.flashes import offsets, watch

PPM = 100
IN_STEP_MS = 40
OUTPUTS = {
    "copied": {"protocol": "rtsp", "audio": "copy", "resolution": None, "fps_limit": None, "bitrate_kbps": None},
    "encoded": {"protocol": "rtsp", "audio": "aac", "resolution": {"width": 320, "height": 180}, "fps_limit": 25},
}


def main() -> None:
    title = f"sound and picture of a camera whose sound runs {PPM} ppm fast, in one sitting"
    with (
        Experiment("sound-in-step", title) as experiment,
        Camera(source="flash", sound_ppm=PPM) as camera,
        server() as running,
        tempfile.TemporaryDirectory() as folder,
        concurrent.futures.ThreadPoolExecutor() as pool,
    ):
        seconds = int(experiment.seconds(3600, 30))
        running.start_engine()
        watching = {}
        for name, output in OUTPUTS.items():
            stream = running.api.add_stream(camera.url, path=name, outputs=[output])
            own = Path(folder) / name
            own.mkdir()
            # Five milliseconds are looked at together, or else an hour's listing would take half a gigabyte.
            watching[name] = pool.submit(watch, stream.rtsp_url, own, seconds, piece=240)
        for name, watched in watching.items():
            flashes, tones = watched.result()
            # Of the first and the last, a viewer may get a part.
            away = [1000 * abs(offset) for offset in offsets(flashes[1:-1], tones)]
            for when, part in (("first minute", away[:60]), ("last minute", away[-60:]), ("throughout", away)):
                experiment.figure(f"{name}, {when}", "ms", part, at_most(IN_STEP_MS, "worst"))
            experiment.figure(f"{name}, flashes that were not seen", "", [seconds - len(flashes)], at_most(3))


if __name__ == "__main__":
    main()
