import { el, uniqueId } from "../core/dom.js";
import { icon } from "../core/icons.js";

/**
 * @typedef {object} SegmentOption
 * @property {string} value
 * @property {string} label
 * @property {import("../core/icons.js").IconName} [icon] shown instead of the label
 */

/** A choice of one among a few, all of them in sight. */
export class Segmented {
    /**
     * @param {string} label
     * @param {SegmentOption[]} options
     * @param {string} value
     * @param {(value: string) => void} onchange
     * @param {string} [testId]
     */
    constructor(label, options, value, onchange, testId = "segmented") {
        const group = uniqueId("segmented");
        this.inputs = options.map((option) => el("input", {
            type: "radio", name: group, value: option.value, checked: option.value === value,
            class: "visually-hidden", "aria-label": option.label,
            data: { testid: `${testId}-${option.value}` },
            onchange: () => onchange(option.value),
        }));
        this.element = el("div", {
            class: "segmented", role: "radiogroup", "aria-label": label, data: { testid: testId },
        },
            options.map((option, index) => el("label", { class: "segment", title: option.label },
                this.inputs[index],
                option.icon ? icon(option.icon) : el("span", {}, option.label))));
    }

    get value() {
        return this.inputs.find((input) => input.checked)?.value ?? "";
    }

    set value(value) {
        for (const input of this.inputs) input.checked = input.value === value;
    }
}
