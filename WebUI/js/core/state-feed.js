import { mergeState } from "./merged-state.js";

/** @typedef {import("./merged-state.js").ServerState} ServerState */
/** @typedef {Pick<EventSource, "addEventListener" | "close" | "readyState">} Source */

/** Seconds until the connection is tried again after the first, second … failure in a row; the last one repeats. */
const retrySeconds = [1, 2, 4, 8, 30];
/** The server says something every 15 s. Something in between that keeps it back is as bad as no connection. */
const silenceMilliseconds = 40_000;
/** The whole state comes at once. A proxy that collects answers before it passes them on would never let it through. */
const firstStateMilliseconds = 6_000;

/**
 * Follows the server's state by its event stream, one for the whole page, while the page is in sight.
 * Events: `change`, when `state` is another one; `live` and `lost`, when it begins and ends to be up to date. Who shows the
 * state asks for it in the old way while `isLive` is false.
 */
export class StateFeed extends EventTarget {
    #open;
    /** @type {Source | null} */
    #source = null;
    #failures = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    #timer;
    #isWanted = false;

    /** @param {() => Source} open makes the connection */
    constructor(open = () => new EventSource(new URL("api/events", document.baseURI))) {
        super();
        this.#open = open;
        /** Whether `state` is what the server says now. */
        this.isLive = false;
        /** @type {ServerState | null} */
        this.state = null;
        document.addEventListener("visibilitychange", () => this.#reconsider());
        // A page that is kept for the browser's back button may not hold a connection.
        window.addEventListener("pagehide", () => this.#close());
        window.addEventListener("pageshow", () => this.#reconsider());
    }

    start() {
        this.#isWanted = true;
        this.#reconsider();
    }

    /**
     * What the server has told, if that is newer than an answer. An answer may be ahead of the events, which are told four
     * times a second, and behind them, when it was on its way for long.
     * @param {number} answeredAtUnix
     */
    newerThan(answeredAtUnix) {
        return this.isLive && this.state && this.state.atUnix >= answeredAtUnix ? this.state : null;
    }

    #reconsider() {
        const isSeen = this.#isWanted && !document.hidden;
        if (isSeen && !this.#source) this.#connect();
        else if (!isSeen) this.#close();
    }

    #connect() {
        clearTimeout(this.#timer);
        const source = this.#open();
        this.#source = source;
        this.#expectNews(firstStateMilliseconds);
        const listen = (/** @type {string} */ type, /** @type {(data: any) => void} */ take) => {
            source.addEventListener(type, (event) => {
                if (source !== this.#source) return;
                this.#expectNews(silenceMilliseconds);
                take(JSON.parse(/** @type {MessageEvent<string>} */ (event).data));
            });
        };
        listen("state", (news) => this.#take(mergeState(null, news)));
        listen("change", (news) => this.#take(mergeState(this.state, news)));
        listen("alive", () => {});
        source.addEventListener("error", () => {
            if (source === this.#source) this.#lose();
        });
    }

    /** @param {ServerState} state */
    #take(state) {
        this.state = state;
        this.#failures = 0;
        const wasLive = this.isLive;
        this.isLive = true;
        if (!wasLive) this.dispatchEvent(new Event("live"));
        this.dispatchEvent(new Event("change"));
    }

    /** @param {number} milliseconds */
    #expectNews(milliseconds) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#lose(), milliseconds);
    }

    /** The browser would try again by itself, but not after every failure, and it says nothing of silence. */
    #lose() {
        this.#close();
        const seconds = retrySeconds[Math.min(this.#failures, retrySeconds.length - 1)];
        this.#failures += 1;
        this.#timer = setTimeout(() => this.#reconsider(), seconds * 1000);
    }

    #close() {
        clearTimeout(this.#timer);
        this.#source?.close();
        this.#source = null;
        if (!this.isLive) return;
        this.isLive = false;
        this.dispatchEvent(new Event("lost"));
    }
}
