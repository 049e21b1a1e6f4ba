import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** What the Streams page shows while there is no stream. */
export class EmptyState {
    #text = el("p", {}, t("streams.empty.text"));
    #add = el("a", { class: "button primary", href: "settings.html#first-run", data: { testid: "streams-add-camera" } },
        icon("add"), t("streams.empty.add"));

    element = el("section", { class: "empty", hidden: true, data: { testid: "streams-empty" } },
        el("span", { class: "empty-icon" }, icon("cctv")),
        el("h2", {}, t("streams.empty.title")),
        this.#text,
        this.#add);

    /** For somebody who may watch and change nothing. */
    showToViewer() {
        setText(this.#text, t("streams.empty.viewer"));
        this.#add.hidden = true;
    }
}
