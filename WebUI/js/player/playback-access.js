/** @typedef {import("./stream-server.js").Playback} Playback */

import { PlaybackBlocked, PlaybackFailure } from "./playback-failure.js";

/** A renewal may get lost, and come again. */
const renewalsPerLife = 3;
/** Seconds until it comes again. */
const retrySeconds = 5;

/**
 * This page's leave to watch one output: it is in the address, lasts some minutes, and is renewed while somebody watches.
 */
export class PlaybackAccess {
    #api;
    #url;
    #over;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;

    /**
     * @param {Pick<import("./stream-server.js").StreamServer, "renewPlayback" | "endPlayback">} api
     * @param {Playback} playback
     * @param {(failure: PlaybackFailure) => void} [over] is called when the server gives no more time, and says why
     */
    constructor(api, playback, over = () => {}) {
        this.#api = api;
        this.#over = over;
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
        try {
            const next = await this.#api.renewPlayback(this.#url);
            if (this.#timer === timer) this.#schedule(next);
        } catch (error) {
            if (this.#timer !== timer) return;
            // A slow network, or a server that is being started again, is no reason to give up what is still good.
            if (isRefusal(error)) this.#over(error);
            else this.#schedule(Math.min(seconds, retrySeconds * renewalsPerLife));
        }
    }
}

/**
 * Whether the server says that there is no more time: a page that slept for too long, or somebody who was signed out.
 * @param {unknown} error
 * @returns {error is PlaybackFailure}
 */
function isRefusal(error) {
    return error instanceof PlaybackBlocked
        || (error instanceof PlaybackFailure && error.parameters.code === "media_address_over");
}
