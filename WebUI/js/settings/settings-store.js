/** @typedef {import("../core/types.js").Camera} Camera */
/** @typedef {import("../core/types.js").EngineStatus} EngineStatus */
/** @typedef {import("../core/types.js").Pipeline} Pipeline */
/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../core/types.js").StreamingSettings} StreamingSettings */
/** @typedef {import("../core/types.js").Transmission} Transmission */

/** What the Settings page knows of the server. Event: `change`, after each refresh. */
export class SettingsStore extends EventTarget {
    #api;
    #lastQuestion = 0;
    #lastAnswered = 0;

    /** @param {import("../core/api.js").ApiClient} api */
    constructor(api) {
        super();
        this.#api = api;
        this.isLoaded = false;
        /** @type {EngineStatus | null} */
        this.engine = null;
        /** @type {StreamingSettings | null} */
        this.settings = null;
        /** @type {Camera[]} */
        this.cameras = [];
        /** @type {Transmission[]} */
        this.transmissions = [];
        /** @type {Pipeline[]} */
        this.pipelines = [];
        /** @type {RuntimeOutput[]} */
        this.outputs = [];
    }

    /** Asks for everything. An answer to an older question never replaces that to a newer one. */
    async refresh() {
        const api = this.#api;
        const question = ++this.#lastQuestion;
        const [engine, settings, cameras, transmissions, pipelines, runtime] = await Promise.all([
            api.engineStatus(), api.settings(), api.cameras(), api.transmissions(), api.pipelines(),
            api.runtimeOutputs(),
        ]);
        if (question < this.#lastAnswered) return;
        this.#lastAnswered = question;
        Object.assign(this, {
            engine, settings, cameras, transmissions, pipelines, outputs: runtime.outputs, isLoaded: true,
        });
        this.dispatchEvent(new Event("change"));
    }

    /** @param {string} id */
    camera(id) {
        return this.cameras.find((camera) => camera.id === id) ?? null;
    }

    /** @param {string} id */
    transmission(id) {
        return this.transmissions.find((transmission) => transmission.id === id) ?? null;
    }
}
