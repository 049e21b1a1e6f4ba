import { confirmAction } from "../components/confirm-dialog.js";
import { whileBusy } from "../components/busy.js";
import { IconButton } from "../components/icon-button.js";
import { KeyedList } from "../components/keyed-list.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { formatList, t } from "../core/i18n.js";
import { CameraSheet } from "./camera-sheet.js";
import { CameraTestView } from "./camera-test-view.js";
import { usesOfCamera } from "./pipeline-facts.js";
import { section } from "./section.js";

/** @typedef {import("../types/cameras.js").Camera} Camera */

/** The cameras that are set up. */
export class CameraSection {
    #api;
    #store;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        const list = el("div", { class: "card list", data: { testid: "cameras" } });
        const empty = el("p", { class: "card soft", hidden: true }, t("cameras.empty"));
        const rows = new KeyedList(list, (/** @type {Camera} */ camera) => camera.id, (camera) => this.#row(camera));
        this.element = section({
            id: "cameras", title: t("cameras.title"), text: t("cameras.text"),
            actions: [el("button", {
                class: "button small", type: "button", data: { testid: "camera-add" }, onclick: () => this.add(),
            }, icon("add"), t("cameras.add"))],
        }, list, empty);
        store.addEventListener("change", () => {
            rows.update(store.cameras);
            list.hidden = store.cameras.length === 0;
            empty.hidden = !list.hidden;
        });
    }

    add() {
        new CameraSheet(this.#api, this.#store, null);
    }

    /** @param {string} id */
    async #edit(id) {
        try {
            new CameraSheet(this.#api, this.#store, await this.#api.camera(id));
        } catch (error) {
            toasts.showError(error);
        }
    }

    /** @param {Camera} camera */
    #row(camera) {
        let current = camera;
        const name = el("span", { class: "row-title" });
        const address = el("span", { class: "row-text" });
        const result = new CameraTestView(this.#api);
        result.element.hidden = true;
        const test = el("button", {
            class: "button small", type: "button", data: { testid: "camera-row-test" },
            onclick: () => {
                result.element.hidden = false;
                void whileBusy(test, () => result.run({ camera_id: current.id })).then((answer) => {
                    result.element.hidden = answer === null;
                });
            },
        }, t("camera.test"));
        const edit = new IconButton(
            "edit", "camera-edit", () => void this.#edit(current.id), t("action.edit"),
        );
        const remove = new IconButton("trash", "camera-delete", () => void this.#delete(current), t("action.delete"));
        const element = el("div", { class: "row", data: { testid: "camera", camera: camera.id } },
            el("span", { class: "row-icon" }, icon("cctv")),
            el("div", { class: "row-main" }, name, address),
            el("div", { class: "row-actions" }, test, edit.element, remove.element),
            result.element);
        return {
            element,
            update: (/** @type {Camera} */ changed) => {
                current = changed;
                setText(name, changed.name);
                const isDemo = changed.url === "demo:";
                const [, input] = /^input:(.*)$/.exec(changed.url) ?? [];
                address.classList.toggle("mono", !isDemo && !input);
                const sent = input && t("camera.input.sent", { name: input });
                setText(address, isDemo ? t("camera.demo.drawn") : sent || changed.url);
            },
        };
    }

    /** @param {Camera} camera */
    async #delete(camera) {
        const { pipelines, transmissions } = usesOfCamera(camera.id, this.#store);
        const count = pipelines.length;
        const also = new Switch({
            label: t("camera.delete.also", { names: formatList(transmissions.map(nameOf)) }),
            hint: t("camera.delete.also.hint"), checked: true, testId: "camera-delete-also",
        });
        const confirmed = await confirmAction({
            title: t("camera.delete.title", { name: camera.name }),
            text: count > 0 ? t("camera.delete.used", { count }) : t("camera.delete.text"),
            action: t("action.delete"),
            extra: transmissions.length > 0 ? also.element : null,
        });
        if (!confirmed) return;
        try {
            // The server refuses to delete a camera in use.
            for (const pipeline of pipelines) await this.#api.deletePipeline(pipeline.id);
            if (also.checked) {
                for (const transmission of transmissions) await this.#api.deleteTransmission(transmission.id);
            }
            await this.#api.deleteCamera(camera.id);
            toasts.show(t("camera.deleted", { name: camera.name }));
            await this.#store.refresh();
        } catch (error) {
            toasts.showError(error);
        }
    }
}

/** @param {import("../types/outputs.js").Transmission} transmission */
function nameOf(transmission) {
    return transmission.name || transmission.path;
}
