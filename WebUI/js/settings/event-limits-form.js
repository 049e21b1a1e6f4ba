import { DraftForm } from "../components/draft-form.js";
import { numberField } from "../components/field.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

/** @typedef {"keep_days" | "max_count" | "max_megabytes"} LimitName */

/** @type {Record<LimitName, {min: number, max: number}>} */
const limits = {
    keep_days: { min: 1, max: 365 }, max_count: { min: 100, max: 100_000 }, max_megabytes: { min: 10, max: 1_000 },
};
const names = /** @type {LimitName[]} */ (Object.keys(limits));

/** How long events are kept. */
export class EventLimitsForm {
    #api;
    #store;
    #form;
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
            path: `events.${name}`, label: t(`eventSettings.${name}`), testId: `events-${name}`,
            attributes: { required: true },
        }, null, limits[name]));
        this.#form = new DraftForm({
            fields: () => this.fields,
            isDirty: () => this.#isDirty(this.#basis),
            reset: () => this.#reset(),
            isValid: () => !this.#form.problems.show(plainRangeProblems(
                names.map((name, index) => [this.fields[index], limits[name]]))),
            save: () => this.#save(),
        }, {
            title: t("eventSettings.limits"), hint: t("eventSettings.limits.hint"), testId: "event-limits",
            content: [el("div", { class: "port-fields" }, this.fields.map((field) => field.element))],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; a draft stays what it was made from */
    update(settings) {
        const dirty = this.#isDirty(this.#basis);
        if (dirty && names.some((name) => settings.events[name] !== this.#basis?.events[name])) return;
        this.#basis = settings;
        if (!dirty) this.#form.reset();
    }

    /** @param {StreamingSettings | null} basis */
    #isDirty(basis) {
        return basis !== null && names.some((name, index) => this.fields[index].number !== basis.events[name]);
    }

    #reset() {
        const basis = this.#basis;
        if (!basis) return;
        names.forEach((name, index) => {
            this.fields[index].value = String(basis.events[name]);
        });
    }

    async #save() {
        const events = Object.fromEntries(names.map((name, index) => [name, this.fields[index].number]));
        this.#basis = await this.#api.changeSettings({ events }, this.#basis);
        this.#form.reset();
        toasts.show(t("eventSettings.saved"));
        await this.#store.refresh();
    }
}
