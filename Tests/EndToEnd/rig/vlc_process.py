"""Plays a URL with VLC's library, and writes each picture that VLC shows to standard output as I420."""

import ctypes
import signal
import sys

import vlc


def main() -> None:
    url, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    size = width * height
    # `set_format` gives every plane the pitch and the lines of the first, so each is as big as that.
    planes_memory = [(ctypes.c_ubyte * size)() for _ in range(3)]
    grey = bytes([128]) * (size // 2)
    output = sys.stdout.buffer

    @vlc.CallbackDecorators.VideoLockCb
    def lock(_, planes):
        for plane, memory in enumerate(planes_memory):
            planes[plane] = ctypes.addressof(memory)
        return None

    @vlc.CallbackDecorators.VideoDisplayCb
    def display(_, __):
        output.write(planes_memory[0])
        # Nobody looks at the colours.
        output.write(grey)
        output.flush()

    instance = vlc.Instance("--quiet", "--no-audio", "--network-caching=300", "--no-xlib")
    player = instance.media_player_new()
    player.set_media(instance.media_new(url))
    vlc.libvlc_video_set_callbacks(player, lock, None, display, None)
    player.video_set_format("I420", width, height, width)
    stopped = [signal.SIGINT, signal.SIGTERM]
    signal.pthread_sigmask(signal.SIG_BLOCK, stopped)
    player.play()
    signal.sigwait(stopped)
    player.stop()


main()
