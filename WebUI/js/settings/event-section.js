import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { eventLimitsForm } from "./event-limits-form.js";
import { section } from "./section.js";
import { WebhookRows } from "./webhook-rows.js";
import { WebhookSheet } from "./webhook-sheet.js";

/** How long events are kept, and who is told of them. */
export class EventSection {
    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        const rows = new WebhookRows(api, store);
        const limits = eventLimitsForm(api, store);
        this.element = section({
            id: "events", title: t("eventSettings.title"), text: t("eventSettings.text"),
            actions: [el("button", {
                class: "button small", type: "button", data: { testid: "webhook-add" },
                onclick: () => new WebhookSheet(api, store, null),
            }, icon("add"), t("webhook.add"))],
        }, el("div", { class: "stack" }, rows.element, el("div", { class: "card" }, limits.element)));
        store.addEventListener("change", () => {
            if (!store.settings) return;
            rows.update(store.settings.events.webhooks);
            limits.update(store.settings);
        });
    }
}
