/** Seconds before the first, second … retry; the last one repeats. */
const delays = [1, 2, 4, 8];

/** How long to wait before trying again, growing with the failures in a row. */
export class RetrySchedule {
    #failures = 0;

    /** The seconds to wait after one more failure. */
    next() {
        const seconds = delays[Math.min(this.#failures, delays.length - 1)];
        this.#failures += 1;
        return seconds;
    }

    get failures() {
        return this.#failures;
    }

    /** To be called once things have been well for a while. */
    reset() {
        this.#failures = 0;
    }
}
