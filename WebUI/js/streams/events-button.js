import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { EventsSheet } from "./events-sheet.js";

/** @typedef {import("../types/runtime.js").EventsState} EventsState */

/** Opens the list of what pipelines saw, and tells how much goes on at the moment. */
export class EventsButton {
    #api;
    /** @type {EventsState | null} */
    #state = null;
    /** @type {EventsSheet | null} */
    #sheet = null;
    #count = el("span", { class: "count", hidden: true, "aria-hidden": "true", data: { testid: "events-open-count" } });
    /** Whether whoever looks may remove them. */
    mayChange = true;

    /** @param {import("../core/api.js").ApiClient} api */
    constructor(api) {
        this.#api = api;
        this.element = el("button", {
            class: "button quiet events-button", type: "button", data: { testid: "events" }, onclick: () => this.#open(),
        }, icon("bell"), el("span", { class: "events-word" }, t("events.title")), this.#count);
        this.#label(0);
    }

    /** @param {EventsState | null} state */
    update(state) {
        if (!state || (state.version === this.#state?.version && state.open.length === this.#state.open.length)) return;
        this.#state = state;
        const count = state.open.length;
        this.#count.hidden = count === 0;
        setText(this.#count, String(count));
        this.#label(count);
        void this.#sheet?.refresh();
    }

    /** @param {number} count */
    #label(count) {
        const label = count > 0 ? t("events.titleOpen", { count }) : t("events.title");
        this.element.setAttribute("aria-label", label);
        this.element.title = label;
    }

    #open() {
        const sheet = new EventsSheet(this.#api, this.mayChange);
        this.#sheet = sheet;
        sheet.sheet.addEventListener("close", () => {
            if (this.#sheet === sheet) this.#sheet = null;
        });
    }
}
