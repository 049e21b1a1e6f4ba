import { PlaybackBlocked } from "./playback-failure.js";

/** @typedef {import("../core/types.js").OutputURL} OutputURL */
/** @typedef {import("../core/types.js").TransmissionURLs} TransmissionURLs */

/**
 * The output of a transmission that this page can play.
 * @param {TransmissionURLs} urls
 * @param {{protocol: string, hostname: string}} page where this page comes from
 * @returns {OutputURL}
 * @throws {PlaybackBlocked} when there is none, with the reason
 */
export function playableOutput(urls, page) {
    if (!urls.engine_running) throw new PlaybackBlocked("engine-stopped");
    const output = urls.outputs.find((candidate) => candidate.protocol === "hls");
    if (!output) throw new PlaybackBlocked("no-hls");
    const address = new URL(output.url);
    const local = isLoopback(address.hostname);
    if (local && !isLoopback(page.hostname)) throw new PlaybackBlocked("loopback");
    if (page.protocol === "https:" && address.protocol === "http:" && !local) {
        throw new PlaybackBlocked("mixed-content");
    }
    return output;
}

/** @param {string} hostname */
export function isLoopback(hostname) {
    return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
