import { el } from "./dom.js";

/** Says things to people who listen to the page instead of looking at it. */
class Announcer {
    /** @type {HTMLElement | null} */
    #region = null;

    /** @param {string} text */
    say(text) {
        if (!this.#region) {
            this.#region = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
            document.body.append(this.#region);
        }
        this.#region.append(el("p", {}, text));
        while (this.#region.childElementCount > 5) this.#region.firstElementChild?.remove();
    }
}

export const announcer = new Announcer();
