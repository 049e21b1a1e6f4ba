/** How long the server keeps a stream running for a player that it does not hear of any more. */
const seconds = 45;
/** Two heartbeats may get lost. */
const intervalMilliseconds = 15_000;

/**
 * Tells the server that this page plays a stream, for as long as it does: so that the stream goes on while the player
 * reconnects, and ends soon after the page was closed.
 */
export class PlaybackLease {
    #api;
    #transmissionId;
    #sessionId = randomName();
    /** @type {number | undefined} */
    #timer;
    #isHeld = false;

    /**
     * @param {Pick<import("./stream-server.js").StreamServer, "sendHeartbeat" | "endHeartbeat">} api
     * @param {string} transmissionId
     */
    constructor(api, transmissionId) {
        this.#api = api;
        this.#transmissionId = transmissionId;
    }

    /**
     * Begins, or says so once more.
     * @param {AbortSignal} signal
     * @returns {Promise<number>} how many encodings run because of it
     */
    async begin(signal) {
        clearTimeout(this.#timer);
        this.#isHeld = true;
        try {
            const { leased_outputs: count } = await this.#api.sendHeartbeat(
                this.#transmissionId, this.#sessionId, seconds, signal,
            );
            return count;
        } finally {
            if (this.#isHeld && !signal.aborted) this.#schedule(signal);
        }
    }

    /** Tells the server that it is over; that works from a page that is being closed, too. */
    end() {
        clearTimeout(this.#timer);
        if (!this.#isHeld) return;
        this.#isHeld = false;
        // Should it get lost, the lease runs out by itself.
        this.#api.endHeartbeat(this.#transmissionId, this.#sessionId).catch(() => {});
    }

    /** @param {AbortSignal} signal */
    #schedule(signal) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => {
            if (!signal.aborted) void this.begin(signal).catch(() => {});
        }, intervalMilliseconds);
    }
}

/** `crypto.randomUUID` exists only on pages that came by HTTPS or from this machine. */
function randomName() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
