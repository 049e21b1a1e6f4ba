"""WHEP in tests, by aiortc: a server for the pages' side of WebRTC, which can fail as tests want it to, and a viewer."""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import fractions
import random
import threading
import time
from urllib.parse import urljoin

import aioice.ice
import av
import numpy as np
import requests
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import MediaStreamError

from . import counter
from .bad_line import BadLine
from .websocket import Socket

_FIRST = 0x500000


class Pictures(VideoStreamTrack):
    """Pictures with a counter that no camera of the rig shows, 15 a second."""

    def __init__(self):
        super().__init__()
        self._count = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / 15)
        luma = np.full((360, 640), 90, np.uint8)
        counter.draw(luma, _FIRST + self._count)
        picture = np.concatenate([luma, np.full((180, 640), 128, np.uint8)])
        frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
        frame.pts, frame.time_base = self._count * 6000, fractions.Fraction(1, 90000)
        self._count += 1
        return frame


class Tones(AudioStreamTrack):
    """A tone of 1 kHz in the first half of each second."""

    async def recv(self) -> av.AudioFrame:
        frame = await super().recv()
        times = (frame.pts + np.arange(frame.samples)) / frame.sample_rate
        tone = np.sin(2 * np.pi * 1000 * times) * (times % 1 < 0.5)
        frame.planes[0].update((tone * 20000).astype(np.int16).tobytes())
        return frame


class WHEPServer:
    """Answers offers. One that does not connect describes a session that no packet ever reaches."""

    def __init__(self, connects: bool = True, has_sound: bool = False):
        # The library leaves out loopback, which may be all that there is.
        aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]
        self._connects = connects
        self._has_sound = has_sound
        self.offers = 0
        self.ended = 0

    def __enter__(self) -> "WHEPServer":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connections: list[RTCPeerConnection] = []
        return self

    def __exit__(self, *_) -> None:
        for connection in self._connections:
            self._run(connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(15)

    @staticmethod
    def drew(count: int | None) -> bool:
        """Whether a counter that was read is one of ours."""
        return count is not None and _FIRST <= count < _FIRST + 100_000

    def serve(self, page) -> None:
        """Takes the place of the engine behind every address of WHEP that the page uses."""
        page.route("**/whep", lambda route: route.fulfill(**self._respond(route.request)))
        page.route("**/whep/session", lambda route: route.fulfill(**self._end()))

    def _respond(self, request) -> dict:
        if request.method == "OPTIONS":
            return {"status": 204}
        self.offers += 1
        sdp = self._run(self._answer(request.post_data))
        return {"status": 201, "headers": {"Content-Type": "application/sdp", "Location": "whep/session"}, "body": sdp}

    def _end(self) -> dict:
        self.ended += 1
        return {"status": 200}

    async def _answer(self, offer: str) -> str:
        connection = RTCPeerConnection()
        self._connections.append(connection)
        await connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        connection.addTrack(Pictures())
        if self._has_sound:
            connection.addTrack(Tones())
        await connection.setLocalDescription(await connection.createAnswer())
        description = connection.localDescription.sdp
        if self._connects:
            return description
        # Else it finds the browser by the candidates of the offer, whatever the answer leaves out.
        await connection.close()
        return "".join(f"{line}\r\n" for line in description.splitlines() if not line.startswith("a=candidate"))


def serve_webrtc(server) -> None:
    """Starts the engine so that browsers find its media where there is no network but loopback."""
    server.api.patch("api/streams/settings", {"engine": {"webrtc_additional_hosts": ["127.0.0.1"]}})
    server.start_engine()


def add_webrtc_stream(server, camera, **encoding):
    """A stream with an output for WebRTC beside the one for RTSP."""
    stream = server.api.add_stream(camera.url, encoding=encoding)
    url = f"api/streams/transmissions/{stream.transmission_id}"
    body = server.api.get(url)
    body["outputs"] = [
        output | {"protocol": "webrtc"} if output["protocol"] == "hls" else output for output in body["outputs"]
    ]
    server.api.put(url, body)
    return stream


def whep(stream) -> str:
    """Where other players begin."""
    outputs = stream.api.get(f"api/streams/transmissions/{stream.transmission_id}/urls?prime=false")["outputs"]
    return next(output["url"] for output in outputs if output["protocol"] == "webrtc")


@dataclasses.dataclass(frozen=True)
class Seen:
    """A picture that was decoded, when (time.monotonic()), and its time on the stream's own clock (RTP's, unwrapped).

    The library decodes on after a loss that nothing made good, until the next keyframe: such a picture's counter may be
    another's.
    """

    at: float
    counter: int
    pts: int


class WHEPViewer:
    """Plays an address of WHEP, and reads the counters of its pictures. One that loses packets asks for them again (NACK)."""

    name = "aiortc by WHEP"

    def __init__(
        self, url: str, loss: float = 0, kinds: tuple[str, ...] = ("video", "audio"), line: BadLine | None = None
    ):
        aioice.ice.get_host_addresses = lambda *_, **__: ["127.0.0.1"]
        self._url, self._loss, self._kinds, self._line = url, loss, kinds, line
        self.pictures: list[Seen] = []
        self.sound_frames = 0
        self.lost = 0
        self.session: str | None = None
        self._tasks: list[asyncio.Task] = []

    def __enter__(self) -> "WHEPViewer":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._run(self._open())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(Exception):
            self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @staticmethod
    def offer(*kinds: str) -> str:
        """An offer for media of these kinds, of somebody who does not wait for the answer."""

        async def make() -> str:
            connection = RTCPeerConnection()
            for kind in kinds or ("video", "audio"):
                connection.addTransceiver(kind, direction="recvonly")
            await connection.setLocalDescription(await connection.createOffer())
            description = connection.localDescription.sdp
            await connection.close()
            return description

        with concurrent.futures.ThreadPoolExecutor() as pool:
            # Playwright's loop runs on the test's own thread.
            return pool.submit(asyncio.run, make()).result()

    async def _open(self) -> None:
        self._connection = connection = RTCPeerConnection()
        connection.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._watch(track))))
        for kind in self._kinds:
            connection.addTransceiver(kind, direction="recvonly")
        await connection.setLocalDescription(await connection.createOffer())
        self.started = time.monotonic()
        answer = await asyncio.to_thread(self._signal, connection.localDescription.sdp)
        sdp = self._line.answer(answer) if self._line else answer
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        if self._loss:
            self._lose_packets()

    def _signal(self, offer: str) -> str:
        answer = requests.post(
            self._url, data=offer.encode(), timeout=25, headers={"Content-Type": "application/sdp"}
        )
        assert answer.status_code == 201, answer.text
        self.session = urljoin(answer.url, answer.headers["Location"])
        return answer.text

    def _lose_packets(self) -> None:
        """Every packet of media is lost with the same probability, those that are sent again as well."""
        dice = random.Random(1)
        transport = self._connection.getTransceivers()[0].receiver.transport
        handle = transport._handle_rtp_data

        async def lose(data: bytes, *rest, **named) -> None:
            if dice.random() < self._loss:
                self.lost += 1
            else:
                await handle(data, *rest, **named)

        transport._handle_rtp_data = lose

    async def _watch(self, track) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if track.kind == "audio":
                    self.sound_frames += 1
                elif (count := counter.read(frame.to_ndarray(format="gray"))) is not None:
                    self.pictures.append(Seen(time.monotonic(), count, frame.pts))

    async def _close(self) -> None:
        await self._connection.close()
        for task in self._tasks:
            task.cancel()

    @property
    def state(self) -> str:
        return self._connection.connectionState

    @property
    def counters(self) -> list[int]:
        return [picture.counter for picture in self.pictures]

    def since(self, instant: float) -> list[Seen]:
        return [picture for picture in self.pictures if picture.at >= instant]

    def wait_for_picture(self, timeout: float) -> Seen:
        self.wait_for_pictures(1, timeout, lambda _: True)
        return self.pictures[0]

    def wait_for_pictures(self, count: int, timeout: float, accept) -> list[int]:
        """Waits for so many pictures of a camera from now on."""
        first = len(self.counters)
        deadline = time.monotonic() + timeout
        while sum(map(accept, self.counters[first:])) < count:
            assert time.monotonic() < deadline, f"pictures: {self.counters[first:]}, {self.lost} packets lost, {self.state}"
            time.sleep(0.05)
        return [seen for seen in self.counters[first:] if accept(seen)]


class SocketViewer(WHEPViewer):
    """The same with the messages of go2rtc at a WebSocket, which it closes at once: go2rtc's player does so when it has a picture."""

    name = "aiortc by WebSocket"

    def __init__(self, url: str, headers: dict[str, str]):
        super().__init__(url, kinds=("video",))
        self._headers = headers

    def _signal(self, offer: str) -> str:
        with Socket(self._url, self._headers) as socket:
            assert socket.status == 101
            socket.send({"type": "webrtc/offer", "value": offer})
            answer = socket.message()
        assert answer["type"] == "webrtc/answer", answer
        return answer["value"]
