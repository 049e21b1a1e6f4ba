import { MediaSourceTransport, mediaSourceIsSupported } from "./media-source-transport.js";
import { NativeTransport, nativeIsSupported } from "./native-transport.js";
import { PlaybackBlocked } from "./playback-failure.js";
import { WHEPTransport, webRTCIsSupported } from "./whep-transport.js";

/**
 * @typedef {object} TransportRequest
 * @property {HTMLVideoElement} video
 * @property {string} url absolute
 * @property {(hasSound: boolean) => void} soundKnown is to be called when it is known whether the stream has sound, and when that changes
 */

/**
 * One way of getting a stream into a video element.
 * @typedef {object} Transport
 * @property {string} label what the user reads over the picture
 * @property {string} detail what does the work
 * @property {(signal: AbortSignal) => Promise<void>} open answers once a picture is seen
 * @property {Promise<never>} failed rejects when playing stops working
 * @property {(now: () => number) => number | null} delaySeconds how old the picture is
 * @property {() => void} close
 */

/**
 * A way of playing that may be tried.
 * @typedef {object} TransportOffer
 * @property {"whep" | "hls"} kind
 * @property {new (request: TransportRequest) => Transport} Transport
 * @property {string} url
 */

/**
 * The ways to play an address in this browser, the best one first. Apple's players are better than hls.js on their
 * devices; Chromium's own is young, and everybody else has none.
 * @param {URL} url of a WHEP endpoint or of a multivariant playlist
 * @returns {TransportOffer[]}
 */
export function transports(url) {
    const apple = navigator.vendor.startsWith("Apple");
    const native = nativeIsSupported() ? [NativeTransport] : [];
    const mediaSource = mediaSourceIsSupported() ? [MediaSourceTransport] : [];
    const hls = apple ? [...native, ...mediaSource] : [...mediaSource, ...native];
    const isWHEP = url.pathname.endsWith("/whep");
    const whep = isWHEP && webRTCIsSupported() ? [WHEPTransport] : [];
    const playlist = isWHEP ? new URL("index.m3u8", url) : url;
    /** @type {TransportOffer[]} */
    const offers = [
        ...whep.map((Transport) => ({ kind: /** @type {const} */ ("whep"), Transport, url: url.href })),
        ...hls.map((Transport) => ({ kind: /** @type {const} */ ("hls"), Transport, url: playlist.href })),
    ];
    if (offers.length === 0) throw new PlaybackBlocked("unsupported");
    return offers;
}
