"""A network camera: gst-rtsp-server with a live test picture, a yard in which something moves or not, things that are there or not, a looped clip, sound alone,
or flashes with tones.

Runs as a process of its own, started by `rig.camera.Camera`, with its options as one JSON object in the first line of stdin.
Prints one JSON line when it listens, and one with its first frame whenever it begins to send to a first client. Commands
come as JSON lines on stdin after that; it ends when stdin closes.
"""

import json
import sys
import threading
import time

import gi
import numpy as np

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402,F401

import counter  # noqa: E402  (started as a script: this folder is on the path)
import things  # noqa: E402
from annexb import access_units  # noqa: E402


class Clock:
    """Frame n is due at epoch + n / fps, for every camera started with that epoch, however often it restarts."""

    def __init__(self, epoch: float, fps: float):
        self.epoch, self.fps = epoch, fps

    def current(self) -> int:
        return int((time.monotonic() - self.epoch) * self.fps)

    def wait_for(self, frame: int) -> None:
        delay = self.epoch + frame / self.fps - time.monotonic()
        if delay > 0:
            time.sleep(delay)


class LivePicture:
    """Draws the moving texture and the counter, and pushes it as raw frames in real time."""

    def __init__(self, options: dict, clock: Clock):
        self.clock = clock
        self.first = options["counter_start"]
        self.resize(options["width"], options["height"])

    def resize(self, width: int, height: int) -> None:
        rng = np.random.default_rng(width * height)
        # Blurred noise: texture that costs bits as a real scene does, and that an encoder cannot skip.
        noise = rng.integers(40, 200, (height // 8 + 2, width // 8 + 18), dtype=np.uint8)
        texture = np.kron(noise, np.ones((8, 8), np.uint8))
        self.geometry = (width, height, texture)

    def caps(self) -> Gst.Caps:
        width, height, _ = self.geometry
        return Gst.Caps.from_string(
            f"video/x-raw,format=I420,width={width},height={height},framerate={int(self.clock.fps)}/1"
        )

    def frame(self, number: int) -> bytes:
        width, height, texture = self.geometry
        shift = number * 2 % 128
        luma = np.ascontiguousarray(texture[:height, shift : shift + width])
        counter.draw(luma, self.first + number)
        chroma = np.full((height // 2) * (width // 2), 128, np.uint8)
        chroma_blue = chroma.copy()
        chroma_blue[: len(chroma) // 2] = 128 + int(40 * np.sin(number / 10))
        return luma.tobytes() + chroma_blue.tobytes() + chroma.tobytes()


class Yard(LivePicture):
    """The same picture with the same counter, until something moves through it; as before when that is gone."""

    def __init__(self, options: dict, clock: Clock):
        super().__init__(options, clock)
        self.moving = False
        self.still = None

    def frame(self, number: int) -> bytes:
        self.still = self.still or number
        shown = number if self.moving else self.still
        width, height, texture = self.geometry
        luma = texture[:height, :width].copy()
        left = shown * 6 % (width - width // 8)
        luma[height // 4 : height * 3 // 4, left : left + width // 8] = 235
        counter.draw(luma, self.first + shown)
        return luma.tobytes() + bytes([128]) * (width * height // 2)


class Things(LivePicture):
    """Grey, and while something moves, a red and a blue thing that go from side to side."""

    def __init__(self, options: dict, clock: Clock):
        super().__init__(options, clock)
        self.moving = False

    def frame(self, number: int) -> bytes:
        width, height, _ = self.geometry
        planes = [
            np.full((height, width), 110, np.uint8), np.full((height // 2, width // 2), 128, np.uint8),
            np.full((height // 2, width // 2), 128, np.uint8),
        ]  # fmt: skip
        for box, *levels in things.at(self.first + number) if self.moving else []:
            left, top, right, bottom = box
            for plane, level, share in zip(planes, levels, (1, 2, 2), strict=True):
                plane[top // share : bottom // share, left // share : right // share] = level
        counter.draw(planes[0], self.first + number)
        return b"".join(plane.tobytes() for plane in planes)


class Flash:
    """Black, and for the first 80 ms of each second white with a tone of 1 kHz."""

    SECONDS = 0.08
    # Its encoder and payloader, and the sample rate.
    CODECS = {
        "alaw": ("alawenc ! rtppcmapay name=pay1 max-ptime=20000000", 8000),
        "aac": ("avenc_aac ! aacparse ! rtpmp4gpay name=pay1 pt=97", 48000),
        "opus": ("opusenc ! rtpopuspay name=pay1 pt=97", 48000),
        "g726": ("avenc_g726 ! rtpg726pay name=pay1 pt=97 max-ptime=20000000", 8000),
        "l16": ("rtpL16pay name=pay1 pt=97 max-ptime=20000000", 16000),
        "mp3": ("lamemp3enc ! mpegaudioparse ! rtpmpapay name=pay1", 48000),
    }

    def __init__(self, options: dict, clock: Clock):
        self.fps, self.size = clock.fps, (options["width"], options["height"])
        self.branch, self.rate = self.CODECS[options["sound"]]
        # By the clock of time; by its own, it makes as many as it says.
        self.real_rate = self.rate * (1 + options["sound_ppm"] / 1e6)
        self.muted = False

    def caps(self) -> Gst.Caps:
        width, height = self.size
        return Gst.Caps.from_string(f"video/x-raw,format=I420,width={width},height={height},framerate={int(self.fps)}/1")

    def pictures(self):
        """What makes the pictures of one client. Of a flash whose first was never made, because the machine stood still, none is
        white: it would begin later than its tone."""
        width, height = self.size
        last = None

        def frame(number: int) -> bytes:
            nonlocal last
            place = number / self.fps % 1
            is_white = place < self.SECONDS - 0.001 and (place < 0.001 or last == number - 1)
            if is_white:
                last = number
            return bytes([235 if is_white else 16]) * (width * height) + bytes([128]) * (width * height // 2)

        return frame

    def sound(self, number: int) -> bytes:
        """What is heard while a picture is seen."""
        times = np.arange(*(round(part * self.real_rate / self.fps) for part in (number, number + 1))) / self.real_rate
        tone = np.sin(2 * np.pi * 1000 * times) * ((times + 1e-6) % 1 < self.SECONDS)
        return (tone * 20000).astype(np.int16).tobytes()


class Feed(threading.Thread):
    """Pushes frames or access units into one appsrc until its media is gone."""

    def __init__(self, source, clock: Clock, produce, caps=None, sound=None):
        """`sound`: an appsrc, and what makes the sound of a picture, or None while there is none."""
        super().__init__(daemon=True)
        self.source, self.clock, self.produce, self.caps, self.sound = source, clock, produce, caps, sound
        self.stopped = threading.Event()

    def run(self) -> None:
        number = self.clock.current() + 1
        base = heard = number
        print(json.dumps({"first_frame": number}), flush=True)
        shown = None
        while not self.stopped.is_set():
            self.clock.wait_for(number)
            if self.caps is not None:
                caps = self.caps()
                if shown is None or not caps.is_equal(shown):
                    self.source.set_property("caps", caps)
                    shown = caps
            self._push(self.source, self.produce(number), number - base)
            # Of pictures that were never made, too.
            for part in range(heard, number + 1) if self.sound else []:
                if (bytes_ := self.sound[1](part)) is not None:
                    self._push(self.sound[0], bytes_, part - base)
            heard = number + 1
            # A camera does not catch up: frames that are late are never made.
            number = max(number + 1, self.clock.current())

    def _push(self, source, content: bytes, number: int) -> None:
        buffer = Gst.Buffer.new_wrapped(content)
        buffer.pts = buffer.dts = int(number * Gst.SECOND / self.clock.fps)
        buffer.duration = int(Gst.SECOND / self.clock.fps)
        source.emit("push-buffer", buffer)


class CameraFactory(GstRtspServer.RTSPMediaFactory):
    def __init__(self, options: dict, clock: Clock):
        super().__init__()
        self.options, self.clock = options, clock
        kind = {"live": LivePicture, "yard": Yard, "things": Things}.get(options["source"])
        self.picture = kind(options, clock) if kind else None
        self.flash = Flash(options, clock) if options["source"] == "flash" else None
        self.units = None
        if options["source"] == "clip":
            with open(options["clip"], "rb") as clip:
                self.units = access_units(clip.read())
        self.feeds = []

    def do_create_element(self, url):
        return Gst.parse_launch("( " + " ".join(self._branches()) + " )")

    def _branches(self):
        options = self.options
        keyframe = int(options["keyframe_interval"] * options["fps"])
        if options["source"] in ("live", "yard", "things", "flash"):
            if options["codec"] == "h265":
                yield self._h265_branch(keyframe)
                return
            b_frames = "" if options["b_frames"] else "tune=zerolatency"
            # Left to itself, rtph264pay asks for the baseline profile, which has no B-frames.
            profile = "main" if options["b_frames"] else "constrained-baseline"
            yield (
                "appsrc name=video is-live=true format=time max-buffers=4 leaky-type=downstream block=false"
                f" ! x264enc {b_frames} speed-preset={options['preset']} key-int-max={keyframe} threads=1"
                f" bitrate={options['bitrate_kbps']}"
                f" option-string=scenecut=0:force-cfr=1:bframes={options['b_frames']}:b-adapt=0"
                f" ! video/x-h264,profile={profile}"
                " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1"
            )
        elif options["source"] == "clip":
            yield (
                "appsrc name=video is-live=true format=time max-buffers=4 leaky-type=downstream block=false"
                " caps=video/x-h264,stream-format=byte-stream,alignment=au"
                " ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1"
            )
        if self.flash:
            yield (
                "appsrc name=sound is-live=true format=time max-buffers=16 leaky-type=downstream block=false"
                f" caps=audio/x-raw,format=S16LE,rate={self.flash.rate},channels=1,layout=interleaved"
                f" ! audioconvert ! {self.flash.branch}"
            )
        if options["audio"]:
            pay = 0 if options["source"] == "silent-picture" else 1
            # 20 ms a packet, as cameras send. Longer ones add latency, which the picture's short queue cannot hold.
            yield (
                "audiotestsrc is-live=true samplesperbuffer=160 ! audio/x-raw,rate=8000,channels=1"
                f" ! alawenc ! rtppcmapay name=pay{pay}"
            )

    def _h265_branch(self, keyframe: int) -> str:
        return (
            "appsrc name=video is-live=true format=time max-buffers=4 leaky-type=downstream block=false"
            f" ! x265enc tune=zerolatency speed-preset={self.options['preset']} key-int-max={keyframe}"
            f" bitrate={self.options['bitrate_kbps']}"
            " option-string=scenecut=0:bframes=0:pools=1:frame-threads=1:log-level=error"
            " ! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96 config-interval=-1"
        )

    def do_configure(self, media):
        media.set_shared(self.options["shared"])
        source = media.get_element().get_by_name("video")
        if source is None:
            return
        if self.flash is not None:
            sound = media.get_element().get_by_name("sound")
            feed = Feed(
                source, self.clock, self.flash.pictures(), self.flash.caps,
                (sound, lambda number: None if self.flash.muted else self.flash.sound(number)),
            )  # fmt: skip
        elif self.picture is not None:
            feed = Feed(source, self.clock, self.picture.frame, self.picture.caps)
        else:
            feed = Feed(source, self.clock, lambda number: self.units[number % len(self.units)])
        self.feeds.append(feed)
        media.connect("unprepared", lambda _: (feed.stopped.set(), self.feeds.remove(feed)))
        feed.start()


def authenticate(server, factory, options: dict) -> None:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    digest = options["authentication"] == "digest"
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST if digest else GstRtsp.RTSPAuthMethod.BASIC)
    if digest:
        auth.add_digest(options["username"], options["password"], token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options["username"], options["password"]), token)
    server.set_auth(auth)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)


def main() -> None:
    Gst.init(None)
    first = sys.stdin.readline()
    if not first:
        return
    options = json.loads(first)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options["port"]))
    factory = CameraFactory(options, Clock(options["epoch"], options["fps"]))
    if options["authentication"]:
        authenticate(server, factory, options)
    server.get_mount_points().add_factory(options["path"], factory)
    if server.attach(None) == 0:
        sys.exit(f"camera: cannot listen on port {options['port']}")
    loop = GLib.MainLoop()

    def commands() -> None:
        for line in sys.stdin:
            command = json.loads(line)
            if command["command"] == "resize":
                factory.picture.resize(command["width"], command["height"])
            elif command["command"] == "move":
                factory.picture.moving = command["moving"]
            elif command["command"] == "mute":
                factory.flash.muted = command["muted"]
        loop.quit()

    threading.Thread(target=commands, daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
