import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";

/** The picture of an event, which is asked for once its place can be seen. */
export class EventStill {
    #image = el("img", { alt: "", data: { testid: "event-still" } });
    #address = "";
    #url = "";
    #isSeen = false;
    /** @type {AbortController | null} */
    #running = null;
    #observer;

    constructor() {
        this.element = el("span", { class: "event-still" }, icon("camera"));
        this.#observer = new IntersectionObserver((entries) => {
            const wasSeen = this.#isSeen;
            this.#isSeen = entries.at(-1)?.isIntersecting ?? false;
            if (this.#isSeen && !wasSeen && !this.#url && !this.#running) void this.#load();
        });
        this.#observer.observe(this.element);
    }

    /**
     * @param {string} address relative to the page; empty when there is none
     * @param {string} text what it shows, for who does not see it
     */
    show(address, text) {
        this.#image.alt = text;
        if (address === this.#address) return;
        this.#address = address;
        this.#running?.abort();
        if (!address) this.#replace("");
        else if (this.#isSeen || this.#url) void this.#load();
    }

    /** Forgets the picture. */
    remove() {
        this.#observer.disconnect();
        this.#running?.abort();
        this.#replace("");
    }

    async #load() {
        this.#running?.abort();
        if (!this.#address) return;
        const running = this.#running = new AbortController();
        try {
            const response = await fetch(new URL(this.#address, document.baseURI), {
                signal: running.signal,
                // An output's password may be wanted: this keeps the browser from asking for it with a window of its own.
                headers: { "X-Requested-With": "fetch" },
            });
            const picture = response.ok ? await response.blob() : null;
            if (!running.signal.aborted && picture) this.#replace(URL.createObjectURL(picture));
        } catch {
            // It is asked for again when it comes into sight again.
        } finally {
            if (this.#running === running) this.#running = null;
        }
    }

    /** @param {string} url */
    #replace(url) {
        if (url) this.#image.src = url;
        fill(this.element, url ? this.#image : icon("camera"));
        if (this.#url) URL.revokeObjectURL(this.#url);
        this.#url = url;
    }
}
