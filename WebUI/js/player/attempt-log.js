/**
 * @typedef {object} AttemptEntry
 * @property {Date} time
 * @property {"info" | "good" | "bad"} kind
 * @property {string} text already in the user's language
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
     * @param {string} text
     */
    add(kind, text) {
        this.#entries = [...this.#entries.slice(1 - maximumEntries), { time: new Date(), kind, text }];
        this.dispatchEvent(new Event("change"));
    }
}
