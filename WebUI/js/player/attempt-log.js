/**
 * What was tried, as a code with parameters: whoever shows it says it in the user's language.
 * @typedef {object} AttemptEntry
 * @property {Date} time
 * @property {"info" | "good" | "bad"} kind
 * @property {string} code
 * @property {Record<string, any>} parameters
 * @property {number | null} retrySeconds until it is tried again
 */

const maximumEntries = 100;

/** What was tried to get a picture, newest last. Event: `change`. */
export class AttemptLog extends EventTarget {
    /** @type {AttemptEntry[]} */
    #entries = [];

    /** @returns {readonly AttemptEntry[]} */
    get entries() {
        return this.#entries;
    }

    /**
     * @param {AttemptEntry["kind"]} kind
     * @param {string} code
     * @param {Record<string, any>} [parameters]
     * @param {number | null} [retrySeconds]
     */
    add(kind, code, parameters = {}, retrySeconds = null) {
        const entry = { time: new Date(), kind, code, parameters, retrySeconds };
        this.#entries = [...this.#entries.slice(1 - maximumEntries), entry];
        this.dispatchEvent(new Event("change"));
    }
}
