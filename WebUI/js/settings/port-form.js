import { DraftForm } from "../components/draft-form.js";
import { numberField } from "../components/field.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").EnginePorts} EnginePorts */
/** @typedef {import("../types/engine.js").PortName} PortName */
/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

/** @type {readonly PortName[]} */
const names = ["rtsp", "hls", "webrtc", "rtmp", "api"];
const limits = { min: 1, max: 65535 };

/** The ports that the engine takes when they are free. */
export class PortForm {
    #api;
    #store;
    #form;
    /** @type {EnginePorts | null} */
    #saved = null;
    /** @type {StreamingSettings | null} */
    #basis = null;

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
        this.#form = new DraftForm({
            fields: () => this.fields,
            isDirty: () => this.#isDirty,
            reset: () => this.#reset(),
            isValid: () => this.#isValid(),
            save: () => this.#save(),
        }, {
            title: t("engine.ports"), hint: t("engine.ports.hint"), testId: "ports",
            content: [el("div", { class: "port-fields" }, this.fields.map((field) => field.element))],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; ports that are being changed here stay what they were changed from */
    update(settings) {
        const dirty = this.#isDirty;
        const ports = settings.engine.preferred_ports;
        if (dirty && names.some((name) => ports[name] !== this.#saved?.[name])) return;
        this.#basis = settings;
        this.#saved = ports;
        if (!dirty) this.#form.reset();
    }

    get #isDirty() {
        const saved = this.#saved;
        return saved !== null && names.some((name, index) => this.fields[index].number !== saved[name]);
    }

    #reset() {
        const saved = this.#saved;
        if (!saved) return;
        names.forEach((name, index) => {
            this.fields[index].value = String(saved[name]);
        });
    }

    #isValid() {
        return !this.#form.problems.show(plainRangeProblems(this.fields.map((field) => [field, limits])));
    }

    async #save() {
        const ports = Object.fromEntries(names.map((name, index) => [name, this.fields[index].number]));
        const settings = await this.#api.changeSettings({ engine: { preferred_ports: ports } }, this.#basis);
        this.#basis = settings;
        this.#saved = settings.engine.preferred_ports;
        this.#form.reset();
        const running = this.#store.engine?.running;
        toasts.show(running ? `${t("engine.ports.saved")} ${t("engine.restarted")}` : t("engine.ports.saved"));
        await this.#store.refresh();
    }
}
