/** @typedef {import("./types.js").StreamingSettings} StreamingSettings */
/** @typedef {import("./types.js").EngineDownload} EngineDownload */
/** @typedef {import("./types.js").EngineStatus} EngineStatus */
/** @typedef {import("./types.js").Transmission} Transmission */
/** @typedef {import("./types.js").TransmissionURLs} TransmissionURLs */
/** @typedef {import("./types.js").RuntimeOutputs} RuntimeOutputs */
/** @typedef {import("./types.js").Camera} Camera */
/** @typedef {import("./types.js").CameraDraft} CameraDraft */
/** @typedef {import("./types.js").CameraTest} CameraTest */
/** @typedef {import("./types.js").Pipeline} Pipeline */
/** @typedef {import("./types.js").WizardAnswer} WizardAnswer */

/** The longest that an ordinary request may take. */
const requestTimeoutMilliseconds = 10_000;
/** Opening a camera includes its own time-outs on the server; this only ends a request that nobody answers. */
const cameraTestTimeoutMilliseconds = 45_000;
/** Starting the engine waits until it listens. */
const engineTimeoutMilliseconds = 30_000;

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
 * The server's HTTP API. Every address is relative to the page, so that it works behind any prefix.
 * Event: `warning` (detail: a sentence), when a change was saved but could not be put into effect.
 */
export class ApiClient extends EventTarget {
    /** @returns {Promise<StreamingSettings>} */
    settings() {
        return this.#request("GET", "api/streams/settings");
    }

    /**
     * @param {object} changes
     * @returns {Promise<StreamingSettings>}
     */
    changeSettings(changes) {
        return this.#request("PATCH", "api/streams/settings", changes, engineTimeoutMilliseconds);
    }

    /** @returns {Promise<EngineStatus>} */
    engineStatus() {
        return this.#request("GET", "api/streams/engine/status");
    }

    /**
     * @param {"start" | "stop" | "restart" | "reclaim"} action
     * @returns {Promise<EngineStatus>}
     */
    engine(action) {
        return this.#request("POST", `api/streams/engine/${action}`, undefined, engineTimeoutMilliseconds);
    }

    /**
     * Goes to the engine that needs no download, and starts it.
     * @returns {Promise<StreamingSettings>}
     */
    useBuiltinEngine() {
        return this.changeSettings({ engine: { kind: "builtin", enabled: true } });
    }

    /** @returns {Promise<EngineDownload>} */
    engineDownload() {
        return this.#request("GET", "api/streams/engine/download");
    }

    /** @returns {Promise<EngineStatus>} */
    downloadEngine() {
        return this.#request("POST", "api/streams/engine/download");
    }

    /** @returns {Promise<EngineDownload>} */
    cancelEngineDownload() {
        return this.#request("DELETE", "api/streams/engine/download");
    }

    /** @returns {Promise<Transmission[]>} */
    transmissions() {
        return this.#request("GET", "api/streams/transmissions");
    }

    /**
     * @param {object} draft
     * @returns {Promise<Transmission>}
     */
    createTransmission(draft) {
        return this.#request("POST", "api/streams/transmissions", draft);
    }

    /**
     * @param {string} id
     * @param {object} transmission
     * @returns {Promise<Transmission>}
     */
    replaceTransmission(id, transmission) {
        return this.#request("PUT", `api/streams/transmissions/${encodeURIComponent(id)}`, transmission);
    }

    /** @param {string} id */
    deleteTransmission(id) {
        return this.#request("DELETE", `api/streams/transmissions/${encodeURIComponent(id)}`);
    }

    /**
     * @param {string} id
     * @param {AbortSignal} [signal]
     * @returns {Promise<TransmissionURLs>}
     */
    urls(id, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/urls`;
        return this.#request("GET", path, undefined, requestTimeoutMilliseconds, signal);
    }

    /**
     * Keeps a transmission running for a player.
     * @param {string} id
     * @param {string} sessionId names the player
     * @param {number} seconds until the server gives the player up
     * @param {AbortSignal} [signal]
     * @returns {Promise<{leased_outputs: number}>}
     */
    sendHeartbeat(id, sessionId, seconds, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/demand/heartbeat`;
        const body = { playback_session_id: sessionId, ttl_seconds: seconds };
        return this.#request("POST", path, body, requestTimeoutMilliseconds, signal);
    }

    /**
     * Ends what heartbeats kept running. The request outlives the page.
     * @param {string} id
     * @param {string} sessionId
     */
    async endHeartbeat(id, sessionId) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/demand/heartbeat/${sessionId}`;
        await fetch(new URL(path, document.baseURI), { method: "DELETE", keepalive: true });
    }

    /**
     * The picture that a transmission shows.
     * @param {string} id
     * @param {number} maxAge how old it may be, in seconds
     * @param {number} width at most
     * @param {AbortSignal} signal
     * @returns {Promise<{blob: Blob, state: string}>}
     * @throws {ApiError} without the server's sentence
     */
    async still(id, maxAge, width, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/still.jpg?max_age=${maxAge}&width=${width}`;
        // The age is the server's matter: a browser's cache would keep a picture of before the last change.
        const response = await fetch(new URL(path, document.baseURI), { cache: "no-store", signal });
        if (!response.ok) throw new ApiError(response.status, `HTTP ${response.status}`);
        return { blob: await response.blob(), state: response.headers.get("x-toposync-frame-state") ?? "" };
    }

    /** @returns {Promise<RuntimeOutputs>} */
    runtimeOutputs() {
        return this.#request("GET", "api/streams/runtime/outputs");
    }

    /** @returns {Promise<Camera[]>} */
    cameras() {
        return this.#request("GET", "api/cameras");
    }

    /**
     * @param {CameraDraft} draft
     * @returns {Promise<Camera>}
     */
    createCamera(draft) {
        return this.#request("POST", "api/cameras", draft);
    }

    /**
     * @param {string} id
     * @param {CameraDraft} draft
     * @returns {Promise<Camera>}
     */
    replaceCamera(id, draft) {
        return this.#request("PUT", `api/cameras/${encodeURIComponent(id)}`, draft);
    }

    /** @param {string} id */
    deleteCamera(id) {
        return this.#request("DELETE", `api/cameras/${encodeURIComponent(id)}`);
    }

    /**
     * @param {CameraDraft | {camera_id: string}} subject a stored camera, changed by the draft's fields if there are any
     * @param {AbortSignal} [signal]
     * @returns {Promise<CameraTest>}
     */
    testCamera(subject, signal) {
        return this.#request("POST", "api/cameras/test", subject, cameraTestTimeoutMilliseconds, signal);
    }

    /** @returns {Promise<Pipeline[]>} */
    pipelines() {
        return this.#request("GET", "api/pipelines");
    }

    /**
     * @param {Pipeline} pipeline
     * @returns {Promise<Pipeline>}
     */
    replacePipeline(pipeline) {
        return this.#request("PUT", `api/pipelines/${encodeURIComponent(pipeline.id)}`, pipeline);
    }

    /** @param {string} id */
    deletePipeline(id) {
        return this.#request("DELETE", `api/pipelines/${encodeURIComponent(id)}`);
    }

    /**
     * @param {{transmission_id: string, camera_id: string, preset_id: string, optional_parameters?: object}} request
     * @returns {Promise<WizardAnswer>}
     */
    createPipeline(request) {
        return this.#request("POST", "api/streams/wizard/create-pipeline", request);
    }

    /**
     * @param {string} method
     * @param {string} path
     * @param {object} [body]
     * @param {number} [timeout] milliseconds
     * @param {AbortSignal} [signal]
     * @returns {Promise<any>}
     */
    async #request(method, path, body, timeout = requestTimeoutMilliseconds, signal) {
        const deadline = AbortSignal.timeout(timeout);
        let response;
        let answer;
        try {
            response = await fetch(new URL(path, document.baseURI), {
                method,
                headers: body === undefined ? {} : { "Content-Type": "application/json" },
                body: body === undefined ? undefined : JSON.stringify(body),
                cache: "no-store",
                signal: signal ? anySignal(signal, deadline) : deadline,
            });
            answer = await response.text();
        } catch (error) {
            if (signal?.aborted) throw error;
            throw new ServerUnreachable(`${method} ${path}: ${error instanceof Error ? error.message : error}`);
        }
        this.#reportWarning(response);
        return this.#decode(response, answer, `${method} ${path}`);
    }

    /** @param {Response} response */
    #reportWarning(response) {
        const warning = response.headers.get("x-toposync-warning");
        if (warning) this.dispatchEvent(new CustomEvent("warning", { detail: decodeURIComponent(warning) }));
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
        const problems = fieldProblems(value?.detail);
        const message = typeof value?.detail === "string"
            ? value.detail
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
        message: String(entry?.msg ?? "").replace(/^Value error, /, ""),
    }));
}

/**
 * `AbortSignal.any`, which browsers older than 2024 lack.
 * @param {...AbortSignal} signals
 */
function anySignal(...signals) {
    const controller = new AbortController();
    for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener("abort", () => controller.abort(signal.reason), { signal: controller.signal });
    }
    return controller.signal;
}
