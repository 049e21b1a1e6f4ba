import { DraftForm } from "../components/draft-form.js";
import { numberField } from "../components/field.js";
import { el } from "../core/dom.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

/**
 * Whole numbers of the settings that are changed together.
 * @template {string} Name
 */
export class NumbersForm {
    #api;
    #options;
    #form;
    /** What the numbers here were changed from. @type {StreamingSettings | null} */
    #basis = null;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {object} options
     * @param {readonly Name[]} options.names
     * @param {(name: Name) => {path: string, label: string, testId: string, range: {min: number, max: number}}} options.field
     * @param {(settings: StreamingSettings) => Record<Name, number>} options.of
     * @param {(numbers: Record<Name, number | null>) => object} options.change what is sent to change them
     * @param {() => Promise<void>} options.saved
     * @param {{title: string, hint: string, testId: string}} texts
     */
    constructor(api, options, texts) {
        this.#api = api;
        this.#options = options;
        const given = options.names.map((name) => options.field(name));
        this.fields = given.map(({ path, label, testId, range }) => numberField({
            path, label, testId, attributes: { required: true },
        }, null, range));
        this.#form = new DraftForm({
            fields: () => this.fields,
            isDirty: () => this.#isDirty,
            reset: () => this.#reset(),
            isValid: () => !this.#form.problems.show(plainRangeProblems(
                this.fields.map((field, index) => [field, given[index].range]))),
            save: () => this.#save(),
        }, {
            ...texts, content: [el("div", { class: "port-fields" }, this.fields.map((field) => field.element))],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; numbers that are being changed here stay what they were changed from */
    update(settings) {
        const { names, of } = this.#options;
        const dirty = this.#isDirty;
        const [stored, basis] = [of(settings), this.#basis && of(this.#basis)];
        if (dirty && names.some((name) => stored[name] !== basis?.[name])) return;
        this.#basis = settings;
        if (!dirty) this.#form.reset();
    }

    get #isDirty() {
        const basis = this.#basis && this.#options.of(this.#basis);
        return basis !== null && this.#options.names.some((name, index) => this.fields[index].number !== basis[name]);
    }

    #reset() {
        const basis = this.#basis && this.#options.of(this.#basis);
        if (!basis) return;
        this.#options.names.forEach((name, index) => {
            this.fields[index].value = String(basis[name]);
        });
    }

    async #save() {
        const { names, change, saved } = this.#options;
        const numbers = /** @type {Record<Name, number | null>} */ (
            Object.fromEntries(names.map((name, index) => [name, this.fields[index].number])));
        this.#basis = await this.#api.changeSettings(change(numbers), this.#basis);
        this.#form.reset();
        await saved();
    }
}
