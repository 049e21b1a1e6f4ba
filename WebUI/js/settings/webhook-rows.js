import { whileBusy } from "../components/busy.js";
import { confirmAction } from "../components/confirm-dialog.js";
import { IconButton } from "../components/icon-button.js";
import { KeyedList } from "../components/keyed-list.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { messageText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { WebhookSheet } from "./webhook-sheet.js";

/** @typedef {import("../types/engine.js").Webhook} Webhook */
/** @typedef {import("../types/engine.js").WebhookState} WebhookState */

const badges = { unused: "", working: "good", retrying: "warn", failed: "bad" };
const refreshMilliseconds = 5000;

/** The webhooks, each with a switch and with how it goes. */
export class WebhookRows {
    #api;
    #store;
    #list;
    /** @type {Webhook[]} */
    #webhooks = [];
    /** @type {Map<string, WebhookState>} */
    #states = new Map();
    /** Of all changes until now. */
    #changed = Promise.resolve();

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.element = el("div", { class: "card list", hidden: true, data: { testid: "webhooks" } });
        this.#list = new KeyedList(this.element, (/** @type {Webhook} */ webhook) => webhook.id,
            (webhook) => this.#row(webhook));
        setInterval(() => void this.#askForStates(), refreshMilliseconds);
    }

    /** @param {Webhook[]} webhooks */
    update(webhooks) {
        const isNew = webhooks.length !== this.#webhooks.length;
        this.#webhooks = webhooks;
        this.element.hidden = webhooks.length === 0;
        this.#list.update(webhooks);
        if (isNew) void this.#askForStates();
    }

    async #askForStates() {
        if (document.hidden || this.#webhooks.length === 0) return;
        try {
            this.#states = new Map((await this.#api.webhookStates()).map((state) => [state.id, state]));
        } catch {
            // What else is wrong says the page.
            return;
        }
        this.#list.update(this.#webhooks);
    }

    /** @param {Webhook} webhook */
    #row(webhook) {
        let current = webhook;
        const title = el("span", { class: "row-title" });
        const state = el("span", { class: "badge dot", hidden: true, data: { testid: "webhook-state" } });
        const sentence = el("span", { class: "row-text", data: { testid: "webhook-sentence" } });
        const active = new Switch({
            label: t("webhook.active"), labelHidden: true, checked: webhook.active, testId: "webhook-active",
        }, (checked) => this.#change((webhooks) => webhooks.map((other) =>
            other.id === webhook.id ? { ...other, active: checked } : other)));
        const test = el("button", {
            class: "button small", type: "button", data: { testid: "webhook-test" },
            onclick: () => void this.#test(test, current),
        }, t("webhook.test"));
        const edit = new IconButton("edit", "webhook-edit",
            () => void new WebhookSheet(this.#api, this.#store, current), t("action.edit"));
        const remove = new IconButton("trash", "webhook-delete", () => void this.#delete(current), t("action.delete"));
        const element = el("div", { class: "row", data: { testid: "webhook", webhook: webhook.id } },
            el("span", { class: "row-icon" }, icon("bell")),
            el("div", { class: "row-main" }, el("span", { class: "row-heading" }, title, state), sentence),
            el("div", { class: "row-actions" }, test, active.element, edit.element, remove.element));
        return {
            element,
            update: (/** @type {Webhook} */ changed) => {
                current = changed;
                setText(title, hostOf(changed.url));
                active.checked = changed.active;
                element.classList.toggle("off", !changed.active);
                const known = this.#states.get(changed.id);
                state.hidden = !known || !changed.active;
                if (!known) return;
                state.className = `badge dot ${badges[known.state]}`;
                setText(state, t(`webhook.state.${known.state}`));
                setText(sentence, [
                    known.problem && messageText(known.problem),
                    known.delivered > 0 && t("webhook.delivered", { count: known.delivered }),
                    known.waiting > 0 && t("webhook.waiting", { count: known.waiting }),
                    known.lost > 0 && t("webhook.lost", { count: known.lost }),
                ].filter(Boolean).join(" · "));
            },
        };
    }

    /**
     * @param {HTMLButtonElement} button
     * @param {Webhook} webhook
     */
    async #test(button, webhook) {
        try {
            const { problem } = await whileBusy(button, () => this.#api.testWebhook(webhook.id));
            if (problem) toasts.show(messageText(problem), "bad");
            else toasts.show(t("webhook.test.arrived"));
        } catch (error) {
            toasts.showError(error);
        }
    }

    /**
     * One change after the other, each of what was answered last: the server refuses what is made of older settings.
     * @param {(webhooks: Webhook[]) => Webhook[]} change
     */
    #change(change) {
        this.#changed = this.#changed.then(async () => {
            const { settings } = this.#store;
            if (!settings) return;
            try {
                const webhooks = change(settings.events.webhooks);
                this.#store.settings = await this.#api.changeSettings({ events: { webhooks } }, settings);
            } catch (error) {
                toasts.showError(error);
            }
            // The page's own refresh says so when the server is gone.
            await this.#store.refresh().catch(() => {});
        });
    }

    /** @param {Webhook} webhook */
    async #delete(webhook) {
        const confirmed = await confirmAction({
            title: t("webhook.delete.title", { name: hostOf(webhook.url) }), text: t("webhook.delete.text"),
            action: t("action.delete"),
        });
        if (confirmed) this.#change((webhooks) => webhooks.filter((other) => other.id !== webhook.id));
    }
}

/** @param {string} url */
function hostOf(url) {
    return URL.canParse(url) ? new URL(url).host : url;
}
