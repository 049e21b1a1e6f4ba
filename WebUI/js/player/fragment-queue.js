import { forgettable, rangesOf } from "./live-buffer.js";

/** Bytes that may wait: more come only where nothing is taken any more. */
const mostBytes = 32 << 20;

/** Hands fragments to a source buffer, which takes one after the other, and forgets what was seen. */
export class FragmentQueue {
    #buffer;
    #time;
    #onfail;
    /** @type {ArrayBuffer[]} */
    #waiting = [];
    #bytes = 0;
    #mayAppend = true;

    /**
     * @param {SourceBuffer} buffer
     * @param {{time: () => number, onappended: (isAll: boolean) => void, onfail: (error: Error) => void}} options time: where the
     *     picture is; isAll: whether nothing waits
     */
    constructor(buffer, { time, onappended, onfail }) {
        this.#buffer = buffer;
        this.#time = time;
        this.#onfail = onfail;
        buffer.addEventListener("updateend", () => {
            onappended(this.#waiting.length === 0);
            this.#go();
        });
        buffer.addEventListener("error", () => onfail(new Error("SourceBuffer")));
    }

    /** @param {ArrayBuffer} fragment */
    add(fragment) {
        this.#waiting.push(fragment);
        this.#bytes += fragment.byteLength;
        if (this.#bytes > mostBytes) this.#onfail(new Error("SourceBuffer"));
        else this.#go();
    }

    /** Some browsers say when they want more, and when not. */
    set mayAppend(/** @type {boolean} */ value) {
        this.#mayAppend = value;
        this.#go();
    }

    close() {
        this.#waiting = [];
        this.#bytes = 0;
        this.#mayAppend = false;
    }

    #go() {
        if (this.#buffer.updating || !this.#mayAppend || this.#waiting.length === 0) return;
        try {
            const until = forgettable(rangesOf(this.#buffer.buffered), this.#time());
            if (until !== null) return this.#buffer.remove(0, until);
            const [fragment] = this.#waiting;
            this.#buffer.appendBuffer(fragment);
            this.#waiting.shift();
            this.#bytes -= fragment.byteLength;
        } catch (error) {
            this.#recover(error);
        }
    }

    /** @param {unknown} error */
    #recover(error) {
        const time = this.#time();
        // It is full: what was just seen is not needed either.
        const isFull = error instanceof DOMException && error.name === "QuotaExceededError" && time > 1;
        try {
            if (!isFull) throw error;
            this.#buffer.remove(0, time - 1);
        } catch (fatal) {
            this.#onfail(fatal instanceof Error ? fatal : new Error(String(fatal)));
        }
    }
}
