
/** Seconds until the next try after the first, second … failure in a row; the last one repeats. */
const retrySeconds = [1, 2, 4, 8];

/**
 * What `failed` tells.
 * @typedef {{error: unknown, seconds: number}} PollFailure `seconds` are those until the next try
 */

/**
 * Repeats a task while the page is visible, and sooner while it fails.
 *
 * Events: `failed` (detail: a `PollFailure`) after each failure, and `restored` after the first success again.
 */
export class Poller extends EventTarget {
    #task;
    #interval;
    #failures = 0;
    /** @type {number | undefined} */
    #timer;
    /** @type {Promise<void> | null} */
    #running = null;
    #stopped = true;

    /**
     * @param {() => Promise<void>} task
     * @param {() => number} interval milliseconds until the next run, after one that succeeded
     */
    constructor(task, interval = () => 5000) {
        super();
        this.#task = task;
        this.#interval = interval;
        document.addEventListener("visibilitychange", () => {
            if (this.#stopped) return;
            if (document.hidden) clearTimeout(this.#timer);
            else void this.now();
        });
    }

    /** Runs the task now and from then on; answers when its first run ended. */
    start() {
        this.#stopped = false;
        return this.now();
    }

    /**
     * Runs the task at once, or joins the run that is under way.
     * @returns {Promise<void>}
     */
    now() {
        clearTimeout(this.#timer);
        this.#running ??= this.#run().finally(() => {
            this.#running = null;
        });
        return this.#running;
    }

    async #run() {
        let delay;
        try {
            await this.#task();
            if (this.#failures > 0) this.dispatchEvent(new Event("restored"));
            this.#failures = 0;
            delay = this.#interval();
        } catch (error) {
            const seconds = retrySeconds[Math.min(this.#failures, retrySeconds.length - 1)];
            this.#failures += 1;
            delay = seconds * 1000;
            this.dispatchEvent(new CustomEvent("failed", { detail: { error, seconds } }));
        }
        if (!this.#stopped && !document.hidden) this.#timer = setTimeout(() => void this.now(), delay);
    }
}
