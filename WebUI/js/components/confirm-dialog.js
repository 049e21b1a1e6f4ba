import { el, uniqueId } from "../core/dom.js";
import { t } from "../core/i18n.js";

/**
 * Asks before something that cannot be undone.
 * @param {object} question
 * @param {string} question.title
 * @param {string} question.text
 * @param {string} question.action says on the button what happens
 * @param {string} [question.keep]
 * @param {HTMLElement | null} [question.extra] something to decide along with it
 * @returns {Promise<boolean>}
 */
export function confirmAction({ title, text, action, keep = t("action.cancel"), extra = null }) {
    return new Promise((resolve) => {
        const titleId = uniqueId("confirm");
        const textId = uniqueId("confirm");
        const dialog = el("dialog", {
            class: "confirm", role: "alertdialog", "aria-labelledby": titleId, "aria-describedby": textId,
            data: { testid: "confirm" },
            oncancel: (/** @type {Event} */ event) => event.stopPropagation(),
            onclose: () => {
                dialog.remove();
                resolve(dialog.returnValue === "yes");
            },
        },
            el("form", { method: "dialog" },
                el("h2", { id: titleId }, title),
                el("p", { id: textId }, text),
                extra,
                el("div", { class: "actions" },
                    el("button", {
                        class: "button", value: "no", autofocus: true, data: { testid: "confirm-no" },
                    }, keep),
                    el("button", { class: "button danger", value: "yes", data: { testid: "confirm-yes" } }, action))));
        document.body.append(dialog);
        dialog.showModal();
    });
}
