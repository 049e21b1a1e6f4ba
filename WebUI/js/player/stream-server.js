import { AddressBook } from "./address-book.js";
import { withAnySignal } from "./abort.js";
import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";

/** The longest that an ordinary request may take. */
const requestTimeoutMilliseconds = 10_000;

/** @type {Map<string, StreamServer>} */
const known = new Map();

/**
 * Where an output of a transmission is watched.
 * @typedef {object} OutputURL
 * @property {string} output_id
 * @property {string} protocol `hls`, `rtsp` or `webrtc`
 * @property {string} resolved_engine_path
 * @property {string} url for other players
 * @property {string | null} auth_username
 * @property {string | null} playback_url relative to the server; null when it has to be asked for with a password
 * @property {string | null} [h264_playback_url] the same in H.264, where there is that apart
 * @property {number | null} playback_expires_in_seconds
 */

/**
 * @typedef {object} TransmissionURLs
 * @property {string} transmission_id
 * @property {boolean} engine_running
 * @property {OutputURL[]} outputs
 */

/**
 * @typedef {object} Playback
 * @property {string} playback_url relative to the server
 * @property {string | null} [h264_playback_url] the same in H.264, where there is that apart
 * @property {number} playback_expires_in_seconds
 */

/** What players ask a server for. */
export class StreamServer {
    /**
     * One for each address, so that all players of a page share it.
     * @param {string} [base] where the server's pages are; by default the page itself is one of them
     */
    static at(base) {
        const { href } = new URL(base ?? "", document.baseURI);
        const server = known.get(href) ?? new StreamServer(href);
        known.set(href, server);
        return server;
    }

    /** @param {string} base absolute */
    constructor(base) {
        this.base = base;
        this.addresses = new AddressBook(this);
    }

    /**
     * @param {string} path relative to the server
     * @returns {URL}
     */
    address(path) {
        return new URL(path, this.base);
    }

    /**
     * Where all transmissions are watched; starts nothing.
     * @returns {Promise<TransmissionURLs[]>}
     */
    async allURLs() {
        return (await this.#json("GET", "api/streams/urls")).transmissions;
    }

    /**
     * Where an output that has a password is watched.
     * @param {string} id of the transmission
     * @param {string} outputId
     * @param {{username: string, password: string}} credentials
     * @param {AbortSignal} signal
     * @returns {Promise<Playback | null>} null when they are wrong
     */
    async playback(id, outputId, { username, password }, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/outputs/${encodeURIComponent(outputId)}/playback`;
        const bytes = new TextEncoder().encode(`${username}:${password}`);
        const response = await fetch(this.address(path), {
            method: "POST", signal,
            // The second one keeps the browser from asking with a window of its own.
            headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}`, "X-Requested-With": "fetch" },
        });
        if (response.status === 401) return null;
        if (!response.ok) throw await refusal(response, "playback");
        return response.json();
    }

    /**
     * Lets somebody go on watching.
     * @param {string} url the address with the token
     * @returns {Promise<number>} for how many seconds it is good now
     */
    async renewPlayback(url) {
        const path = new URL("viewer", this.address(url)).href;
        return (await this.#json("POST", path)).playback_expires_in_seconds;
    }

    /**
     * Nobody watches by an address any more; it would count until its session runs out. The request outlives the page.
     * @param {string} url the address with the token
     */
    async endPlayback(url) {
        await fetch(new URL("viewer", this.address(url)), { method: "DELETE", keepalive: true });
    }

    /**
     * Keeps a transmission running for a player.
     * @param {string} id
     * @param {string} sessionId names the player
     * @param {number} seconds until the server gives the player up
     * @param {AbortSignal} [signal]
     * @returns {Promise<{leased_outputs: number}>}
     */
    sendHeartbeat(id, sessionId, seconds, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/demand/heartbeat`;
        return this.#json("POST", path, { playback_session_id: sessionId, ttl_seconds: seconds }, signal);
    }

    /**
     * Ends what heartbeats kept running. The request outlives the page.
     * @param {string} id
     * @param {string} sessionId
     */
    async endHeartbeat(id, sessionId) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/demand/heartbeat/${sessionId}`;
        await fetch(this.address(path), { method: "DELETE", keepalive: true });
    }

    /**
     * The picture that a transmission shows.
     * @param {string} id
     * @param {{maxAge: number, width: number, waits: boolean}} wish how old it may be, in seconds; how wide at most; and
     *     whether to wait until a camera gives one, instead of being told of none
     * @param {AbortSignal} signal
     * @returns {Promise<{blob: Blob, state: string} | null>} null when there is none without waiting
     */
    async still(id, { maxAge, width, waits }, signal) {
        const query = new URLSearchParams({ max_age: String(maxAge), width: String(width), wait: String(waits) });
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/still.jpg?${query}`;
        // The age is the server's matter: a browser's cache would keep a picture of before the last change.
        const response = await fetch(this.address(path), {
            cache: "no-store", signal, headers: { "X-Requested-With": "fetch" },
        });
        if (response.status === 204) return null;
        if (!response.ok) throw await refusal(response, "still");
        return { blob: await response.blob(), state: response.headers.get("x-toposync-frame-state") ?? "" };
    }

    /**
     * @param {string} method
     * @param {string} path
     * @param {object} [body]
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>}
     */
    async #json(method, path, body, signal) {
        const deadline = AbortSignal.timeout(requestTimeoutMilliseconds);
        try {
            return await withAnySignal(signal ? [signal, deadline] : [deadline], async (scope) => {
                const response = await fetch(this.address(path), {
                    method, cache: "no-store", signal: scope, body: body && JSON.stringify(body),
                    headers: body ? { "Content-Type": "application/json" } : {},
                });
                if (!response.ok) throw await refusal(response, path.split("/").pop() ?? path);
                return response.json();
            });
        } catch (error) {
            if (signal?.aborted || error instanceof PlaybackFailure) throw error;
            throw new PlaybackFailure("unreachable");
        }
    }
}

/**
 * Whether an address is one that a server of ours made for one viewer.
 * @param {URL} url
 */
export function isRelayed(url) {
    return url.pathname.includes("/api/media/");
}

/**
 * What a server that refuses says.
 * @param {Response} response
 * @param {string} what was asked for
 * @returns {Promise<PlaybackFailure>}
 */
export async function refusal(response, what) {
    const { status } = response;
    const isRefusal = status === 406 || status === 422;
    // A proxy in front of a server that is down answers with a page of its own.
    const said = await response.json().catch(() => null);
    if (typeof said?.detail !== "string") return new PlaybackFailure("httpStatus", { status: String(status), what }, { isRefusal });
    const { detail, code = null, parameters = {} } = said;
    if (code === "needs_sign_in") return new PlaybackBlocked("sign-in");
    return new PlaybackFailure("server", { detail, code, parameters }, { isRefusal });
}
