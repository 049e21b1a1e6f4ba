/** @typedef {{username: string, password: string}} Credentials */

/** The names and passwords that the user typed to watch streams: kept while the page is open, never stored. */
class StreamCredentials {
    /** @type {Map<string, Credentials>} */
    #byTransmission = new Map();

    /** @param {string} transmissionId */
    get(transmissionId) {
        return this.#byTransmission.get(transmissionId) ?? null;
    }

    /**
     * @param {string} transmissionId
     * @param {Credentials | null} credentials
     */
    set(transmissionId, credentials) {
        if (credentials) this.#byTransmission.set(transmissionId, credentials);
        else this.#byTransmission.delete(transmissionId);
    }
}

export const streamCredentials = new StreamCredentials();
