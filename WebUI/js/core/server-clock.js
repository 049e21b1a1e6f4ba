/**
 * The server's clock, estimated from the moment that an answer carries and when it was asked for. The delay of a
 * picture is a difference between two machines' clocks, which nobody promised to agree.
 */
export class ServerClock {
    /** Milliseconds that the server is ahead of this browser. */
    #offset = 0;
    /** Milliseconds that the best measurement may be wrong by. */
    #uncertainty = Infinity;

    /**
     * @param {number} asked this browser's time when the request left, milliseconds
     * @param {number} answered this browser's time when the answer was there, milliseconds
     * @param {number} serverSeconds the server's time in the answer, seconds since 1970
     */
    observe(asked, answered, serverSeconds) {
        const uncertainty = (answered - asked) / 2;
        if (!Number.isFinite(serverSeconds) || uncertainty > this.#uncertainty + 50) return;
        this.#uncertainty = uncertainty;
        this.#offset = serverSeconds * 1000 - (asked + answered) / 2;
    }

    /** The server's time now, milliseconds since 1970. */
    now() {
        return Date.now() + this.#offset;
    }
}
