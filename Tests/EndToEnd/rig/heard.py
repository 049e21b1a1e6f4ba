"""What a page lets be heard, by Web Audio: the tones of a video, and the flashes that belong to them."""

from playwright.sync_api import Locator

# Listens in place of the loudspeakers, and notes when tones and flashes begin, in seconds of the page's clock. A flash begins when the
# video's own clock says so, which a picture that a busy computer draws late does not change.
_LISTEN = """video => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, {fftSize: 8192});
    // Chromium lets none of WebRTC's sound through an element; of that, what arrives is listened to, muted or not.
    const source = video.srcObject
        ? context.createMediaStreamSource(video.srcObject) : context.createMediaElementSource(video);
    source.connect(analyser).connect(context.destination);
    const heard = {tones: [], flashes: []};
    const samples = new Float32Array(analyser.fftSize);
    let loud = 0;
    setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const begin = performance.now() / 1000 - samples.length / context.sampleRate;
        samples.forEach((sample, index) => {
            if (Math.abs(sample) < 0.02) return;
            const at = begin + index / context.sampleRate;
            if (at - loud > 0.3) heard.tones.push(at);
            loud = Math.max(loud, at);
        });
    }, 10);
    const brush = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    let wasBright = true;
    const look = (_, {mediaTime}) => {
        const at = performance.now() / 1000 - (video.currentTime - mediaTime);
        brush.drawImage(video, 0, 0, 1, 1);
        const isBright = brush.getImageData(0, 0, 1, 1).data[1] > 128;
        if (isBright && !wasBright) heard.flashes.push(at);
        wasBright = isBright;
        video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
    video.heard = heard;
}"""


class Listener:
    """Listens to a video from now on."""

    def __init__(self, video: Locator):
        self._video = video
        video.evaluate(_LISTEN)

    @property
    def tones(self) -> list[float]:
        return self._video.evaluate("video => video.heard.tones")

    @property
    def flashes(self) -> list[float]:
        return self._video.evaluate("video => video.heard.flashes")

    def offsets(self) -> list[float]:
        """How much later each tone begins than its flash, in seconds."""
        flashes = self.flashes
        return [min((tone - flash for flash in flashes), key=abs) for tone in self.tones if flashes]
