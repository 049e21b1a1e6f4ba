/** @typedef {import("../core/types.js").Camera} Camera */
/** @typedef {import("../core/types.js").EngineStatus} EngineStatus */
/** @typedef {import("../core/types.js").Pipeline} Pipeline */
/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../core/types.js").StreamingSettings} StreamingSettings */
/** @typedef {import("../core/types.js").Transmission} Transmission */

/** What the Settings page knows of the server. Event: `change`, after each refresh. */
export class SettingsStore extends EventTarget {
    #api;
    /** @type {{time: number, frames: Map<string, number>} | null} */
    #lastFrames = null;

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
        /** @type {Map<string, number>} frames a second by output key, since the last refresh */
        this.framesPerSecond = new Map();
    }

    async refresh() {
        const api = this.#api;
        const [engine, settings, cameras, transmissions, pipelines, runtime] = await Promise.all([
            api.engineStatus(), api.settings(), api.cameras(), api.transmissions(), api.pipelines(),
            api.runtimeOutputs(),
        ]);
        Object.assign(this, {
            engine, settings, cameras, transmissions, pipelines, outputs: runtime.outputs, isLoaded: true,
        });
        this.#countFrames(runtime.updated_at_unix);
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

    /** @param {number} time seconds since 1970 by the server's clock */
    #countFrames(time) {
        const frames = new Map(this.outputs.map((output) => [output.output_key, output.publisher_frames_sent]));
        const last = this.#lastFrames;
        const elapsed = last ? time - last.time : 0;
        // Two refreshes close together measure nothing.
        if (last && elapsed < 1) return;
        this.framesPerSecond = new Map();
        if (last) {
            for (const [key, count] of frames) {
                const before = last.frames.get(key);
                if (before !== undefined && count >= before) this.framesPerSecond.set(key, (count - before) / elapsed);
            }
        }
        this.#lastFrames = { time, frames };
    }
}
