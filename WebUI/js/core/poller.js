import { ServerUnreachable } from "./api.js";

/** Seconds until the next try after the first, second … failure in a row; the last one repeats. */
const retrySeconds = [1, 2, 4, 8];

/**
 * Repeats a task while the page is visible, and sooner while the server does not answer.
 *
 * Events: `lost` (detail: seconds until the next try) after each try without an answer, and `restored` after the first
 * answer again.
 */
export class Poller extends EventTarget {
    #task;
    #intervalMilliseconds;
    #failures = 0;
    /** @type {number | undefined} */
    #timer;
    /** @type {Promise<void> | null} */
    #running = null;
    #stopped = true;

    /**
     * @param {() => Promise<void>} task
     * @param {number} intervalMilliseconds
     */
    constructor(task, intervalMilliseconds = 5000) {
        super();
        this.#task = task;
        this.#intervalMilliseconds = intervalMilliseconds;
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
        let delay = this.#intervalMilliseconds;
        try {
            await this.#task();
            if (this.#failures > 0) this.dispatchEvent(new Event("restored"));
            this.#failures = 0;
        } catch (error) {
            if (!(error instanceof ServerUnreachable)) console.error(error);
            const seconds = retrySeconds[Math.min(this.#failures, retrySeconds.length - 1)];
            this.#failures += 1;
            delay = seconds * 1000;
            this.dispatchEvent(new CustomEvent("lost", { detail: seconds }));
        }
        if (!this.#stopped && !document.hidden) this.#timer = setTimeout(() => void this.now(), delay);
    }
}
