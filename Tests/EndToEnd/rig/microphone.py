"""A microphone of this computer without hardware: a device of ALSA that reads a pipe, into which the test speaks."""

import os
import threading
import time
from pathlib import Path

import numpy as np

RATE = 48000
# So much of a second has a tone, from its beginning; as the flash camera has.
TONE_SECONDS = 0.08


class Microphone:
    """`address` is what a camera names it; `environment`, what the server needs to find it once it is plugged in."""

    address = "alsa:test_microphone"

    def __init__(self, folder: Path):
        self._pipe = folder / "microphone.pcm"
        os.mkfifo(self._pipe)
        self._configuration = folder / "asound.conf"
        self._configure("")
        self.environment = {"ALSA_CONFIG_PATH": str(self._configuration)}

    def plug(self) -> None:
        # What is played to it would be written to its file; reading goes by `infile` alone. A device that seems to have 4 kHz gives
        # twelve samples at a time, and not one, which would take a whole core.
        self._configure(
            "pcm.test_microphone {\n"
            '    type file format raw slave.pcm { type rate slave { pcm "null" rate 4000 } }\n'
            f'    file "/dev/null" infile "{self._pipe}"\n'
            "}\n"
        )

    def _configure(self, devices: str) -> None:
        """ALSA reads it again when it is another file."""
        new = self._configuration.with_suffix(".new")
        new.write_text("</usr/share/alsa/alsa.conf>\n" + devices)
        new.rename(self._configuration)

    def speaking(self, epoch: float) -> "_Speaker":
        """Speaks while the context lasts: a tone at the beginning of each second after `epoch`, an instant of `time.monotonic()`."""
        return _Speaker(self._pipe, epoch)


class _Speaker:
    """Speaks to whoever opens the pipe, one after the other, in time with the clock."""

    PIECE = RATE // 100

    def __init__(self, pipe: Path, epoch: float):
        self._pipe, self._epoch = pipe, epoch
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped.set()
        self._thread.join(10)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                # Fails while nobody reads.
                pipe = os.open(self._pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                self._stopped.wait(0.01)
                continue
            os.set_blocking(pipe, True)
            try:
                self._speak(pipe)
            except BrokenPipeError:
                pass
            finally:
                os.close(pipe)

    def _speak(self, pipe: int) -> None:
        spoken = int((time.monotonic() - self._epoch) * RATE)
        while not self._stopped.is_set():
            # What is heard now has been in the air.
            ends = spoken + self.PIECE
            self._stopped.wait(max(self._epoch + ends / RATE - time.monotonic(), 0))
            times = np.arange(spoken, ends) / RATE
            tone = np.sin(2 * np.pi * 1000 * times) * (times % 1 < TONE_SECONDS)
            os.write(pipe, (tone * 20000).astype("<i2").tobytes())
            spoken = ends
