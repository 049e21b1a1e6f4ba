import { whileBusy } from "../components/busy.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { CameraForm } from "./camera-form.js";
import { CameraTestView } from "./camera-test-view.js";
import { Provisioning } from "./provisioning.js";

/** @typedef {import("../core/types.js").Camera} Camera */

/** Adds a camera or changes one. */
export class CameraSheet {
    #api;
    #store;
    #camera;
    #provisioning;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {Camera | null} camera
     */
    constructor(api, store, camera) {
        this.#api = api;
        this.#store = store;
        this.#camera = camera;
        this.#provisioning = new Provisioning(api);
        this.form = new CameraForm(camera);
        this.testView = new CameraTestView(api);
        this.problems = new FormProblems(() => this.form.fields);
        this.show = new Switch({
            label: t("camera.show"), hint: t("camera.show.hint"), checked: true, testId: "camera-show",
        });
        this.sheet = new Sheet(camera ? t("camera.edit.title", { name: camera.name }) : t("camera.add.title"), {
            testId: "camera-sheet",
        });
        const test = el("button", {
            class: "button start", type: "button", data: { testid: "camera-test" },
            onclick: () => void this.#test(test),
        },
            icon("test"), t("camera.test"));
        const save = el("button", {
            class: "button primary", type: "submit", form: "camera-form", data: { testid: "camera-save" },
        },
            camera ? t("action.save") : t("camera.add"));
        fill(this.sheet.body, el("form", {
            class: "stack", id: "camera-form", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#save(save);
            },
        }, this.form.element, !camera && this.show.element, this.problems.element), this.testView.element);
        this.sheet.setActions(test, save);
        this.form.addEventListener("change", () => {
            this.sheet.isDirty = true;
        });
        this.sheet.addEventListener("close", () => this.testView.clear());
        this.sheet.open();
    }

    /** @param {HTMLButtonElement} button */
    async #test(button) {
        if (this.problems.show(this.form.missing({ needsName: false }))) return;
        this.testView.element.scrollIntoView({ block: "nearest" });
        await whileBusy(button, () => this.testView.run(this.form.testSubject()));
        this.testView.element.scrollIntoView({ block: "nearest" });
    }

    /** @param {HTMLButtonElement} button */
    async #save(button) {
        if (this.problems.show(this.form.missing({ needsName: true }))) return;
        const draft = this.form.draft();
        try {
            await whileBusy(button, async () => {
                if (this.#camera) await this.#api.replaceCamera(this.#camera.id, draft);
                else if (this.show.checked) await this.#provisioning.run(draft, this.testView.result);
                else await this.#provisioning.camera(draft);
            });
        } catch (error) {
            this.problems.showError(error);
            return;
        }
        this.sheet.close();
        toasts.show(this.#summary(draft.name));
        await this.#store.refresh();
    }

    /** @param {string} name */
    #summary(name) {
        if (this.#camera) return t("camera.saved", { name });
        return t(this.show.checked ? "camera.added.shown" : "camera.added", { name });
    }
}
