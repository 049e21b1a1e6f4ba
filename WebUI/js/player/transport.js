import { HLSTransport, mediaSourceIsSupported } from "./hls-transport.js";
import { MSETransport, mseIsSupported } from "./mse-transport.js";
import { NativeTransport, nativeIsSupported } from "./native-transport.js";
import { PlaybackBlocked } from "./playback-failure.js";
import { isRelayed } from "./stream-server.js";
import { WHEPTransport, webRTCIsSupported } from "./whep-transport.js";

/** @typedef {"whep" | "mse" | "hls" | "native"} TransportKind */

/**
 * @typedef {object} TransportRequest
 * @property {HTMLVideoElement} video
 * @property {string} url absolute
 * @property {import("./picture-metadata.js").PictureMetadata} [metadata] takes what travels with the pictures
 * @property {(hasSound: boolean) => void} soundKnown is to be called when it is known whether the stream has sound, and when that changes
 */

/**
 * One way of getting a stream into a video element.
 * @typedef {object} Transport
 * @property {string} label what the user reads over the picture
 * @property {string} detail what does the work
 * @property {(signal: AbortSignal) => Promise<void>} open answers once the stream is on its way to the element
 * @property {Promise<never>} failed rejects when playing stops working
 * @property {(now: () => number) => number | null} delaySeconds how old the picture is
 * @property {() => void} close
 */

/** Whether a way of playing has what travels with the pictures. @param {TransportKind} kind */
export function carriesMetadata(kind) {
    // It would take a data channel.
    return kind !== "whep";
}

/**
 * How one is tried: by which file of the server's own addresses, and what other addresses of it end with.
 * @type {Record<TransportKind, {Transport: new (request: TransportRequest) => Transport, file: string, ending: string,
 *     isSupported: () => boolean}>}
 */
const transports = {
    whep: { Transport: WHEPTransport, file: "whep", ending: "/whep", isSupported: webRTCIsSupported },
    mse: { Transport: MSETransport, file: "../../streams/playback/{token}/mse", ending: "/mse", isSupported: mseIsSupported },
    hls: { Transport: HLSTransport, file: "index.m3u8", ending: ".m3u8", isSupported: mediaSourceIsSupported },
    native: { Transport: NativeTransport, file: "index.m3u8", ending: ".m3u8", isSupported: nativeIsSupported },
};

/**
 * Where one way of playing goes on from an address. By whichever output, a server of ours also gives HLS; WebRTC only of those
 * that are made for it.
 * @param {TransportKind} kind
 * @param {URL} url
 * @returns {URL | null} null when it can't
 */
function address(kind, url) {
    const { file, ending } = transports[kind];
    const isIt = url.pathname.endsWith(ending);
    if (!isRelayed(url) || kind === "whep") return isIt ? url : null;
    const token = url.pathname.split("/").at(-2) ?? "";
    return isIt ? url : new URL(file.replace("{token}", token), url);
}

/**
 * The ways to play a stream in this browser.
 * @param {URL[]} urls the addresses of the stream
 * @returns {TransportKind[]}
 */
export function transportKinds(urls) {
    const kinds = /** @type {TransportKind[]} */ (Object.keys(transports));
    return kinds.filter((kind) => transports[kind].isSupported() && urls.some((url) => address(kind, url)));
}

/**
 * @param {TransportKind} kind one of those that there are
 * @param {URL[]} urls the addresses of the stream
 * @param {Omit<TransportRequest, "url">} request
 * @returns {Transport}
 */
export function makeTransport(kind, urls, request) {
    const [url] = urls.map((candidate) => address(kind, candidate)).filter((found) => found !== null);
    if (!url) throw new PlaybackBlocked("unsupported");
    return new transports[kind].Transport({ ...request, url: url.href });
}
