import { aborted, withAnySignal } from "../core/abort.js";

/** @typedef {import("../core/types.js").TransmissionURLs} TransmissionURLs */

/**
 * Where the transmissions are watched. Players that ask at the same time share one request: a page of nine streams would
 * otherwise wait for the few connections that a browser opens.
 */
export class AddressBook {
    #api;
    /** @type {Promise<Map<string, TransmissionURLs>> | null} */
    #running = null;

    /** @param {Pick<import("../core/api.js").ApiClient, "allURLs">} api */
    constructor(api) {
        this.#api = api;
    }

    /**
     * @param {string} transmissionId
     * @param {AbortSignal} signal gives up waiting; others may wait for the same answer
     * @returns {Promise<TransmissionURLs | null>} null when there is no such transmission any more
     */
    async of(transmissionId, signal) {
        const all = await withAnySignal([signal], (scope) => Promise.race([this.#all(), aborted(scope)]));
        return all.get(transmissionId) ?? null;
    }

    #all() {
        this.#running ??= this.#api.allURLs()
            .then((list) => new Map(list.map((urls) => [urls.transmission_id, urls])))
            .finally(() => {
                this.#running = null;
            });
        return this.#running;
    }
}
