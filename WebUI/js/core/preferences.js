const prefix = "toposync.streaming.";

/**
 * What this browser remembers for its user. A browser that forbids storage (private windows, embedded views) simply
 * does not remember.
 */
class Preferences {
    /**
     * @param {string} name
     * @returns {string | null}
     */
    get(name) {
        try {
            return localStorage.getItem(prefix + name);
        } catch {
            return null;
        }
    }

    /**
     * @param {string} name
     * @param {string | null} value
     */
    set(name, value) {
        try {
            if (value === null) localStorage.removeItem(prefix + name);
            else localStorage.setItem(prefix + name, value);
        } catch {
            // Not remembered: see above.
        }
    }
}

export const preferences = new Preferences();
