import { preferences } from "../core/preferences.js";

/** @typedef {import("./transport.js").TransportOffer} TransportOffer */

/** Networks change: what did not work is tried again after so long. */
const memoryMilliseconds = 24 * 3600 * 1000;

/**
 * Which way of playing a stream is tried next: the best one first, except where this browser has seen that it gives no
 * picture and another does.
 */
export class TransportChoice {
    #name;
    /** Whether WebRTC gave no picture since this page was opened. */
    #whepFailed = false;
    #hlsFailures = 0;

    /** @param {string} transmissionId */
    constructor(transmissionId) {
        this.#name = `whep-failed.${transmissionId}`;
    }

    /**
     * @param {TransportOffer[]} offers the best one first
     * @returns {TransportOffer}
     */
    next(offers) {
        const whep = offers.find(({ kind }) => kind === "whep");
        const hls = offers.filter(({ kind }) => kind === "hls");
        if (whep && (hls.length === 0 || !(this.#whepFailed || this.#isRemembered))) return whep;
        // Twice each, before the next in turn.
        return hls[this.#hlsFailures < 2 ? 0 : this.#hlsFailures % hls.length];
    }

    /** @param {TransportOffer} offer that shows a picture */
    succeeded({ kind }) {
        this.#hlsFailures = 0;
        if (kind === "whep") preferences.set(this.#name, null);
        else if (this.#whepFailed) preferences.set(this.#name, String(Date.now()));
        this.#whepFailed = false;
    }

    /** @param {TransportOffer} offer that showed none */
    failed({ kind }) {
        if (kind === "hls") {
            this.#hlsFailures += 1;
            // Where nothing plays, it is not WebRTC's fault.
            this.#whepFailed = false;
        } else {
            this.#whepFailed = true;
        }
    }

    get #isRemembered() {
        const since = Number(preferences.get(this.#name) ?? 0);
        return Math.abs(Date.now() - since) < memoryMilliseconds;
    }
}
