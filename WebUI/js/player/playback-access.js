/** @typedef {import("./stream-server.js").Playback} Playback */

/** A renewal may get lost, and come again. */
const renewalsPerLife = 3;

/**
 * This page's leave to watch one output: it is in the address, lasts some minutes, and is renewed while somebody watches.
 */
export class PlaybackAccess {
    #api;
    #url;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /**
     * @param {Pick<import("./stream-server.js").StreamServer, "renewPlayback" | "endPlayback">} api
     * @param {Playback} playback
     */
    constructor(api, playback) {
        this.#api = api;
        this.#url = playback.playback_url;
        this.#schedule(playback.playback_expires_in_seconds);
    }

    /** Tells the server that nobody watches any more; that works from a page that is being closed, too. */
    end() {
        clearTimeout(this.#timer);
        this.#timer = undefined;
        // Should it get lost, the engine notices by itself, after a while.
        this.#api.endPlayback(this.#url).catch(() => {});
    }

    /** @param {number} seconds that the address is good for */
    #schedule(seconds) {
        const timer = setTimeout(() => void this.#renew(timer, seconds), (seconds * 1000) / renewalsPerLife);
        this.#timer = timer;
    }

    /**
     * @param {ReturnType<typeof setTimeout>} timer
     * @param {number} seconds
     */
    async #renew(timer, seconds) {
        let next = seconds;
        try {
            next = await this.#api.renewPlayback(this.#url);
        } catch {
            // When it is over, playing stops working, and the player asks for another address.
        }
        if (this.#timer === timer) this.#schedule(next);
    }
}
