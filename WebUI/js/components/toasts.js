import { el } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";

const visibleMilliseconds = 5000;
const mostAtOnce = 2;

/** Short messages at the edge of the page: what a save did, what did not work. */
class Toasts {
    /** @type {HTMLElement | null} */
    #list = null;

    /**
     * @param {string} text
     * @param {"good" | "bad"} [kind]
     */
    show(text, kind = "good") {
        const list = this.#place();
        const toast = el("div", { class: `toast ${kind}`, data: { testid: "toast" } },
            icon(kind === "good" ? "check" : "alert"), el("span", {}, text));
        while (list.childElementCount >= mostAtOnce) list.firstElementChild?.remove();
        list.append(toast);
        setTimeout(() => toast.remove(), visibleMilliseconds);
    }

    /** @param {unknown} error what did not work, and why */
    showError(error) {
        this.show(errorText(error), "bad");
    }

    /** The list, lying above everything, also above a dialog that was opened since it was last used. */
    #place() {
        this.#list ??= el("div", { class: "toasts", role: "status", "aria-live": "polite", popover: "manual" });
        if (!this.#list.isConnected) document.body.append(this.#list);
        const list = this.#list;
        if ("showPopover" in HTMLElement.prototype) {
            if (list.matches(":popover-open")) list.hidePopover();
            list.showPopover();
        }
        return list;
    }
}

export const toasts = new Toasts();
