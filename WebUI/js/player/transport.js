import { MediaSourceTransport, mediaSourceIsSupported } from "./media-source-transport.js";
import { NativeTransport, nativeIsSupported } from "./native-transport.js";
import { PlaybackBlocked } from "./playback-failure.js";

/**
 * @typedef {object} TransportRequest
 * @property {HTMLVideoElement} video
 * @property {string} url
 * @property {{username: string, password: string} | null} credentials
 */

/**
 * One way of getting a stream into a video element.
 * @typedef {object} Transport
 * @property {string} label what the user reads over the picture
 * @property {string} detail what does the work
 * @property {boolean | null} hasAudio null while nobody knows
 * @property {string | null} viewerId what the engine calls this viewer, where it can be known
 * @property {(signal: AbortSignal) => Promise<void>} open answers once a picture is seen
 * @property {Promise<never>} failed rejects when playing stops working
 * @property {(now: () => number) => number | null} delaySeconds how old the picture is
 * @property {() => void} close
 */

/**
 * The ways to play HLS in this browser, the best one first. Apple's players are better than hls.js on their devices;
 * Chromium's own is young, and everybody else has none.
 * @param {boolean} needsHeaders whether requests need a header, which a native player cannot send
 * @returns {(new (request: TransportRequest) => Transport)[]}
 */
export function hlsTransports(needsHeaders) {
    const apple = navigator.vendor.startsWith("Apple");
    const native = nativeIsSupported() ? [NativeTransport] : [];
    const mediaSource = mediaSourceIsSupported() ? [MediaSourceTransport] : [];
    const supported = apple && !needsHeaders ? [...native, ...mediaSource] : [...mediaSource, ...native];
    if (supported.length === 0) throw new PlaybackBlocked("unsupported");
    return supported;
}
