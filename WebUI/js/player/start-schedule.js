/** Between two starts: browsers open few connections to a server, and decoders are made one after the other. */
const gapMilliseconds = 60;

/** Keeps the players of a page from starting all in the same instant. */
export class StartSchedule {
    #free = 0;

    /**
     * @param {number} now milliseconds, on a clock that only goes forward
     * @returns {number} milliseconds until the next one may start
     */
    next(now) {
        const at = Math.max(now, this.#free);
        this.#free = at + gapMilliseconds;
        return at - now;
    }
}
