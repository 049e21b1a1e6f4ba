import { whileBusy } from "../components/busy.js";
import { numberField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { toasts } from "../components/toasts.js";
import { unsavedChanges } from "../components/unsaved-changes.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../core/types.js").EnginePorts} EnginePorts */
/** @typedef {import("../core/types.js").PortName} PortName */

/** @type {readonly PortName[]} */
const names = ["rtsp", "hls", "webrtc", "api"];
const limits = { min: 1, max: 65535 };

/** The ports that the engine takes when they are free. */
export class PortForm {
    #api;
    #store;
    /** @type {EnginePorts | null} */
    #saved = null;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.fields = names.map((name) => numberField({
            path: `engine.preferred_ports.${name}`, label: t(`port.${name}`), testId: `preferred-port-${name}`,
            attributes: { required: true },
        }, null, limits));
        this.problems = new FormProblems(() => this.fields);
        this.badge = el("span", { class: "badge warn", hidden: true, data: { testid: "unsaved" } }, t("form.unsaved"));
        this.save = el("button", {
            class: "button small primary", type: "submit", disabled: true, data: { testid: "ports-save" },
        }, t("action.save"));
        this.undo = el("button", {
            class: "button small quiet", type: "button", hidden: true, onclick: () => this.#reset(),
        }, t("action.undo"));
        const form = el("form", {
            class: "stack", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#submit();
            },
            oninput: () => this.#drawDirty(),
        },
            el("p", { class: "field-hint" }, t("engine.ports.hint")),
            el("div", { class: "port-fields" }, this.fields.map((field) => field.element)),
            this.problems.element,
            el("div", { class: "actions" }, this.save, this.undo, this.badge));
        this.element = el("details", {
            class: "disclosure", data: { testid: "ports" },
        }, el("summary", {}, t("engine.ports")), form);
    }

    /** @param {EnginePorts} ports */
    update(ports) {
        const dirty = this.#isDirty;
        this.#saved = ports;
        if (!dirty) this.#reset();
    }

    get #isDirty() {
        const saved = this.#saved;
        return saved !== null && names.some((name, index) => this.fields[index].number !== saved[name]);
    }

    #drawDirty() {
        const dirty = this.#isDirty;
        this.badge.hidden = !dirty;
        this.undo.hidden = !dirty;
        this.save.disabled = !dirty;
        unsavedChanges.mark(this, dirty);
    }

    #reset() {
        const saved = this.#saved;
        if (!saved) return;
        names.forEach((name, index) => {
            this.fields[index].value = String(saved[name]);
        });
        this.problems.clear();
        this.#drawDirty();
    }

    async #submit() {
        const wrong = this.fields.filter(
            ({ number }) => number === null || !(number >= limits.min && number <= limits.max),
        );
        if (this.problems.show(wrong.map(({ path }) => ({ path, message: t("form.range", limitsText) })))) return;
        const ports = Object.fromEntries(names.map((name, index) => [name, this.fields[index].number]));
        try {
            const settings = await whileBusy(this.save, () => this.#api.changeSettings({
                engine: { preferred_ports: ports },
            }));
            this.#saved = settings.engine.preferred_ports;
            this.#reset();
            const running = this.#store.engine?.running;
            toasts.show(running ? `${t("engine.ports.saved")} ${t("engine.restarted")}` : t("engine.ports.saved"));
            await this.#store.refresh();
        } catch (error) {
            this.problems.showError(error);
        }
        this.#drawDirty();
    }
}

/** Port numbers are written without grouping. */
const limitsText = { min: String(limits.min), max: String(limits.max) };
