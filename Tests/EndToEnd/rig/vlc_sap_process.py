"""Opens what VLC calls "Network streams (SAP)", and ends when the list there has a name."""

import sys
import time

import vlc


def main() -> None:
    wanted = sys.argv[1]
    instance = vlc.Instance("--quiet", "--no-xlib")
    discoverer = instance.media_discoverer_new("sap")
    discoverer.start()
    listed = discoverer.media_list()
    while True:
        listed.lock()
        names = [listed.item_at_index(index).get_meta(vlc.Meta.Title) for index in range(listed.count())]
        listed.unlock()
        if wanted in names:
            break
        time.sleep(0.2)
    discoverer.stop()


main()
