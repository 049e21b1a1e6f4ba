import { freeSlug } from "../core/slug.js";
import { encodingFor, newOutput } from "./encoding.js";

/** @typedef {import("../types/cameras.js").Camera} Camera */
/** @typedef {import("../types/cameras.js").CameraDraft} CameraDraft */
/** @typedef {import("../types/cameras.js").CameraTest} CameraTest */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */

/**
 * Everything that makes a camera show up on the Streams page: the camera, a transmission, the pipeline between them,
 * and a running engine. After a failure it goes on where it stopped, so that nothing is made twice.
 */
export class Provisioning {
    #api;
    /** @type {Camera | null} */
    #camera = null;
    /** @type {Transmission | null} */
    #transmission = null;
    #isConnected = false;

    /** @param {import("../core/api.js").ApiClient} api */
    constructor(api) {
        this.#api = api;
    }

    /**
     * @param {CameraDraft} draft
     * @param {CameraTest | null} test
     */
    async run(draft, test) {
        const camera = await this.camera(draft);
        const transmission = await this.#makeTransmission(draft.name, test);
        if (!this.#isConnected) {
            await this.#api.createPipeline({
                transmission_id: transmission.id, camera_id: camera.id, preset_id: "simple_stream",
            });
            this.#isConnected = true;
        }
        const status = await this.#api.engineStatus();
        if (!status.running) await this.#api.engine("start");
        return { camera, transmission };
    }

    /**
     * Only the camera.
     * @param {CameraDraft} draft
     */
    async camera(draft) {
        this.#camera = this.#camera
            ? await this.#api.replaceCamera(this.#camera, draft)
            : await this.#api.createCamera(draft);
        return this.#camera;
    }

    /**
     * @param {string} name
     * @param {CameraTest | null} test
     */
    async #makeTransmission(name, test) {
        if (this.#transmission) return this.#transmission;
        const existing = await this.#api.transmissions();
        const encoding = encodingFor(test);
        // Equal outputs share one encoder.
        const outputs = [{ ...newOutput("hls", "hls"), ...encoding }, { ...newOutput("rtsp", "rtsp"), ...encoding }];
        this.#transmission = await this.#api.createTransmission({
            name, path: freeSlug(name, existing.map((transmission) => transmission.path)), outputs,
        });
        return this.#transmission;
    }
}
