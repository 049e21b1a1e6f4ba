"""A WHEP server that a test makes up, for the pages' side of WebRTC: the built-in engine has none, and MediaMTX is not always there."""

import asyncio
import fractions
import threading

import aioice.ice
import av
import numpy as np
from aiortc import AudioStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

from . import counter

_FIRST = 0x500000


class _Pictures(VideoStreamTrack):
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


class _Tones(AudioStreamTrack):
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
        connection.addTrack(_Pictures())
        if self._has_sound:
            connection.addTrack(_Tones())
        await connection.setLocalDescription(await connection.createAnswer())
        description = connection.localDescription.sdp
        if self._connects:
            return description
        # Else it finds the browser by the candidates of the offer, whatever the answer leaves out.
        await connection.close()
        return "".join(f"{line}\r\n" for line in description.splitlines() if not line.startswith("a=candidate"))
