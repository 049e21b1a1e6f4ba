"""Flashes and tones: when they begin in what a viewer decodes, which tells whether sound stays with its picture."""

import re
import subprocess
import tempfile

from . import processes


def watch(url, folder, seconds, may_step=False, joins=False, pictures=True, show="null", loud=-30, piece=40, until=None):
    """Decodes a stream for some seconds, and returns when the flashes and the tones of it begin.

    `joins` a camera that others watch, in the middle of a group of pictures.

    `show` is the filter that leaves what flashes, `loud` how loud a tone is, in dB, and `piece` how many samples, of 48 a millisecond,
    are looked at together. `until` says of the flashes and tones so far whether they are enough, before the seconds are over."""
    luma, level = folder / "luma.txt", folder / "level.txt"
    video = [
        # Not in the units of the average rate: pictures may come sooner.
        "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base:v", "1:90000",
        "-vf", f"{show},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file={luma}:direct=1",
    ] if pictures else []  # fmt: skip
    # It needs no rate of the pictures, for which it would wait.
    options = ["-fpsprobesize", "0", *(["-rtsp_transport", "tcp"] if url.startswith("rtsp") else [])]
    command = [
        "ffmpeg", "-hide_banner", "-nostats", "-loglevel", "error", *options, "-i", url, *video,
        # In pieces of the same time, whatever the rate of the sound.
        "-map", "0:a", "-af", f"aresample=48000,asetnsamples=n={piece},"
        # Of all that it can measure, which would take half of what watching costs.
        "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level,"
        f"ametadata=print:key=lavfi.astats.Overall.RMS_level:file={level}:direct=1",
        "-t", str(seconds), "-f", "null", "-",
    ]  # fmt: skip

    def seen():
        return (onsets(luma, 128) if pictures else []), onsets(level, loud)

    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said, text=True) as watching,
    ):
        try:
            ends = lambda: watching.poll() is not None or (until is not None and until(*seen()))  # noqa: E731
            processes.wait_until(ends, 60 + seconds, "what is watched for")
            # As a person ends it.
            watching.communicate("q", 10)
        finally:
            watching.kill()
        said.seek(0)
        log = said.read()
    # Where it may step: of MPEG audio by RTSP, ffmpeg's parser guesses the time of the first frame, and the next one seems to go
    # back; and it follows each report, which cameras let move.
    expected = ("non monotonically", "Last message repeated") if may_step else ()
    # ffmpeg makes up what came before a group's first picture that it sees, unless the frame number of that one is 0 again, as that
    # of the 17th is.
    expected += ("Missing reference picture", "decode_slice_header error") if joins else ()
    complaints = [line for line in log.splitlines() if not any(message in line for message in expected)]
    assert watching.returncode == 0 and not complaints, log
    return seen()


def onsets(path, threshold):
    """When the printed values rise above a threshold, which they may do again within the same flash or tone."""
    found, was_above = [], True
    # The last line may be half written.
    told = path.read_text().rpartition("\n")[0] if path.exists() else ""
    for time, value in re.findall(r"pts_time:(\S+)\s+\S+=(\S+)$", told, re.MULTILINE):
        is_above = float(value) > threshold
        if is_above and not was_above and (not found or float(time) - found[-1] > 0.3):
            found.append(float(time))
        was_above = is_above
    return found


def offsets(flashes, tones):
    """How much later the nearest tone of each flash begins, in seconds."""
    return [min((tone - flash for tone in tones), key=abs) for flash in flashes]
