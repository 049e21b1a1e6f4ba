"""Flashes and tones: when they begin in what a viewer decodes, which tells whether sound stays with its picture."""

import re
import subprocess


def watch(url, folder, seconds, may_step=False, pictures=True, show="null", loud=-30, piece=40):
    """Decodes a stream for some seconds, and returns when the flashes and the tones of it begin.

    `show` is the filter that leaves what flashes, `loud` how loud a tone is, in dB, and `piece` how many samples, of 48 a millisecond,
    are looked at together."""
    luma, level = folder / "luma.txt", folder / "level.txt"
    video = [
        # Not in the units of the average rate: pictures may come sooner.
        "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base:v", "1:90000",
        "-vf", f"{show},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file={luma}",
    ] if pictures else []  # fmt: skip
    options = ["-rtsp_transport", "tcp"] if url.startswith("rtsp") else []
    done = subprocess.run(
        [
            "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error", *options, "-i", url, *video,
            # In pieces of the same time, whatever the rate of the sound.
            "-map", "0:a", "-af", f"aresample=48000,asetnsamples=n={piece},astats=metadata=1:reset=1,"
            f"ametadata=print:key=lavfi.astats.Overall.RMS_level:file={level}",
            "-t", str(seconds), "-f", "null", "-",
        ],
        capture_output=True, text=True, timeout=60 + seconds, check=False,
    )  # fmt: skip
    # Where it may step: of MPEG audio by RTSP, ffmpeg's parser guesses the time of the first frame, and the next one seems to go
    # back; and it follows each report, which cameras let move.
    steps = ("non monotonically", "Last message repeated") if may_step else ()
    complaints = [line for line in done.stderr.splitlines() if not any(step in line for step in steps)]
    assert done.returncode == 0 and not complaints, done.stderr
    return (onsets(luma, 128) if pictures else []), onsets(level, loud)


def onsets(path, threshold):
    """When the printed values rise above a threshold, which they may do again within the same flash or tone."""
    found, was_above = [], True
    for time, value in re.findall(r"pts_time:(\S+)\s+\S+=(\S+)", path.read_text()):
        is_above = float(value) > threshold
        if is_above and not was_above and (not found or float(time) - found[-1] > 0.3):
            found.append(float(time))
        was_above = is_above
    return found


def offsets(flashes, tones):
    """How much later the nearest tone of each flash begins, in seconds."""
    return [min((tone - flash for tone in tones), key=abs) for flash in flashes]
