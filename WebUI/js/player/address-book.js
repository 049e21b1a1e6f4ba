import { aborted, withAnySignal } from "./abort.js";

/** @typedef {import("./stream-server.js").TransmissionURLs} TransmissionURLs */

/**
 * Where the transmissions are watched. Players that ask at the same time share one request: a page of nine streams would
 * otherwise wait for the few connections that a browser opens.
 */
export class AddressBook {
    #api;
    /** @type {Promise<TransmissionURLs[]> | null} */
    #running = null;

    /** @param {Pick<import("./stream-server.js").StreamServer, "allURLs">} api */
    constructor(api) {
        this.#api = api;
    }

    /**
     * @param {string} name the id of a transmission, or the id or the path of one of its outputs
     * @param {AbortSignal} signal gives up waiting; others may wait for the same answer
     * @returns {Promise<TransmissionURLs | null>} with that output alone, where it was named; null when there is none
     */
    async of(name, signal) {
        const all = await withAnySignal([signal], (scope) => Promise.race([this.#all(), aborted(scope)]));
        const transmission = all.find(({ transmission_id: id }) => id === name);
        if (transmission) return transmission;
        for (const urls of all) {
            const outputs = urls.outputs?.filter((output) => output.output_id === name || output.resolved_engine_path === name);
            if (outputs?.length > 0) return { ...urls, outputs };
        }
        return null;
    }

    #all() {
        this.#running ??= this.#api.allURLs().finally(() => {
            this.#running = null;
        });
        return this.#running;
    }
}
