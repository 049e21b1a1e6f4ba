import { AccountsAPI } from "./accounts-api.js";
import { ApiError, ServerRequests } from "./server-requests.js";

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
/** @typedef {import("./types.js").Playback} Playback */
/** @typedef {import("./types.js").WizardAnswer} WizardAnswer */
/** @typedef {import("./types.js").Network} Network */
/** @typedef {import("./types.js").HomeAssistant} HomeAssistant */
/** @typedef {import("./types.js").HomeAssistantCameras} HomeAssistantCameras */
/** @typedef {import("./types.js").AddedCamera} AddedCamera */
/** @typedef {import("./types.js").RestoreReport} RestoreReport */

/** Opening a camera includes its own time-outs on the server; this only ends a request that nobody answers. */
const cameraTestTimeoutMilliseconds = 45_000;
/** Home Assistant opens the stream before it answers; the server gives it a time of its own. */
const homeAssistantTimeoutMilliseconds = 180_000;
/** Starting the engine waits until it listens. */
const engineTimeoutMilliseconds = 30_000;

/** The server's HTTP API. */
export class ApiClient extends ServerRequests {
    /** Signing in, users, tokens. */
    accounts = new AccountsAPI(this);

    /** @returns {Promise<StreamingSettings>} */
    settings() {
        return this.request("GET", "api/streams/settings");
    }

    /**
     * @param {object} changes
     * @param {StreamingSettings | null} [basis] the answer that was changed; the server refuses when it is another now
     * @returns {Promise<StreamingSettings>}
     */
    changeSettings(changes, basis = null) {
        return this.request("PATCH", "api/streams/settings", {
            body: changes, basis, timeout: engineTimeoutMilliseconds,
        });
    }

    /** @returns {Promise<EngineStatus>} */
    engineStatus() {
        return this.request("GET", "api/streams/engine/status");
    }

    /**
     * @param {"start" | "stop" | "restart" | "reclaim"} action
     * @returns {Promise<EngineStatus>}
     */
    engine(action) {
        return this.request("POST", `api/streams/engine/${action}`, { timeout: engineTimeoutMilliseconds });
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
        return this.request("GET", "api/streams/engine/download");
    }

    /** @returns {Promise<EngineStatus>} */
    downloadEngine() {
        return this.request("POST", "api/streams/engine/download");
    }

    /** @returns {Promise<EngineDownload>} */
    cancelEngineDownload() {
        return this.request("DELETE", "api/streams/engine/download");
    }

    /**
     * In the order that they were put into; the oldest first, as cameras and pipelines are: what is new comes at the end.
     * @returns {Promise<Transmission[]>}
     */
    async transmissions() {
        return (await this.request("GET", "api/streams/transmissions")).reverse();
    }

    /**
     * One, as it is now, to be changed.
     * @param {string} id
     * @returns {Promise<Transmission>}
     */
    transmission(id) {
        return this.request("GET", `api/streams/transmissions/${encodeURIComponent(id)}`);
    }

    /**
     * @param {object} draft
     * @returns {Promise<Transmission>}
     */
    createTransmission(draft) {
        return this.request("POST", "api/streams/transmissions", { body: draft });
    }

    /**
     * @param {Transmission} basis the answer that was changed; the server refuses when it is another now
     * @param {object} body
     * @returns {Promise<Transmission>}
     */
    replaceTransmission(basis, body) {
        return this.request("PUT", `api/streams/transmissions/${encodeURIComponent(basis.id)}`, { body, basis });
    }

    /**
     * Puts transmissions into another order.
     * @param {string[]} ids in the order of `transmissions`
     * @returns {Promise<unknown>}
     */
    orderTransmissions(ids) {
        return this.request("PUT", "api/streams/order", { body: { transmission_ids: [...ids].reverse() } });
    }

    /** @param {string} id */
    deleteTransmission(id) {
        return this.request("DELETE", `api/streams/transmissions/${encodeURIComponent(id)}`);
    }

    /**
     * Where one transmission is watched; starts nothing.
     * @param {string} id
     * @returns {Promise<TransmissionURLs>}
     */
    urls(id) {
        return this.request("GET", `api/streams/transmissions/${encodeURIComponent(id)}/urls?prime=false`);
    }

    /**
     * Where all transmissions are watched; starts nothing.
     * @returns {Promise<TransmissionURLs[]>}
     */
    async allURLs() {
        return (await this.request("GET", "api/streams/urls")).transmissions;
    }

    /**
     * Where this page watches an output that has a password.
     * @param {string} id
     * @param {string} outputId
     * @param {{username: string, password: string}} credentials
     * @param {AbortSignal} signal
     * @returns {Promise<Playback | null>} null when they are wrong
     */
    async playback(id, outputId, { username, password }, signal) {
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/outputs/${encodeURIComponent(outputId)}/playback`;
        const bytes = new TextEncoder().encode(`${username}:${password}`);
        const response = await fetch(new URL(path, document.baseURI), {
            method: "POST", signal,
            // The second one keeps the browser from asking with a window of its own.
            headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}`, "X-Requested-With": "fetch" },
        });
        if (response.status === 401) return null;
        if (!response.ok) throw new ApiError(response.status, `HTTP ${response.status}`);
        return response.json();
    }

    /**
     * Lets this page go on watching.
     * @param {string} url the address with the token
     * @returns {Promise<number>} for how many seconds it is good now
     */
    async renewPlayback(url) {
        const path = new URL("viewer", new URL(url, document.baseURI)).href;
        return (await this.request("POST", path)).playback_expires_in_seconds;
    }

    /**
     * This page has stopped watching; it would count until its session runs out. The request outlives the page.
     * @param {string} url the address with the token
     */
    async endPlayback(url) {
        await fetch(new URL("viewer", new URL(url, document.baseURI)), { method: "DELETE", keepalive: true });
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
        return this.request("POST", path, { body, signal });
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
     * @param {{maxAge: number, width: number, waits: boolean}} wish how old it may be, in seconds; how wide at most; and
     *     whether to wait until a camera gives one, instead of being told of none
     * @param {AbortSignal} signal
     * @returns {Promise<{blob: Blob, state: string} | null>} null when there is none without waiting
     * @throws {ApiError} without the server's sentence
     */
    async still(id, { maxAge, width, waits }, signal) {
        const query = new URLSearchParams({ max_age: String(maxAge), width: String(width), wait: String(waits) });
        const path = `api/streams/transmissions/${encodeURIComponent(id)}/still.jpg?${query}`;
        // The age is the server's matter: a browser's cache would keep a picture of before the last change.
        const response = await fetch(new URL(path, document.baseURI), {
            cache: "no-store", signal, headers: { "X-Requested-With": "fetch" },
        });
        if (response.status === 204) return null;
        if (!response.ok) throw new ApiError(response.status, `HTTP ${response.status}`);
        return { blob: await response.blob(), state: response.headers.get("x-toposync-frame-state") ?? "" };
    }

    /** @returns {Promise<RuntimeOutputs>} */
    runtimeOutputs() {
        return this.request("GET", "api/streams/runtime/outputs");
    }

    /**
     * Where the pages can be opened from other machines.
     * @returns {Promise<Network>}
     */
    network() {
        return this.request("GET", "api/network");
    }

    /**
     * Whether outputs can be added to Home Assistant.
     * @returns {Promise<HomeAssistant>}
     */
    homeAssistant() {
        return this.request("GET", "api/home-assistant");
    }

    /**
     * The cameras of Home Assistant that can be sources here.
     * @returns {Promise<HomeAssistantCameras>}
     */
    homeAssistantCameras() {
        return this.request("GET", "api/home-assistant/cameras");
    }

    /**
     * Makes a camera in Home Assistant that shows an output.
     * @param {string} transmissionId
     * @param {string} outputId
     * @returns {Promise<AddedCamera>}
     */
    addToHomeAssistant(transmissionId, outputId) {
        return this.request("POST", "api/home-assistant/cameras", {
            body: { transmission_id: transmissionId, output_id: outputId }, timeout: homeAssistantTimeoutMilliseconds,
        });
    }

    /**
     * @param {{backup: object, dry_run?: boolean, revision?: number}} request
     * @returns {Promise<RestoreReport>} what it changed, or with `dry_run` what it would
     */
    restore(request) {
        return this.request("POST", "api/restore", { body: request, timeout: engineTimeoutMilliseconds });
    }

    /** @returns {Promise<Camera[]>} */
    cameras() {
        return this.request("GET", "api/cameras");
    }

    /**
     * One, as it is now, to be changed.
     * @param {string} id
     * @returns {Promise<Camera>}
     */
    camera(id) {
        return this.request("GET", `api/cameras/${encodeURIComponent(id)}`);
    }

    /**
     * @param {CameraDraft} draft
     * @returns {Promise<Camera>}
     */
    createCamera(draft) {
        return this.request("POST", "api/cameras", { body: draft });
    }

    /**
     * @param {Camera} basis the answer that was changed; the server refuses when it is another now
     * @param {CameraDraft} draft
     * @returns {Promise<Camera>}
     */
    replaceCamera(basis, draft) {
        return this.request("PUT", `api/cameras/${encodeURIComponent(basis.id)}`, { body: draft, basis });
    }

    /** @param {string} id */
    deleteCamera(id) {
        return this.request("DELETE", `api/cameras/${encodeURIComponent(id)}`);
    }

    /**
     * @param {CameraDraft | {camera_id: string}} subject a stored camera, changed by the draft's fields if there are any
     * @param {AbortSignal} [signal]
     * @returns {Promise<CameraTest>}
     */
    testCamera(subject, signal) {
        return this.request("POST", "api/cameras/test", {
            body: subject, timeout: cameraTestTimeoutMilliseconds, signal,
        });
    }

    /** @returns {Promise<Pipeline[]>} */
    pipelines() {
        return this.request("GET", "api/pipelines");
    }

    /**
     * Changes a pipeline as it is now, not as this page saw it last.
     * @param {string} id
     * @param {Partial<Pipeline>} changes
     * @returns {Promise<Pipeline>}
     */
    async changePipeline(id, changes) {
        const path = `api/pipelines/${encodeURIComponent(id)}`;
        const basis = await this.request("GET", path);
        return this.request("PUT", path, { body: { ...basis, ...changes }, basis });
    }

    /** @param {string} id */
    deletePipeline(id) {
        return this.request("DELETE", `api/pipelines/${encodeURIComponent(id)}`);
    }

    /**
     * @param {{transmission_id: string, camera_id: string, preset_id: string, optional_parameters?: object}} request
     * @returns {Promise<WizardAnswer>}
     */
    createPipeline(request) {
        return this.request("POST", "api/streams/wizard/create-pipeline", { body: request });
    }
}
