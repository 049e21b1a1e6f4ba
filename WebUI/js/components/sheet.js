import { el, fill, uniqueId } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { confirmAction } from "./confirm-dialog.js";
import { IconButton } from "./icon-button.js";
import { unsavedChanges } from "./unsaved-changes.js";

/**
 * A dialog that comes in from the side, or from below on a phone. Closing one with unsaved changes asks first.
 * Event: `close`.
 */
export class Sheet extends EventTarget {
    #isDirty = false;

    /**
     * @param {string} title
     * @param {{testId: string, size?: "small" | "large"}} options
     */
    constructor(title, { testId, size = "small" }) {
        super();
        const titleId = uniqueId("sheet");
        const close = new IconButton("close", `${testId}-close`, () => void this.requestClose(), t("action.close"));
        this.title = el("h2", { id: titleId, tabIndex: -1 }, title);
        this.badge = el("span", { class: "badge warn", hidden: true, data: { testid: "unsaved" } }, t("form.unsaved"));
        this.body = el("div", { class: "sheet-body" });
        this.footer = el("footer", { class: "sheet-footer", hidden: true });
        this.element = el("dialog", {
            class: `sheet ${size}`, "aria-labelledby": titleId, data: { testid: testId },
            oncancel: (/** @type {Event} */ event) => {
                if (event.target !== this.element) return;
                event.preventDefault();
                void this.requestClose();
            },
            onclick: (/** @type {MouseEvent} */ event) => {
                if (event.target === this.element) void this.requestClose();
            },
            // A browser may close a dialog on a second Escape without asking.
            onclose: (/** @type {Event} */ event) => {
                if (event.target === this.element) this.#leave();
            },
        },
            el("div", { class: "sheet-frame" },
                el("header", { class: "sheet-header" }, this.title, this.badge, close.element),
                this.body,
                this.footer));
    }

    /** @param {...HTMLElement} buttons */
    setActions(...buttons) {
        fill(this.footer, buttons);
        this.footer.hidden = buttons.length === 0;
    }

    set isDirty(value) {
        this.#isDirty = value;
        this.badge.hidden = !value;
        unsavedChanges.mark(this, value);
    }

    get isDirty() {
        return this.#isDirty;
    }

    open() {
        document.body.append(this.element);
        this.element.showModal();
        // On a touch screen a focused field would open the keyboard over the sheet.
        const types = matchMedia("(pointer: fine)").matches;
        const first = types ? this.body.querySelector("input:not([type=radio], [type=checkbox], [type=range]), select") : null;
        (first instanceof HTMLElement ? first : this.title).focus();
    }

    /** Closes unless the user wants to keep on editing. */
    async requestClose() {
        if (this.#isDirty && !(await confirmAction({
            title: t("unsaved.title"), text: t("unsaved.text"), action: t("unsaved.discard"), keep: t("unsaved.keep"),
        }))) return;
        this.close();
    }

    close() {
        this.element.close();
    }

    #leave() {
        this.isDirty = false;
        this.element.remove();
        this.dispatchEvent(new Event("close"));
    }
}
