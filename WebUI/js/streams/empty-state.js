import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** What the Streams page shows while there is no stream. */
export function emptyState() {
    return el("section", { class: "empty", hidden: true, data: { testid: "streams-empty" } },
        el("span", { class: "empty-icon" }, icon("cctv")),
        el("h2", {}, t("streams.empty.title")),
        el("p", {}, t("streams.empty.text")),
        el("a", { class: "button primary", href: "settings.html#first-run", data: { testid: "streams-add-camera" } },
            icon("add"), t("streams.empty.add")));
}
