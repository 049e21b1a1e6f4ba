import { el } from "../core/dom.js";

/**
 * A part of the Settings page.
 * @param {{id: string, title: string, text?: string, actions?: HTMLElement[]}} options
 * @param {...HTMLElement} content
 */
export function section({ id, title, text, actions = [] }, ...content) {
    return el("section", {
        class: "section", id, tabIndex: -1, "aria-labelledby": `${id}-title`, data: { testid: `section-${id}` },
    },
        el("header", { class: "section-header" },
            el("div", {}, el("h2", { id: `${id}-title` }, title), text && el("p", {}, text)),
            el("div", { class: "actions" }, actions)),
        content);
}
