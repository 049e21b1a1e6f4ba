import { StartSchedule } from "./start-schedule.js";

/** Turning pages quickly does not start every stream on the way. */
const settleMilliseconds = 120;
/** A glance at another tab does not end the stream. */
const hiddenGraceMilliseconds = 3000;

/** All players of a page start one after the other. */
const schedule = new StartSchedule();

/**
 * @typedef {object} SightOptions
 * @property {() => boolean} isFloating whether it can be seen wherever the page is
 * @property {() => void} onseen somebody can see it, for long enough to be worth it
 * @property {() => void} onlost nobody can any more
 * @property {() => void} onchange `isShown` has changed
 */

/** Whether somebody can see an element: on the screen, on a page that is in front, or in a window that floats. */
export class Sight {
    #options;
    #observer;
    #leaving = new AbortController();
    #isOnScreen = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    isShown = false;

    /**
     * @param {Element} element
     * @param {SightOptions} options
     */
    constructor(element, options) {
        this.#options = options;
        this.#observer = new IntersectionObserver((entries) => {
            // Turning pages quickly queues several; only the last one is still true.
            this.#isOnScreen = entries.at(-1)?.isIntersecting ?? false;
            this.reconsider();
        }, { threshold: 0.05 });
        this.#observer.observe(element);
        const { signal } = this.#leaving;
        document.addEventListener("visibilitychange", () => this.reconsider(), { signal });
        window.addEventListener("pageshow", () => this.reconsider(), { signal });
        window.addEventListener("pagehide", () => {
            clearTimeout(this.#timer);
            this.#set(false);
            options.onlost();
        }, { signal });
    }

    /** Looks again; also to be called when it begins to float, or does no longer. */
    reconsider() {
        clearTimeout(this.#timer);
        const { isFloating, onseen, onlost } = this.#options;
        this.#set(isFloating() || (this.#isOnScreen && !document.hidden));
        if (this.isShown) {
            this.#timer = setTimeout(onseen, settleMilliseconds + schedule.next(performance.now()));
        } else if (document.hidden) {
            this.#timer = setTimeout(onlost, hiddenGraceMilliseconds);
        } else {
            onlost();
        }
    }

    close() {
        clearTimeout(this.#timer);
        this.#leaving.abort();
        this.#observer.disconnect();
        this.#set(false);
    }

    /** @param {boolean} value */
    #set(value) {
        if (this.isShown === value) return;
        this.isShown = value;
        this.#options.onchange();
    }
}
