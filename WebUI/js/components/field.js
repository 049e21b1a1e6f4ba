import { el, fill, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";

/**
 * @typedef {object} FieldOptions
 * @property {string} path what the server calls it, as `outputs.0.fps_limit`
 * @property {string} label
 * @property {string} [hint]
 * @property {string} [unit]
 * @property {string} [testId]
 * @property {Record<string, any>} [attributes] of the control
 */

/**
 * A control with its label, its hint and what is wrong with it.
 * @template {HTMLInputElement | HTMLSelectElement} Control
 */
export class Field {
    #problem;
    #hint;

    /**
     * @param {Control} control
     * @param {FieldOptions} options
     */
    constructor(control, { path, label, hint = "", unit }) {
        this.path = path;
        this.control = control;
        control.id ||= uniqueId("field");
        this.#hint = el("span", { class: "field-hint", id: `${control.id}-hint`, hidden: !hint }, hint);
        this.#problem = el("span", {
            class: "field-problem", id: `${control.id}-problem`, hidden: true, data: { testid: "field-problem" },
        });
        control.setAttribute("aria-describedby", `${this.#problem.id} ${this.#hint.id}`);
        this.element = el("div", { class: "field", data: { field: path } },
            el("label", { class: "field-label", for: control.id }, label),
            unit ? el("div", { class: "input-group" }, control, el("span", { class: "input-unit" }, unit)) : control,
            this.#problem,
            this.#hint);
        control.addEventListener("input", () => this.setProblem(null));
    }

    get value() {
        return this.control.value.trim();
    }

    set value(value) {
        this.control.value = value;
    }

    /** The value as a number; `null` when the field is empty, `NaN` when it is not a number. */
    get number() {
        return this.value === "" && !hasBadInput(this.control) ? null : Number(this.value || NaN);
    }

    /** @param {string | null} text */
    setProblem(text) {
        this.control.setAttribute("aria-invalid", String(text !== null));
        fill(this.#problem, text !== null && [icon("alert"), el("span", {}, text)]);
        this.#problem.hidden = text === null;
    }

    /** @param {string} text */
    set hint(text) {
        this.#hint.textContent = text;
        this.#hint.hidden = text === "";
    }

    focus() {
        this.control.focus();
    }
}

/**
 * Under which name a password manager files the password of the same form, where nobody types one.
 *
 * @param {string} name
 */
export function accountName(name) {
    return el("input", {
        class: "visually-hidden", type: "text", value: name, autocomplete: "username", readonly: true, tabIndex: -1,
        "aria-hidden": "true",
    });
}

/**
 * @param {FieldOptions} options
 * @param {string} value
 */
export function textField(options, value) {
    const control = el("input", {
        class: "input", type: "text", value, data: { testid: options.testId }, ...options.attributes,
    });
    return new Field(control, options);
}

/**
 * @param {FieldOptions} options
 * @param {number | null | undefined} value
 * @param {{min: number, max: number}} limits
 */
export function numberField(options, value, { min, max }) {
    const control = el("input", {
        class: "input", type: "number", inputmode: "numeric", min, max, step: 1, value: value ?? "",
        data: { testid: options.testId }, ...options.attributes,
    });
    return new Field(control, options);
}

/**
 * @param {FieldOptions} options
 * @param {{value: string, label: string, disabled?: boolean}[]} choices
 * @param {string} value
 */
export function selectField(options, choices, value) {
    const control = el("select", { class: "select", data: { testid: options.testId }, ...options.attributes },
        choices.map((choice) => el("option", {
            value: choice.value, disabled: choice.disabled ?? false,
        }, choice.label)));
    control.value = value;
    return new Field(control, options);
}

/** @param {HTMLInputElement | HTMLSelectElement} control */
function hasBadInput(control) {
    return control.validity.badInput;
}
