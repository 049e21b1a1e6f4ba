import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";

/** @typedef {import("../core/icons.js").IconName} IconName */

/** A button that is an icon. Its label is its accessible name and its tooltip. */
export class IconButton {
    /** @type {IconName} */
    #icon;

    /**
     * @param {IconName} name
     * @param {string} testId
     * @param {() => void} onclick
     * @param {string} [label]
     */
    constructor(name, testId, onclick, label = "") {
        this.#icon = name;
        this.element = el("button", {
            class: "icon-button", type: "button", onclick, data: { testid: testId },
        }, icon(name));
        if (label) this.draw(name, label, false);
    }

    /**
     * @param {IconName} name
     * @param {string} label
     * @param {boolean} disabled
     */
    draw(name, label, disabled) {
        if (name !== this.#icon) fill(this.element, icon(name));
        this.#icon = name;
        if (this.element.title !== label) {
            this.element.title = label;
            this.element.setAttribute("aria-label", label);
        }
        this.element.disabled = disabled;
    }
}
