/**
 * Keeps the screen on while a picture is looked at, as far as the browser lets us: it does on pages that came by HTTPS or from
 * this machine, and takes the lock back when the page goes out of sight.
 */
export class WakeLock {
    #isWanted = false;
    /** @type {WakeLockSentinel | null} */
    #lock = null;
    #isAsking = false;

    constructor() {
        document.addEventListener("visibilitychange", () => void this.#reconsider());
    }

    /** @param {boolean} isWanted */
    want(isWanted) {
        if (isWanted === this.#isWanted) return;
        this.#isWanted = isWanted;
        void this.#reconsider();
    }

    async #reconsider() {
        if (this.#isAsking) return;
        if (!this.#isWanted) {
            const lock = this.#lock;
            this.#lock = null;
            await lock?.release();
            return;
        }
        if (document.hidden || (this.#lock && !this.#lock.released)) return;
        this.#isAsking = true;
        try {
            this.#lock = await navigator.wakeLock?.request("screen") ?? null;
        } catch {
            // The browser forbids it, for one because the battery is low.
        }
        this.#isAsking = false;
        if (!this.#isWanted) await this.#reconsider();
    }
}
