import { AccountsAPI } from "./accounts-api.js";
import { ServerRequests } from "./server-requests.js";

/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */
/** @typedef {import("../types/engine.js").EngineDownload} EngineDownload */
/** @typedef {import("../types/engine.js").EngineStatus} EngineStatus */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */
/** @typedef {import("../types/runtime.js").TransmissionURLs} TransmissionURLs */
/** @typedef {import("../types/runtime.js").RuntimeOutputs} RuntimeOutputs */
/** @typedef {import("../types/cameras.js").Camera} Camera */
/** @typedef {import("../types/cameras.js").CameraDraft} CameraDraft */
/** @typedef {import("../types/cameras.js").CameraTest} CameraTest */
/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */
/** @typedef {import("../types/cameras.js").WizardAnswer} WizardAnswer */
/** @typedef {import("../types/server.js").Network} Network */
/** @typedef {import("../types/vision.js").Vision} Vision */
/** @typedef {import("../types/server.js").HomeAssistant} HomeAssistant */
/** @typedef {import("../types/server.js").HomeAssistantCameras} HomeAssistantCameras */
/** @typedef {import("../types/server.js").AddedCamera} AddedCamera */
/** @typedef {import("../types/server.js").RestoreReport} RestoreReport */

/** Opening a camera includes its own time-outs on the server; this only ends a request that nobody answers. */
const cameraTestTimeoutMilliseconds = 45_000;
/** Home Assistant opens the stream before it answers; the server gives it a time of its own. */
const homeAssistantTimeoutMilliseconds = 180_000;
/** A model has up to 200 MB, and a phone sends it. */
const uploadTimeoutMilliseconds = 1_800_000;
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

    /** @returns {Promise<Vision>} */
    vision() {
        return this.request("GET", "api/vision");
    }

    /**
     * Downloads a model, and the runtime where it is missing.
     * @param {string} model
     * @returns {Promise<Vision>}
     */
    installVision(model) {
        return this.request("POST", "api/vision/install", { body: { model } });
    }

    /** @returns {Promise<Vision>} */
    cancelVision() {
        return this.request("DELETE", "api/vision/install");
    }

    /**
     * @param {string} id
     * @param {File} file
     * @returns {Promise<Vision>}
     */
    uploadModel(id, file) {
        return this.request("PUT", `api/vision/models/${encodeURIComponent(id)}`, {
            file, timeout: uploadTimeoutMilliseconds,
        });
    }

    /** @param {string} id */
    deleteModel(id) {
        return this.request("DELETE", `api/vision/models/${encodeURIComponent(id)}`);
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

    /**
     * Sends a transmission to one of its destinations, or not any more.
     * @param {string} transmissionId
     * @param {string} destinationId
     * @param {boolean} active
     */
    switchDestination(transmissionId, destinationId, active) {
        const [transmission, destination] = [transmissionId, destinationId].map(encodeURIComponent);
        return this.request("PATCH", `api/streams/transmissions/${transmission}/destinations/${destination}`, {
            body: { active },
        });
    }

    /** @returns {Promise<{destinations: import("../types/runtime.js").RuntimeDestination[]}>} */
    runtimeDestinations() {
        return this.request("GET", "api/streams/runtime/destinations");
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

    /** @returns {Promise<RuntimeOutputs>} */
    runtimeOutputs() {
        return this.request("GET", "api/streams/runtime/outputs");
    }

    /**
     * What pipelines saw, the newest first.
     * @param {{before?: number | null, camera?: string}} [query]
     * @returns {Promise<import("../types/runtime.js").EventLog>}
     */
    events({ before = null, camera = "" } = {}) {
        const query = new URLSearchParams();
        if (before !== null) query.set("before", String(before));
        if (camera) query.set("camera", camera);
        return this.request("GET", `api/events/log?${query}`);
    }

    /** @returns {Promise<import("../types/engine.js").WebhookState[]>} */
    async webhookStates() {
        return (await this.request("GET", "api/webhooks")).webhooks;
    }

    /**
     * @param {string} id
     * @returns {Promise<{arrived: boolean, problem: import("../types/server.js").CodedMessage | null}>}
     */
    testWebhook(id) {
        return this.request("POST", `api/webhooks/${encodeURIComponent(id)}/test`);
    }

    /** @returns {Promise<import("../types/engine.js").MqttStatus>} */
    mqttStatus() {
        return this.request("GET", "api/mqtt");
    }

    /** @returns {Promise<{connected: boolean, problem: import("../types/server.js").CodedMessage | null}>} */
    testMqtt() {
        return this.request("POST", "api/mqtt/test");
    }

    /** Removes the events that are over. */
    clearEvents() {
        return this.request("DELETE", "api/events/log");
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
     * The microphones of the server's computer.
     * @returns {Promise<{address: string, name: string}[]>}
     */
    async microphones() {
        return (await this.request("GET", "api/microphones")).microphones;
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
     * Where a program sends the picture of a camera that is an input.
     * @param {string} id
     * @returns {Promise<import("../types/cameras.js").CameraInput>}
     */
    cameraInput(id) {
        return this.request("GET", `api/cameras/${encodeURIComponent(id)}/input`);
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
     * @param {Partial<Pipeline> | ((basis: Pipeline) => Partial<Pipeline>)} changes
     * @returns {Promise<Pipeline>}
     */
    async changePipeline(id, changes) {
        const path = `api/pipelines/${encodeURIComponent(id)}`;
        const basis = await this.request("GET", path);
        const changed = typeof changes === "function" ? changes(basis) : changes;
        return this.request("PUT", path, { body: { ...basis, ...changed }, basis });
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
