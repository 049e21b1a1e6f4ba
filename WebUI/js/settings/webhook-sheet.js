import { whileBusy } from "../components/busy.js";
import { textField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../types/engine.js").Webhook} Webhook */

const kinds = /** @type {const} */ (["motion", "object"]);

/** A new webhook, or one that is changed. */
export class WebhookSheet {
    #api;
    #store;
    #webhook;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {Webhook | null} webhook
     */
    constructor(api, store, webhook) {
        this.#api = api;
        this.#store = store;
        this.#webhook = webhook;
        this.basis = store.settings;
        const index = webhook ? this.#known.findIndex(({ id }) => id === webhook.id) : this.#known.length;
        this.url = textField({
            path: `events.webhooks.${index}.url`, label: t("webhook.url"), hint: t("webhook.url.hint"), testId: "webhook-url",
            attributes: { inputmode: "url", autocapitalize: "none", spellcheck: "false", placeholder: "https://" },
        }, webhook?.url ?? "");
        this.secret = textField({
            path: `events.webhooks.${index}.secret`, label: t("webhook.secret"), hint: t("webhook.secret.hint"),
            testId: "webhook-secret",
            attributes: {
                type: "password", autocomplete: "new-password", placeholder: webhook?.secret_set ? t("webhook.secret.kept") : "",
            },
        }, "");
        this.kinds = kinds.map((kind) => new Switch({
            label: t(`webhook.kind.${kind}`), checked: webhook?.kinds.includes(kind) ?? true, testId: `webhook-kind-${kind}`,
        }));
        this.problems = new FormProblems(() => [this.url, this.secret]);
        this.sheet = new Sheet(t(webhook ? "webhook.edit" : "webhook.add"), { testId: "webhook-sheet" });
        const save = el("button", {
            class: "button primary", type: "submit", form: "webhook-form", data: { testid: "webhook-save" },
        }, t("action.save"));
        fill(this.sheet.body, el("form", {
            class: "stack", id: "webhook-form", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#save(save);
            },
            oninput: () => {
                this.sheet.isDirty = true;
            },
        }, this.url.element, this.secret.element, this.kinds.map((kind) => kind.element), this.problems.element));
        this.sheet.setActions(save);
        this.sheet.open();
    }

    get #known() {
        return this.basis?.events.webhooks ?? [];
    }

    /** Takes what is stored now, unless webhooks were changed meanwhile: the server then refuses, in place of losing that. */
    #renewBasis() {
        const { settings } = this.#store;
        if (JSON.stringify(settings?.events.webhooks) === JSON.stringify(this.#known)) this.basis = settings;
    }

    /** @param {HTMLButtonElement} button */
    async #save(button) {
        const problem = { path: "", message: t("webhook.kind.none") };
        if (this.problems.show(this.kinds.some(({ checked }) => checked) ? [] : [problem])) return;
        this.#renewBasis();
        const webhook = {
            ...this.#webhook, url: this.url.value, kinds: kinds.filter((_, index) => this.kinds[index].checked),
            ...this.secret.value ? { secret: this.secret.value } : {},
        };
        const webhooks = this.#webhook
            ? this.#known.map((other) => (other.id === webhook.id ? webhook : other)) : [...this.#known, webhook];
        try {
            await whileBusy(button, () => this.#api.changeSettings({ events: { webhooks } }, this.basis));
        } catch (error) {
            this.problems.showError(error);
            return;
        }
        this.sheet.close();
        toasts.show(t("webhook.saved"));
        // The page's own refresh says so when the server is gone.
        await this.#store.refresh().catch(() => {});
    }
}
