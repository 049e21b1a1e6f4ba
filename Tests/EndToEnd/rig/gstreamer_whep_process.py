"""Plays an address of WHEP with GStreamer's webrtcbin, and writes each picture to standard output as I420.

Started by `rig.players.gstreamer_whep` with the address, the codec that it takes (`h264`, `h265`), width and height.
"""

import signal
import sys
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402


def main() -> None:
    url, codec, width, height = sys.argv[1:]
    Gst.init(None)
    loop = GLib.MainLoop()
    pipeline = Gst.Pipeline()
    webrtc = Gst.ElementFactory.make("webrtcbin")
    webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    webrtc.set_property("latency", 100)
    # It leaves out loopback, which may be all that there is.
    # Kept, because the last of Python's references takes the element's with it.
    agent = webrtc.get_property("ice-agent")
    agent.emit("add-local-ip-address", "127.0.0.1")
    pipeline.add(webrtc)

    def play(_, pad) -> None:
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        decoder = Gst.parse_bin_from_description(
            f"queue ! rtp{codec}depay ! {codec}parse ! avdec_{codec} ! videoconvert ! videoscale add-borders=false"
            f" ! video/x-raw,format=I420,width={width},height={height} ! fdsink fd=1 sync=false",
            True,
        )
        pipeline.add(decoder)
        decoder.sync_state_with_parent()
        pad.link(decoder.get_static_pad("sink"))

    def negotiate(promise) -> bool:
        # What it names belongs to the reply, and that to the promise.
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        webrtc.emit("set-local-description", offer, Gst.Promise.new())
        # The server finds it by its checks, so that no candidates are waited for.
        request = urllib.request.Request(
            url, offer.sdp.as_text().encode(), {"Content-Type": "application/sdp"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=25) as response:
                _, description = GstSdp.SDPMessage.new_from_text(response.read().decode())
        except OSError as error:
            print(f"no answer: {error}", file=sys.stderr)
            loop.quit()
            return False
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, description)
        webrtc.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    def offered(promise, *_) -> None:
        GLib.idle_add(negotiate, promise)

    def begin(element) -> None:
        element.emit("create-offer", None, Gst.Promise.new_with_change_func(offered, None, None))

    webrtc.connect("pad-added", play)
    webrtc.connect("on-negotiation-needed", begin)
    caps = Gst.Caps.from_string(
        f"application/x-rtp,media=video,encoding-name={codec.upper()},payload=100,clock-rate=90000"
    )
    webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, caps)
    for stopped in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, stopped, loop.quit)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)


main()
