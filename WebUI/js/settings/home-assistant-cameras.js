import { selectField } from "../components/field.js";
import { codedText } from "../core/coded-text.js";
import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../types/server.js").HomeAssistantCamera} HomeAssistantCamera */

/** The cameras that Home Assistant has, to choose one of; hidden where there is no Home Assistant. */
export class HomeAssistantCameras {
    #api;
    #isLoaded = false;
    /** @type {HomeAssistantCamera[]} */
    #cameras = [];

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {(camera: HomeAssistantCamera) => void} onChoose
     */
    constructor(api, onChoose) {
        this.#api = api;
        this.field = selectField({
            path: "home_assistant", label: t("camera.homeAssistant"), testId: "camera-home-assistant",
        }, [], "");
        this.field.control.addEventListener("change", () => {
            const camera = this.#cameras.find(({ url }) => url === this.field.value);
            if (camera) onChoose(camera);
        });
        this.element = el("div", { hidden: true }, this.field.element);
    }

    /** Asks for them, once. */
    async load() {
        if (this.#isLoaded) return;
        this.#isLoaded = true;
        try {
            this.#draw(await this.#api.homeAssistantCameras());
        } catch (error) {
            // The page says itself when the server is gone.
            console.info(error);
        }
    }

    /** @param {import("../types/server.js").HomeAssistantCameras} home */
    #draw({ is_add_on: isAddOn, reason, reason_code: code, reason_parameters: parameters, cameras }) {
        this.#cameras = cameras;
        this.element.hidden = !isAddOn;
        this.field.control.disabled = cameras.length === 0;
        fill(this.field.control,
            el("option", { value: "" }, t("camera.homeAssistant.choose")),
            cameras.map(({ url, name, entity_id: id }) => el("option", { value: url }, `${name} (${id})`)));
        this.field.hint = codedText(code, parameters, reason)
            || t(cameras.length === 0 ? "camera.homeAssistant.none" : "camera.homeAssistant.hint");
    }
}
