import { pause } from "./abort.js";

/**
 * How a picture is kept new.
 * @typedef {object} StillWish
 * @property {number} maxAge how old it may be, in seconds
 * @property {number} every until it is renewed, in seconds
 * @property {boolean} waits whether a camera may be asked for it, which can take seconds; else it is the last one known
 */

/** After a failure: what is wrong may be put right at any time. */
const retryMilliseconds = 15_000;
/** A browser opens six connections to a server, and those that wait for a camera must leave some for the rest. */
const mostThatWait = 2;

/** Lets few of the page's requests wait for cameras at the same time. */
class Turnstile {
    #free = mostThatWait;
    /** @type {(() => void)[]} */
    #waiting = [];

    /**
     * @template Result
     * @param {() => Promise<Result>} task
     * @returns {Promise<Result>}
     */
    async pass(task) {
        if (this.#free > 0) this.#free -= 1;
        else await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
        try {
            return await task();
        } finally {
            const next = this.#waiting.shift();
            if (next) next();
            else this.#free += 1;
        }
    }
}

const turnstile = new Turnstile();

/** A transmission's picture where nothing plays. It is renewed only while it can be seen. */
export class StillPicture {
    #server;
    #transmissionId;
    #width;
    #isVisible = false;
    /** @type {StillWish | null} */
    #wish = null;
    /** @type {AbortController | null} */
    #running = null;
    #url = "";
    #observer;
    #leaving = new AbortController();

    /**
     * @param {Pick<import("./stream-server.js").StreamServer, "still">} server
     * @param {string} transmissionId
     * @param {number} width pixels at most
     */
    constructor(server, transmissionId, width) {
        this.#server = server;
        this.#transmissionId = transmissionId;
        this.#width = width;
        this.element = document.createElement("img");
        this.element.alt = "";
        this.element.style.visibility = "hidden";
        this.#observer = new IntersectionObserver((entries) => {
            this.#isVisible = entries.at(-1)?.isIntersecting ?? false;
            this.#reconsider();
        });
        this.#observer.observe(this.element);
        document.addEventListener("visibilitychange", () => this.#reconsider(), { signal: this.#leaving.signal });
    }

    /**
     * Shows a picture that is at hand, until there is a newer one.
     * @param {string} dataURL
     */
    begin(dataURL) {
        this.#replace(dataURL);
    }

    /**
     * From now on there is a picture.
     * @param {StillWish} wish
     */
    show(wish) {
        const known = this.#wish;
        if (known?.maxAge === wish.maxAge && known.every === wish.every && known.waits === wish.waits) return;
        this.#wish = wish;
        this.#stop();
        this.#reconsider();
    }

    /** The picture stays as it is. */
    keep() {
        this.#wish = null;
        this.#stop();
    }

    /** No picture any more. */
    hide() {
        this.#wish = null;
        this.#stop();
        this.#replace("");
        delete this.element.dataset.frame;
    }

    /** Forgets the picture, and everything that listens for it. */
    remove() {
        this.#leaving.abort();
        this.#observer.disconnect();
        this.hide();
        this.element.remove();
    }

    #reconsider() {
        if (!this.#wish || !this.#isVisible || document.hidden) this.#stop();
        else if (!this.#running) void this.#run(this.#wish);
    }

    #stop() {
        this.#running?.abort();
        this.#running = null;
    }

    /** @param {StillWish} wish */
    async #run(wish) {
        const { signal } = (this.#running = new AbortController());
        while (!signal.aborted) {
            let milliseconds = wish.every * 1000;
            try {
                const still = await (wish.waits
                    ? turnstile.pass(() => this.#load(wish, signal))
                    : this.#load(wish, signal));
                if (signal.aborted) return;
                if (still) this.#show(still);
            } catch {
                milliseconds = Math.max(milliseconds, retryMilliseconds);
            }
            await pause(milliseconds, signal);
        }
    }

    /**
     * @param {StillWish} wish
     * @param {AbortSignal} signal
     */
    async #load({ maxAge, waits }, signal) {
        signal.throwIfAborted();
        return this.#server.still(this.#transmissionId, { maxAge, waits, width: this.#width }, signal);
    }

    /** @param {{blob: Blob, state: string}} still */
    #show({ blob, state }) {
        this.#replace(URL.createObjectURL(blob));
        this.element.dataset.frame = state;
    }

    /** @param {string} url */
    #replace(url) {
        if (url) this.element.src = url;
        else this.element.removeAttribute("src");
        // A browser draws the frame of a picture that it has not got.
        this.element.style.visibility = url ? "" : "hidden";
        if (this.#url.startsWith("blob:")) URL.revokeObjectURL(this.#url);
        this.#url = url;
    }
}
