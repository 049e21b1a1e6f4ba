import { DraftForm } from "../components/draft-form.js";
import { numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").MulticastSettings} MulticastSettings */
/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

const path = "engine.multicast";
const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", class: "input mono" };
const limits = { ttl: { min: 1, max: 255 }, port: { min: 1024, max: 65504 } };

/** Whether and how streams go to a whole network at once. */
export class MulticastForm {
    #api;
    #store;
    #form;
    /** @type {MulticastSettings | null} */
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
        this.enabled = new Switch({
            label: t("multicast.enabled"), hint: t("multicast.enabled.hint"), checked: false, testId: "multicast-enabled",
        });
        this.sourceSpecific = new Switch({
            label: t("multicast.sourceSpecific"), hint: t("multicast.sourceSpecific.hint"), checked: false,
            testId: "multicast-source-specific",
        });
        this.range = textField({
            path: `${path}.range`, label: t("multicast.range"), hint: t("multicast.range.hint"),
            testId: "multicast-range", attributes: { ...plain, required: true },
        }, "");
        this.interface = textField({
            path: `${path}.interface`, label: t("multicast.interface"), hint: t("multicast.interface.hint"),
            testId: "multicast-interface", attributes: plain,
        }, "");
        this.port = numberField({
            path: `${path}.port`, label: t("multicast.port"), hint: t("multicast.port.hint"), testId: "multicast-port",
            attributes: { required: true, step: 2 },
        }, null, limits.port);
        this.ttl = numberField({
            path: `${path}.ttl`, label: t("multicast.ttl"), hint: t("multicast.ttl.hint"), testId: "multicast-ttl",
            attributes: { required: true },
        }, null, limits.ttl);
        this.#form = new DraftForm({
            fields: () => [this.range, this.interface, this.port, this.ttl],
            isDirty: () => this.#isDirty,
            reset: () => this.#reset(),
            isValid: () => this.#isValid(),
            save: () => this.#save(),
        }, {
            title: t("multicast.title"), hint: t("multicast.hint"), testId: "multicast",
            content: [
                this.enabled.element,
                el("div", { class: "field-row" }, this.range.element, this.interface.element),
                el("div", { class: "field-row" }, this.port.element, this.ttl.element),
                this.sourceSpecific.element,
            ],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; what is being changed here stays what it was changed from */
    update(settings) {
        const stored = settings.engine.multicast;
        if (!stored) return;
        const dirty = this.#isDirty;
        if (dirty && textOf(stored) !== textOf(this.#saved)) return;
        this.#basis = settings;
        this.#saved = stored;
        if (!dirty) this.#form.reset();
    }

    get #isDirty() {
        return this.#saved !== null && textOf(this.#draft()) !== textOf(this.#saved);
    }

    #draft() {
        return {
            enabled: this.enabled.checked,
            range: this.range.value,
            ttl: this.ttl.number,
            port: this.port.number,
            source_specific: this.sourceSpecific.checked,
            interface: this.interface.value,
        };
    }

    #reset() {
        const saved = this.#saved;
        if (!saved) return;
        this.enabled.checked = saved.enabled;
        this.range.value = saved.range;
        this.ttl.value = String(saved.ttl);
        this.port.value = String(saved.port);
        this.sourceSpecific.checked = saved.source_specific;
        this.interface.value = saved.interface;
    }

    #isValid() {
        return !this.#form.problems.show(plainRangeProblems([[this.port, limits.port], [this.ttl, limits.ttl]]));
    }

    async #save() {
        const settings = await this.#api.changeSettings({ engine: { multicast: this.#draft() } }, this.#basis);
        this.#basis = settings;
        this.#saved = settings.engine.multicast ?? null;
        this.#form.reset();
        const running = this.#store.engine?.running;
        toasts.show(running ? `${t("multicast.saved")} ${t("engine.restarted")}` : t("multicast.saved"), "good");
        await this.#store.refresh();
    }
}

/**
 * The same text for the same settings.
 * @param {Record<keyof MulticastSettings, unknown> | null} settings
 */
function textOf(settings) {
    return settings && JSON.stringify([
        settings.enabled, settings.range, settings.ttl, settings.port, settings.source_specific, settings.interface,
    ]);
}
