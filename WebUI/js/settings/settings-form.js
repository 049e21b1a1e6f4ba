import { DraftForm } from "../components/draft-form.js";
import { toasts } from "../components/toasts.js";

/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

/**
 * What of the settings a form changes.
 * @template Stored
 * @typedef {object} SettingsPart
 * @property {(settings: StreamingSettings) => Stored | undefined} of nothing where this server has no such settings
 * @property {() => Iterable<import("../components/form-problems.js").ProblemField>} fields
 * @property {(stored: Stored) => void} show
 * @property {(stored: Stored) => boolean} isChanged whether something else is typed
 * @property {(stored: Stored) => import("../core/server-requests.js").FieldProblem[]} problems what is wrong with what is typed
 * @property {() => object} change what is sent to have it stored
 * @property {() => string} saved what to say once it is stored
 */

/**
 * A folded form for a part of the settings. What is being changed in it stays what it was changed from, whatever is stored
 * meanwhile.
 * @template Stored
 */
export class SettingsForm {
    #api;
    #store;
    #part;
    #form;
    /** What was stored when the change began. @type {StreamingSettings | null} */
    #basis = null;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {SettingsPart<Stored>} part
     * @param {{title: string, hint: string, testId: string, content: Node[]}} options
     */
    constructor(api, store, part, options) {
        this.#api = api;
        this.#store = store;
        this.#part = part;
        this.#form = new DraftForm({
            fields: part.fields,
            isDirty: () => this.isDirty,
            reset: () => this.#reset(),
            isValid: () => this.#isValid(),
            save: () => this.#save(),
        }, options);
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored now */
    update(settings) {
        const now = this.#part.of(settings);
        if (!now) return;
        const dirty = this.isDirty;
        if (dirty && JSON.stringify(now) !== JSON.stringify(this.#stored)) return;
        this.#basis = settings;
        if (!dirty) this.#form.reset();
    }

    /** Call when something was changed otherwise than by typing. */
    changed() {
        this.#form.changed();
    }

    /** Whether something is changed and not saved. */
    get isDirty() {
        const stored = this.#stored;
        return stored !== undefined && this.#part.isChanged(stored);
    }

    get #stored() {
        return this.#basis ? this.#part.of(this.#basis) : undefined;
    }

    #reset() {
        const stored = this.#stored;
        if (stored) this.#part.show(stored);
    }

    #isValid() {
        const stored = this.#stored;
        return stored !== undefined && !this.#form.problems.show(this.#part.problems(stored));
    }

    async #save() {
        this.#basis = await this.#api.changeSettings(this.#part.change(), this.#basis);
        this.#form.reset();
        toasts.show(this.#part.saved(), "good");
        await this.#store.refresh();
    }
}

/**
 * Whether a draft has another value than what is stored, for any of its names.
 * @param {Record<string, unknown>} draft
 * @param {Record<string, any>} stored
 */
export function differs(draft, stored) {
    return Object.entries(draft).some(([name, value]) => value !== stored[name]);
}
