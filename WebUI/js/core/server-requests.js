import { withAnySignal } from "../player/abort.js";
import { codedText, messageText } from "./coded-text.js";

/** The longest that an ordinary request may take. */
const requestTimeoutMilliseconds = 10_000;

/**
 * @typedef {object} RequestOptions
 * @property {object} [body]
 * @property {Blob} [file] sent as it is, in place of a body
 * @property {object | null} [basis] the answer that is changed
 * @property {number} [timeout] milliseconds
 * @property {AbortSignal} [signal]
 * @property {boolean} [isRepeated]
 */

/**
 * One thing that is wrong with one field of a request.
 * @typedef {object} FieldProblem
 * @property {string} path the field, as `outputs.0.fps_limit`; empty when it is about the whole
 * @property {string} message
 */

/** The server refused or failed. Its message is a sentence for the user. */
export class ApiError extends Error {
    /**
     * @param {number} status the HTTP status
     * @param {string} message
     * @param {FieldProblem[]} [problems]
     */
    constructor(status, message, problems = []) {
        super(message);
        this.name = "ApiError";
        this.status = status;
        this.problems = problems;
    }
}

/** No server answered, or something between us and it did. */
export class ServerUnreachable extends Error {
    /** @param {string} message */
    constructor(message) {
        super(message);
        this.name = "ServerUnreachable";
    }
}

/**
 * Asks the server, whose addresses are relative to the page, so that they work behind any prefix. Events: `warning` (detail: a
 * sentence), when a change was saved but could not be put into effect; `signedOut`, when the server asks for a name.
 */
export class ServerRequests extends EventTarget {
    /**
     * The tags of answers, for a change that is based on one of them.
     * @type {WeakMap<object, string>}
     */
    #tags = new WeakMap();
    /** The newest revision of what the server stores that an answer had. */
    #revision = 0;

    /**
     * @param {string} method
     * @param {string} path
     * @param {RequestOptions} [options]
     * @returns {Promise<any>}
     */
    async request(method, path, options = {}) {
        const { response, text } = await this.#send(method, path, options);
        this.#reportWarning(response);
        const value = this.#decode(response, text, `${method} ${path}`);
        const tag = response.headers.get("etag");
        if (tag && value) this.#tags.set(value, tag);
        const revision = response.headers.get("x-toposync-revision");
        if (revision === null) return value;
        // The answer was on its way while something was changed. Asked twice, it is right: a server may be set up anew.
        if (Number(revision) < this.#revision && method === "GET" && !options.isRepeated) {
            return this.request(method, path, { ...options, isRepeated: true });
        }
        this.#revision = Number(revision);
        return value;
    }

    /**
     * @param {string} method
     * @param {string} path
     * @param {RequestOptions} options
     * @returns {Promise<{response: Response, text: string}>}
     */
    async #send(method, path, { body, file, basis, timeout = requestTimeoutMilliseconds, signal }) {
        const deadline = AbortSignal.timeout(timeout);
        /** @type {Record<string, string>} */
        const headers = body === undefined ? {} : { "Content-Type": "application/json" };
        const tag = basis && this.#tags.get(basis);
        if (file) headers["Content-Type"] = "application/octet-stream";
        if (tag) headers["If-Match"] = tag;
        try {
            return await withAnySignal(signal ? [signal, deadline] : [deadline], async (scope) => {
                const response = await fetch(new URL(path, document.baseURI), {
                    method, headers, body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
                    cache: "no-store", signal: scope,
                });
                return { response, text: await response.text() };
            });
        } catch (error) {
            if (signal?.aborted) throw error;
            throw new ServerUnreachable(`${method} ${path}: ${error instanceof Error ? error.message : error}`);
        }
    }

    /** @param {Response} response */
    #reportWarning(response) {
        const warning = response.headers.get("x-toposync-warning-message");
        if (!warning) return;
        const detail = messageText(JSON.parse(decodeURIComponent(warning)));
        this.dispatchEvent(new CustomEvent("warning", { detail }));
    }

    /**
     * @param {Response} response
     * @param {string} text
     * @param {string} subject
     */
    #decode(response, text, subject) {
        let value;
        try {
            value = JSON.parse(text);
        } catch {
            // A proxy in front of a server that is down answers with a page of its own.
            if (response.ok || response.status >= 502) {
                throw new ServerUnreachable(`${subject}: HTTP ${response.status} without JSON`);
            }
        }
        if (response.ok) return value;
        if (response.status === 401 && !subject.endsWith(" api/session")) this.dispatchEvent(new Event("signedOut"));
        const problems = fieldProblems(value?.detail);
        const message = typeof value?.detail === "string"
            ? codedText(value.code, value.parameters, value.detail)
            : problems.map((problem) => problem.message).join(" ") || `HTTP ${response.status}`;
        throw new ApiError(response.status, message, problems);
    }
}

/**
 * The list of a 422 answer as problems by field.
 * @param {unknown} detail
 * @returns {FieldProblem[]}
 */
export function fieldProblems(detail) {
    if (!Array.isArray(detail)) return [];
    return detail.map((entry) => ({
        path: (Array.isArray(entry?.loc) ? entry.loc : [])
            .filter((/** @type {unknown} */ part, /** @type {number} */ index) => index > 0 || part !== "body")
            .join("."),
        message: codedText(entry?.code, entry?.parameters, String(entry?.msg ?? "").replace(/^Value error, /, "")),
    }));
}
