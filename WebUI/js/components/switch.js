import { el, uniqueId } from "../core/dom.js";

/** On or off, with a sentence that says what that means. */
export class Switch {
    /**
     * @param {{label: string, hint?: string, checked: boolean, testId?: string, labelHidden?: boolean}} options
     * @param {(checked: boolean) => void} [onchange]
     */
    constructor({ label, hint, checked, testId, labelHidden = false }, onchange) {
        const hintId = uniqueId("switch");
        this.input = el("input", {
            type: "checkbox", role: "switch", checked, data: { testid: testId },
            "aria-label": labelHidden ? label : null,
            "aria-describedby": hint ? hintId : null,
            onchange: () => onchange?.(this.input.checked),
        });
        this.element = el("label", { class: "switch" },
            this.input,
            !labelHidden && el("span", { class: "switch-text" },
                el("span", { class: "field-label" }, label),
                hint && el("span", { class: "field-hint", id: hintId }, hint)));
    }

    get checked() {
        return this.input.checked;
    }

    set checked(checked) {
        this.input.checked = checked;
    }
}
