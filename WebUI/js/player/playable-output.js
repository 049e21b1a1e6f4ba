import { PlaybackBlocked } from "./playback-failure.js";

/** @typedef {import("./stream-server.js").OutputURL} OutputURL */
/** @typedef {import("./stream-server.js").TransmissionURLs} TransmissionURLs */

/**
 * The output of a transmission that this page can play: one for WebRTC if there is any, else HLS. (Whatever an
 * output is for, the engine also gives it as HLS.)
 * @param {TransmissionURLs} urls
 * @returns {OutputURL}
 * @throws {PlaybackBlocked} when there is none, with the reason
 */
export function playableOutput(urls) {
    if (!urls.engine_running) throw new PlaybackBlocked("engine-stopped");
    const output = preferredOutput(urls.outputs);
    if (!output) throw new PlaybackBlocked("no-hls");
    return output;
}

/**
 * @template {{protocol: string}} Output
 * @param {Output[]} outputs
 * @returns {Output | undefined} the one that is played of them
 */
export function preferredOutput(outputs) {
    const playable = outputs.filter(({ protocol }) => protocol !== "rtsp");
    return playable.find(({ protocol }) => protocol === "webrtc") ?? playable[0];
}

/** @param {string} hostname */
export function isLoopback(hostname) {
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
