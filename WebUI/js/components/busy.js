import { el } from "../core/dom.js";

/**
 * Disables a button and shows that it works, for as long as a task takes.
 * @template Result
 * @param {HTMLButtonElement} button
 * @param {() => Promise<Result>} task
 * @returns {Promise<Result>}
 */
export async function whileBusy(button, task) {
    const spinner = el("span", { class: "spinner", "aria-hidden": "true" });
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    button.prepend(spinner);
    try {
        return await task();
    } finally {
        spinner.remove();
        button.disabled = false;
        button.removeAttribute("aria-busy");
    }
}
