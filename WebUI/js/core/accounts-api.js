/** @typedef {import("../types/access.js").Session} Session */
/** @typedef {import("../types/access.js").SessionEntry} SessionEntry */
/** @typedef {import("../types/access.js").Token} Token */
/** @typedef {import("../types/access.js").User} User */

/** Checking a password is work on purpose, and a small computer may be busy. */
const signInTimeoutMilliseconds = 30_000;

/** Signing in, and who may: the part of the server's API about accounts. */
export class AccountsAPI {
    #server;

    /** @param {import("./server-requests.js").ServerRequests} server */
    constructor(server) {
        this.#server = server;
    }

    /**
     * Who has signed in with this browser.
     * @returns {Promise<Session>}
     */
    session() {
        return this.#server.request("GET", "api/session");
    }

    /**
     * @param {object} body name and password, or the code of the first start and a new password
     * @returns {Promise<Session>}
     */
    signIn(body) {
        return this.#server.request("POST", "api/session", { body, timeout: signInTimeoutMilliseconds });
    }

    /** @returns {Promise<Session>} */
    signOut() {
        return this.#server.request("DELETE", "api/session");
    }

    /** @returns {Promise<User[]>} */
    users() {
        return this.#server.request("GET", "api/users");
    }

    /**
     * @param {object} draft
     * @returns {Promise<User>}
     */
    createUser(draft) {
        return this.#server.request("POST", "api/users", { body: draft });
    }

    /**
     * @param {string} id
     * @param {object} draft
     * @returns {Promise<User>}
     */
    replaceUser(id, draft) {
        return this.#server.request("PUT", `api/users/${encodeURIComponent(id)}`, { body: draft });
    }

    /** @param {string} id */
    deleteUser(id) {
        return this.#server.request("DELETE", `api/users/${encodeURIComponent(id)}`);
    }

    /** @returns {Promise<SessionEntry[]>} */
    sessions() {
        return this.#server.request("GET", "api/sessions");
    }

    /** @param {string} id */
    endSession(id) {
        return this.#server.request("DELETE", `api/sessions/${encodeURIComponent(id)}`);
    }

    /** @returns {Promise<Token[]>} */
    tokens() {
        return this.#server.request("GET", "api/tokens");
    }

    /**
     * @param {object} draft
     * @returns {Promise<Token & {token: string}>}
     */
    createToken(draft) {
        return this.#server.request("POST", "api/tokens", { body: draft });
    }

    /** @param {string} id */
    deleteToken(id) {
        return this.#server.request("DELETE", `api/tokens/${encodeURIComponent(id)}`);
    }
}
