import { el } from "../core/dom.js";

/** @typedef {import("../core/api.js").ApiClient} ApiClient */

/** After a failure: what is wrong may be put right at any time. */
const retryMilliseconds = 15_000;

/** A transmission's picture where nothing plays. It is renewed only while it can be seen. */
export class StillPicture {
    #api;
    #transmissionId;
    #width;
    #isVisible = false;
    /** @type {{maxAge: number, milliseconds: number} | null} */
    #wish = null;
    /** @type {AbortController | null} */
    #running = null;
    #url = "";

    /**
     * @param {ApiClient} api
     * @param {string} transmissionId
     * @param {{width: number, class: string, testId: string}} options
     */
    constructor(api, transmissionId, options) {
        this.#api = api;
        this.#transmissionId = transmissionId;
        this.#width = options.width;
        this.element = el("img", { class: options.class, alt: "", data: { testid: options.testId } });
        const reconsider = () => this.#reconsider();
        new IntersectionObserver((entries) => {
            this.#isVisible = entries.at(-1)?.isIntersecting ?? false;
            // A picture that was taken from the page must not be kept by the document.
            if (this.#isVisible) document.addEventListener("visibilitychange", reconsider);
            else document.removeEventListener("visibilitychange", reconsider);
            reconsider();
        }).observe(this.element);
    }

    /**
     * From now on there is a picture.
     * @param {number} maxAge how old it may be, in seconds
     * @param {number} seconds until it is renewed
     */
    show(maxAge, seconds) {
        const milliseconds = seconds * 1000;
        if (this.#wish?.maxAge === maxAge && this.#wish.milliseconds === milliseconds) return;
        this.#wish = { maxAge, milliseconds };
        this.#stop();
        this.#reconsider();
    }

    /** No picture any more. */
    hide() {
        this.#wish = null;
        this.#stop();
        this.#replace("");
        delete this.element.dataset.frame;
    }

    #reconsider() {
        if (!this.#wish || !this.#isVisible || document.hidden) this.#stop();
        else if (!this.#running) void this.#run(this.#wish);
    }

    #stop() {
        this.#running?.abort();
        this.#running = null;
    }

    /** @param {{maxAge: number, milliseconds: number}} wish */
    async #run({ maxAge, milliseconds }) {
        const { signal } = (this.#running = new AbortController());
        while (!signal.aborted) {
            let pause = milliseconds;
            try {
                const { blob, state } = await this.#api.still(this.#transmissionId, maxAge, this.#width, signal);
                if (signal.aborted) return;
                this.#replace(URL.createObjectURL(blob));
                this.element.dataset.frame = state;
            } catch {
                pause = Math.max(pause, retryMilliseconds);
            }
            await new Promise((resolve) => {
                const timer = setTimeout(resolve, pause);
                signal.addEventListener("abort", () => {
                    clearTimeout(timer);
                    resolve(undefined);
                });
            });
        }
    }

    /** @param {string} url */
    #replace(url) {
        if (url) this.element.src = url;
        else this.element.removeAttribute("src");
        if (this.#url) URL.revokeObjectURL(this.#url);
        this.#url = url;
    }
}
