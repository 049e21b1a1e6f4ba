const prefix = "toposync.player.";

/** What this browser remembers of playing. One that forbids storage (private windows, embedded views) does not remember. */
export const playerStorage = {
    /**
     * @param {string} name
     * @returns {any} null when nothing is known
     */
    get(name) {
        try {
            return JSON.parse(localStorage.getItem(prefix + name) ?? "null");
        } catch {
            return null;
        }
    },

    /**
     * @param {string} name
     * @param {unknown} value
     */
    set(name, value) {
        try {
            localStorage.setItem(prefix + name, JSON.stringify(value));
        } catch {
            // Not remembered: see above.
        }
    },
};
