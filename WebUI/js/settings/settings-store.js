/** @typedef {import("../types/cameras.js").Camera} Camera */
/** @typedef {import("../types/engine.js").EngineStatus} EngineStatus */
/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */
/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */

/** What the Settings page knows of the server. Event: `change`, after each refresh and each event of the server. */
export class SettingsStore extends EventTarget {
    #api;
    #lastQuestion = 0;
    #lastAnswered = 0;

    #feed;
    /** @type {number | null} of what was asked for last, as far as the feed knows */
    #revision = null;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("../core/state-feed.js").StateFeed} feed
     */
    constructor(api, feed) {
        super();
        this.#api = api;
        this.#feed = feed;
        feed.addEventListener("change", () => this.#takeFeed());
        feed.addEventListener("lost", () => {
            this.download = null;
            this.findings = [];
        });
        this.isLoaded = false;
        /** @type {EngineStatus | null} */
        this.engine = null;
        /** @type {import("../types/engine.js").EngineDownload | null} only while the server tells it by itself */
        this.download = null;
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
        /** @type {import("../types/runtime.js").RuntimeDestination[]} */
        this.destinations = [];
        /** @type {import("../types/runtime.js").FindingReport[]} only while the server tells them by itself */
        this.findings = [];
    }

    /** The server's time of what it told last by itself, in seconds since 1970; null while it tells nothing. */
    get toldAtUnix() {
        return this.#feed.isLive ? this.#feed.state?.atUnix ?? null : null;
    }

    /** Asks for everything. An answer to an older question never replaces that to a newer one. */
    async refresh() {
        const api = this.#api;
        const question = ++this.#lastQuestion;
        const revision = this.#feed.state?.revision ?? null;
        const [engine, settings, cameras, transmissions, pipelines, runtime, pushed] = await Promise.all([
            api.engineStatus(), api.settings(), api.cameras(), api.transmissions(), api.pipelines(),
            api.runtimeOutputs(), api.runtimeDestinations(),
        ]);
        if (question < this.#lastAnswered) return;
        this.#lastAnswered = question;
        this.#revision = revision;
        Object.assign(this, {
            engine, settings, cameras, transmissions, pipelines, outputs: runtime.outputs,
            destinations: pushed.destinations, isLoaded: true,
        });
        if (this.#feed.newerThan(runtime.updated_at_unix)) this.#takeFeed();
        else this.dispatchEvent(new Event("change"));
    }

    /** Shows what the server told; what was stored meanwhile is asked for. */
    #takeFeed() {
        const { state } = this.#feed;
        if (!state || !this.isLoaded) return;
        this.download = state.download;
        this.outputs = state.outputs;
        this.destinations = state.destinations;
        this.findings = state.findings;
        if (state.engine) this.engine = { ...state.engine, log_tail: this.engine?.log_tail };
        this.dispatchEvent(new Event("change"));
        if (state.revision !== this.#revision) {
            this.#revision = state.revision;
            // The page's own refresh says so when the server is gone.
            this.refresh().catch(() => {});
        }
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
