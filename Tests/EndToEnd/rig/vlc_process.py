"""Plays a URL with VLC's library, and writes each picture that VLC shows to standard output as I420."""

import ctypes
import signal
import sys

import vlc


def main() -> None:
    url, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    size = width * height
    frame = (ctypes.c_ubyte * (size * 3 // 2))()
    output = sys.stdout.buffer

    @vlc.CallbackDecorators.VideoLockCb
    def lock(_, planes):
        base = ctypes.addressof(frame)
        for plane, offset in enumerate((0, size, size * 5 // 4)):
            planes[plane] = base + offset
        return None

    @vlc.CallbackDecorators.VideoDisplayCb
    def display(_, __):
        output.write(frame)
        output.flush()

    instance = vlc.Instance("--quiet", "--no-audio", "--network-caching=300", "--no-xlib")
    player = instance.media_player_new()
    player.set_media(instance.media_new(url))
    vlc.libvlc_video_set_callbacks(player, lock, None, display, None)
    # Plane sizes follow from libvlc's I420: full, half, half; `set_format` takes the first plane's pitch alone.
    player.video_set_format("I420", width, height, width)
    stopped = [signal.SIGINT, signal.SIGTERM]
    signal.pthread_sigmask(signal.SIG_BLOCK, stopped)
    player.play()
    signal.sigwait(stopped)
    player.stop()


main()
