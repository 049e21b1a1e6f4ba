import { whileBusy } from "../components/busy.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { CameraForm } from "./camera-form.js";
import { CameraTestView } from "./camera-test-view.js";
import { InputView } from "./input-view.js";
import { Provisioning } from "./provisioning.js";

/** @typedef {import("../types/cameras.js").Camera} Camera */

/** Adds a camera or changes one. */
export class CameraSheet {
    #api;
    #store;
    #camera;
    #provisioning;
    /** Where a program sends the picture; null of a camera that the server reads. */
    #input;

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
        this.form = new CameraForm(camera, api);
        this.#input = camera && this.form.isInput ? new InputView(api, camera.id) : null;
        this.testView = new CameraTestView(api);
        this.problems = new FormProblems(() => this.form.fields);
        this.show = new Switch({
            label: t("camera.show"), hint: t("camera.show.hint"), checked: true, testId: "camera-show",
        });
        this.sheet = new Sheet(camera ? t("camera.edit.title", { name: camera.name }) : t("camera.add.title"), {
            testId: "camera-sheet",
        });
        this.saveText = el("span", {});
        this.test = el("button", {
            class: "button start", type: "button", data: { testid: "camera-test" },
            onclick: () => void this.#test(),
        },
            icon("test"), t("camera.test"));
        const save = el("button", {
            class: "button primary", type: "submit", form: "camera-form", data: { testid: "camera-save" },
        }, this.saveText);
        fill(this.sheet.body, el("form", {
            class: "stack", id: "camera-form", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#save(save);
            },
        }, this.form.element, !camera && this.show.element, this.problems.element),
        this.#input?.element, this.testView.element);
        this.sheet.setActions(this.test, save);
        this.form.addEventListener("change", () => {
            this.sheet.isDirty = true;
            if (!this.testView.isAbout(this.form.testSubject())) this.testView.clear();
            this.#drawSave();
        });
        this.testView.addEventListener("finish", () => this.#drawSave());
        this.sheet.addEventListener("close", () => {
            this.testView.clear();
            this.#input?.close();
        });
        this.#drawSave();
        if (!camera) void this.form.homeAssistant.load();
        this.sheet.open();
        this.#input?.open();
    }

    #drawSave() {
        // Nothing can come before the program knows where to send it.
        this.test.hidden = !this.#camera && this.form.isInput;
        if (this.#camera) return setText(this.saveText, t("action.save"));
        const { result } = this.testView;
        setText(this.saveText, t(result && !result.ok ? "firstRun.useAnyway" : "camera.add"));
    }

    async #test() {
        if (this.problems.show(this.form.missing({ needsName: false }))) return;
        try {
            await whileBusy(this.test, () => this.testView.run(this.form.testSubject()));
        } catch (error) {
            this.problems.showError(error);
        }
    }

    /**
     * A new camera that is to be shown is tested first: how it is shown depends on what it sends, and a wrong address is
     * best noticed here.
     * @returns {Promise<boolean>} whether it may be added
     */
    async #isTested() {
        if (this.#camera || this.form.isInput || !this.show.checked || this.testView.result) return true;
        const result = await this.testView.run(this.form.testSubject());
        return result?.ok ?? false;
    }

    /** @param {HTMLButtonElement} button */
    async #save(button) {
        if (this.problems.show(this.form.missing({ needsName: true }))) return;
        const draft = this.form.draft();
        /** @type {Camera | null} */
        let added = null;
        try {
            const isSaved = await whileBusy(button, async () => {
                if (!(await this.#isTested())) return false;
                if (this.#camera) await this.#api.replaceCamera(this.#camera, draft);
                else if (this.show.checked) ({ camera: added } = await this.#provisioning.run(draft, this.testView.result));
                else added = await this.#provisioning.camera(draft);
                return true;
            });
            if (!isSaved) return;
        } catch (error) {
            this.problems.showError(error);
            return;
        }
        this.sheet.close();
        toasts.show(this.#summary(draft.name));
        await this.#store.refresh();
        // It shows where to send the picture.
        if (added && this.form.isInput) new CameraSheet(this.#api, this.#store, added);
    }

    /** @param {string} name */
    #summary(name) {
        if (this.#camera) return t("camera.saved", { name });
        return t(this.show.checked ? "camera.added.shown" : "camera.added", { name });
    }
}
