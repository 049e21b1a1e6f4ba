import { playableOutput } from "./playable-output.js";
import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";
import { streamCredentials } from "./stream-credentials.js";
import { transportKinds } from "./transport.js";

/** @typedef {import("./stream-server.js").OutputURL} OutputURL */
/** @typedef {import("./stream-server.js").Playback} Playback */
/** @typedef {import("./stream-server.js").StreamServer} StreamServer */
/** @typedef {import("./transport.js").TransportKind} TransportKind */

/**
 * Where one viewer plays.
 * @typedef {object} Place
 * @property {StreamServer} server
 * @property {URL[]} urls the same stream by each
 * @property {Playback | null} playback what has to be renewed; null for an address that somebody else keeps
 */

/** Where one stream is played: what its server says, or an address that needs nobody to be asked. */
export class StreamSource {
    /** Found, and not used yet. @type {Place | null} */
    #found = null;
    /** Whether there is the same in H.264 apart. */
    #hasH264 = false;
    /** Whether that is what this browser plays. */
    #isH264 = false;
    /** @type {string | null} */
    transmissionId = null;
    /** Which output is played. @type {string | null} */
    outputId = null;
    /** For other players. @type {string | null} */
    url = null;
    /** @type {string | null} */
    path = null;
    /** Whom its password belongs to. @type {string | null} */
    username = null;

    /**
     * @param {StreamServer} server
     * @param {string} name the id of a transmission, the id or the path of an output, or addresses of
     *     WHEP and HLS with spaces between
     */
    constructor(server, name) {
        this.server = server;
        this.name = name;
        // What looks like an id of ours is one, before anybody is asked: so the stream starts at once.
        if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name)) this.transmissionId = name;
    }

    /**
     * Finds it, and which ways there are to play it in this browser.
     * @param {AbortSignal} signal
     * @returns {Promise<TransportKind[]>}
     */
    async find(signal) {
        this.#found = await this.#place(signal);
        return transportKinds(this.#found.urls);
    }

    /**
     * A place for one viewer: what was found, or another one.
     * @param {AbortSignal} signal
     * @returns {Promise<Place>}
     */
    async take(signal) {
        const place = this.#found;
        this.#found = null;
        return place ?? this.#place(signal);
    }

    /** Nobody uses what was found: the next one asks anew. */
    forget() {
        this.#found = null;
    }

    /**
     * This browser does not decode what the stream is: from now on it plays the same in H.264.
     * @returns {boolean} whether there is such a thing, and it was not that already
     */
    turnToH264() {
        if (this.#isH264 || !this.#hasH264) return false;
        this.#isH264 = true;
        this.forget();
        return true;
    }

    /**
     * @param {AbortSignal} signal
     * @returns {Promise<Place>}
     */
    async #place(signal) {
        const { server, name } = this;
        if (isAddress(name)) {
            const urls = name.trim().split(/\s+/).map((address) => server.address(address));
            this.url = this.path = urls[0].origin + urls[0].pathname;
            return { server, urls, playback: null };
        }
        const urls = await server.addresses.of(name, signal);
        if (!urls) throw new PlaybackFailure("gone");
        this.transmissionId = urls.transmission_id;
        const output = playableOutput(urls);
        this.username = output.auth_username;
        this.url = output.url;
        this.path = output.resolved_engine_path;
        this.outputId = output.output_id;
        const given = await this.#playback(output, signal);
        const h264 = given.h264_playback_url ?? null;
        this.#hasH264 = h264 !== null;
        const playback = this.#isH264 && h264 ? { ...given, playback_url: h264 } : given;
        return { server, urls: [server.address(playback.playback_url)], playback };
    }

    /**
     * @param {OutputURL} output
     * @param {AbortSignal} signal
     * @returns {Promise<Playback>}
     */
    async #playback(output, signal) {
        const { output_id: id, playback_url: url, playback_expires_in_seconds: seconds } = output;
        if (url && seconds) {
            return {
                playback_url: url, h264_playback_url: output.h264_playback_url, playback_expires_in_seconds: seconds,
            };
        }
        const credentials = streamCredentials.get(this.name);
        const playback = credentials && await this.server.playback(this.transmissionId ?? "", id, credentials, signal);
        if (!playback) throw new PlaybackBlocked("password");
        return playback;
    }
}

/** @param {string} name */
function isAddress(name) {
    return /^(?:https?:)?\/|\/(?:whep|[^/]+\.m3u8)(?:\?|\s|$)/.test(name);
}
