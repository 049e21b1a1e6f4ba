import { DraftForm } from "../components/draft-form.js";
import { accountName, numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").SRTSettings} SRTSettings */
/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

const path = "engine.srt";
const limits = { min: 20, max: 8000 };

/** How programs send to inputs by SRT. */
export class SRTForm {
    #api;
    #store;
    #form;
    /** @type {SRTSettings | null} */
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
        this.latency = numberField({
            path: `${path}.latency_ms`, label: t("srt.latency"), hint: t("srt.latency.hint"), unit: "ms",
            testId: "srt-latency", attributes: { required: true },
        }, null, limits);
        this.encrypted = new Switch({
            label: t("srt.encrypted"), hint: t("srt.encrypted.hint"), checked: false, testId: "srt-encrypted",
        }, () => this.#showPassphrase());
        this.passphrase = textField({
            path: `${path}.passphrase`, label: t("srt.passphrase"), hint: t("srt.passphrase.hint"),
            testId: "srt-passphrase", attributes: { type: "password", autocomplete: "new-password" },
        }, "");
        this.#form = new DraftForm({
            fields: () => [this.latency, this.passphrase],
            isDirty: () => this.#isDirty,
            reset: () => this.#reset(),
            isValid: () => this.#isValid(),
            save: () => this.#save(),
        }, {
            title: t("srt.title"), hint: t("srt.hint"), testId: "srt",
            content: [
                this.latency.element, this.encrypted.element, accountName("SRT"), this.passphrase.element,
            ],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; what is being changed here stays what it was changed from */
    update(settings) {
        const stored = settings.engine.srt;
        if (!stored) return;
        const dirty = this.#isDirty;
        if (dirty && textOf(stored) !== textOf(this.#saved)) return;
        this.#basis = settings;
        this.#saved = stored;
        if (!dirty) this.#form.reset();
    }

    get #isDirty() {
        const saved = this.#saved;
        return saved !== null && (this.latency.number !== saved.latency_ms
            || this.encrypted.checked !== saved.passphrase_set || this.#typed !== "");
    }

    /** What is to be the passphrase; empty is the present one, or none. */
    get #typed() {
        return this.encrypted.checked ? this.passphrase.control.value : "";
    }

    #reset() {
        const saved = this.#saved;
        if (!saved) return;
        this.latency.value = String(saved.latency_ms);
        this.encrypted.checked = saved.passphrase_set;
        this.passphrase.value = "";
        this.passphrase.control.placeholder = saved.passphrase_set ? "••••••••" : "";
        this.#showPassphrase();
    }

    #showPassphrase() {
        this.passphrase.element.hidden = !this.encrypted.checked;
    }

    #isValid() {
        const problems = plainRangeProblems([[this.latency, limits]]);
        if (this.encrypted.checked && !this.#saved?.passphrase_set && this.#typed === "") {
            problems.push({ path: this.passphrase.path, message: t("srt.passphrase.missing") });
        }
        return !this.#form.problems.show(problems);
    }

    async #save() {
        /** @type {{latency_ms: number | null, passphrase?: string}} */
        const srt = { latency_ms: this.latency.number };
        // One that is left out is kept, and an empty one is taken away.
        if (!this.encrypted.checked) srt.passphrase = "";
        else if (this.#typed !== "") srt.passphrase = this.#typed;
        const settings = await this.#api.changeSettings({ engine: { srt } }, this.#basis);
        this.#basis = settings;
        this.#saved = settings.engine.srt ?? null;
        this.#form.reset();
        toasts.show(t("srt.saved"), "good");
        await this.#store.refresh();
    }
}

/**
 * The same text for the same settings.
 * @param {SRTSettings | null} settings
 */
function textOf(settings) {
    return settings && JSON.stringify([settings.passphrase_set, settings.latency_ms]);
}
