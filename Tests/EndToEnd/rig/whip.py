"""WHIP in tests: publishers by aiortc and by a page of Chromium."""

import asyncio
import random
import time
from urllib.parse import urljoin, urlsplit

import requests
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from playwright.sync_api import Page

from .whep import Pictures, Tones, WHEPViewer

_FIRST = 0x700000
# Of pictures, with that of packets that are sent again.
_CODECS = ["video/H264", "video/rtx"]


class WHIPPublisher(WHEPViewer):
    """Sends pictures with the counters of the WHEP server, and tones. Those that are lost it sends again when it is asked for them."""

    name = "aiortc by WHIP"

    def __init__(self, url: str, token: str, loss: float = 0, has_sound: bool = True):
        super().__init__(url, loss, kinds=("video", "audio") if has_sound else ("video",))
        self._token = token

    async def _open(self) -> None:
        self._connection = connection = RTCPeerConnection()
        tracks = {"video": Pictures, "audio": Tones}
        for kind in self._kinds:
            transceiver = connection.addTransceiver(tracks[kind](), direction="sendonly")
            if kind == "video":
                # MediaMTX takes what comes first.
                transceiver.setCodecPreferences([
                    codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.mimeType in _CODECS
                ])  # fmt: skip
        await connection.setLocalDescription(await connection.createOffer())
        self.started = time.monotonic()
        answer = await asyncio.to_thread(self._signal, connection.localDescription.sdp)
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        if self._loss:
            self._lose_packets()

    def _signal(self, offer: str) -> str:
        answer = requests.post(
            self._url, data=offer.encode(), timeout=25,
            headers={"Content-Type": "application/sdp", "Authorization": f"Bearer {self._token}"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text
        self.session = urljoin(answer.url, answer.headers["Location"])
        return answer.text

    def _lose_packets(self) -> None:
        """Every packet of media is lost with the same probability, those that are sent again as well; reports are not."""
        dice = random.Random(1)
        transport = self._connection.getTransceivers()[0].sender.transport
        send = transport._send_rtp

        async def lose(data: bytes) -> None:
            # RFC 5761 §4
            if not 192 <= data[1] <= 223 and dice.random() < self._loss:
                self.lost += 1
            else:
                await send(data)

        transport._send_rtp = lose


# A canvas with the frame counter of rig/counter.py for a camera, and a tone for a microphone.
_PUBLISH = """
async ([url, token, first, codecs]) => {
    const [width, height, row, cells] = [640, 360, 30, 32];
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    const context = canvas.getContext("2d");
    let count = 0;
    const draw = () => {
        for (let band = 0; band < 8; band += 1) {
            context.fillStyle = `hsl(${(45 * band + 5 * count) % 360} 70% 45%)`;
            context.fillRect(80 * band, 0, 80, height);
        }
        const counter = (first + count) & 0xFFFFFF;
        let checksum = 0;
        for (let shift = 0; shift < 24; shift += 4) checksum ^= (counter >>> shift) & 0xF;
        const word = ((0b1010 << 28) | (counter << 4) | checksum) >>> 0;
        for (let cell = 0; cell < cells; cell += 1) {
            context.fillStyle = (word >>> (31 - cell)) & 1 ? "#fff" : "#000";
            context.fillRect((cell * width) / cells, height - row, width / cells, row);
        }
        count += 1;
    };
    draw();
    setInterval(draw, 40);
    const audio = new AudioContext();
    const microphone = audio.createMediaStreamDestination();
    const tone = audio.createOscillator();
    tone.connect(microphone);
    tone.start();

    const connection = new RTCPeerConnection();
    for (const track of [...canvas.captureStream(25).getTracks(), ...microphone.stream.getTracks()]) {
        const transceiver = connection.addTransceiver(track, {direction: "sendonly"});
        if (track.kind === "video") {
            transceiver.setCodecPreferences(
                RTCRtpSender.getCapabilities("video").codecs.filter((codec) => codecs.includes(codec.mimeType)));
        }
    }
    await connection.setLocalDescription();
    const answer = await fetch(url, {
        method: "POST", headers: {"Content-Type": "application/sdp", Authorization: `Bearer ${token}`},
        body: connection.localDescription.sdp,
    });
    const text = await answer.text();
    if (answer.status !== 201) return text;
    globalThis.publishing = {connection, session: new URL(answer.headers.get("Location"), answer.url).href};
    await connection.setRemoteDescription({type: "answer", sdp: text});
    return "";
}
"""

# Bits that Chromium believes that it may send in a second, by what it is told of the packets' arrival.
_BITRATE = """
async () => {
    for (const report of (await globalThis.publishing.connection.getStats()).values()) {
        if (report.type === "candidate-pair" && report.nominated) return report.availableOutgoingBitrate ?? 0;
    }
    return 0;
}
"""


class ChromiumPublisher:
    """A page that sends a canvas and a tone."""

    def __init__(self, page: Page, url: str, token: str):
        self._page, self._url, self._token = page, url, token

    @staticmethod
    def drew(count: int | None) -> bool:
        """Whether a counter that was read is one of its."""
        return count is not None and _FIRST <= count < _FIRST + 100_000

    @staticmethod
    def lacks_h264(page: Page) -> bool:
        return not page.evaluate(
            "RTCRtpSender.getCapabilities('video').codecs.some((codec) => codec.mimeType === 'video/H264')"
        )

    def start(self) -> None:
        # Whatever is there is of the engine's own origin.
        place = urlsplit(self._url)
        self._page.goto(f"{place.scheme}://{place.netloc}/favicon.ico")
        problem = self._page.evaluate(_PUBLISH, [self._url, self._token, _FIRST, _CODECS])
        assert problem == "", problem

    @property
    def state(self) -> str:
        return self._page.evaluate("globalThis.publishing.connection.connectionState")

    @property
    def bitrate(self) -> float:
        return self._page.evaluate(_BITRATE)

    def end(self) -> int:
        """Ends the session as the protocol has it, and returns the status."""
        return self._page.evaluate(
            "fetch(globalThis.publishing.session, {method: 'DELETE'}).then((answer) => answer.status)"
        )
