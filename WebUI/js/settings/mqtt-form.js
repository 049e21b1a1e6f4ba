import { DraftForm } from "../components/draft-form.js";
import { numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";

/** @typedef {import("../types/engine.js").MqttSettings} MqttSettings */
/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */

const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", class: "input mono" };
const portRange = { min: 1, max: 65_535 };
const usualPorts = { plain: 1883, tls: 8883 };

/** Where the broker is, and what is told there. */
export class MqttForm {
    #api;
    #store;
    #form;
    /** @type {MqttSettings | null} */
    #saved = null;
    /** @type {StreamingSettings | null} */
    #basis = null;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.enabled = new Switch({
            label: t("mqtt.enabled"), hint: t("mqtt.enabled.hint"), checked: false, testId: "mqtt-enabled",
        });
        this.tls = new Switch({
            label: t("mqtt.tls"), hint: t("mqtt.tls.hint"), checked: false, testId: "mqtt-tls",
        }, (checked) => this.#followTls(checked));
        this.discovery = new Switch({
            label: t("mqtt.discovery"), hint: t("mqtt.discovery.hint"), checked: true, testId: "mqtt-discovery",
        });
        this.host = text("host", "mqtt.host", { hint: t("mqtt.host.hint") });
        this.port = numberField({
            path: "mqtt.port", label: t("mqtt.port"), testId: "mqtt-port", attributes: { required: true },
        }, null, portRange);
        this.user = text("user", "mqtt.user");
        this.password = text("password", "mqtt.password", { type: "password", autocomplete: "new-password" });
        this.caFile = text("ca_file", "mqtt.caFile", { hint: t("mqtt.caFile.hint"), placeholder: "/ssl/ca.pem" });
        this.topicPrefix = text("topic_prefix", "mqtt.topicPrefix");
        this.discoveryPrefix = text("discovery_prefix", "mqtt.discoveryPrefix");
        const fields = [
            this.host, this.port, this.user, this.password, this.caFile, this.topicPrefix, this.discoveryPrefix,
        ];
        this.#form = new DraftForm({
            fields: () => fields,
            isDirty: () => this.isDirty,
            reset: () => this.#reset(),
            isValid: () => !this.#form.problems.show(plainRangeProblems([[this.port, portRange]])),
            save: () => this.#save(),
        }, {
            title: t("mqtt.form"), hint: t("mqtt.form.hint"), testId: "mqtt-form",
            content: [
                this.enabled.element,
                el("div", { class: "field-row" }, this.host.element, this.port.element),
                el("div", { class: "field-row" }, this.user.element, this.password.element),
                this.tls.element,
                this.caFile.element,
                this.discovery.element,
                el("div", { class: "field-row" }, this.topicPrefix.element, this.discoveryPrefix.element),
            ],
        });
        this.element = this.#form.element;
    }

    /** @param {StreamingSettings} settings what is stored; what is being changed here stays what it was changed from */
    update(settings) {
        const dirty = this.isDirty;
        if (dirty && JSON.stringify(settings.mqtt) !== JSON.stringify(this.#saved)) return;
        this.#basis = settings;
        this.#saved = settings.mqtt;
        if (!dirty) this.#form.reset();
    }

    /** Each kind of connection has a port that most brokers take. @param {boolean} checked */
    #followTls(checked) {
        const [from, to] = checked ? [usualPorts.plain, usualPorts.tls] : [usualPorts.tls, usualPorts.plain];
        if (this.port.number === from) this.port.value = String(to);
        this.#form.changed();
    }

    /** Whether something is changed and not saved. */
    get isDirty() {
        const saved = this.#saved;
        if (!saved) return false;
        const draft = this.#draft();
        return draft.password !== undefined
            || Object.entries(draft).some(([name, value]) => value !== saved[/** @type {keyof MqttSettings} */ (name)]);
    }

    #draft() {
        return {
            enabled: this.enabled.checked, host: this.host.value, port: this.port.number, tls: this.tls.checked,
            ca_file: this.caFile.value, user: this.user.value, topic_prefix: this.topicPrefix.value,
            discovery: this.discovery.checked, discovery_prefix: this.discoveryPrefix.value,
            ...this.#password === null ? {} : { password: this.#password },
        };
    }

    /** What the password is changed to; it goes with its user. */
    get #password() {
        if (this.password.control.value !== "") return this.password.control.value;
        return this.user.value === "" && this.#saved?.password_set ? "" : null;
    }

    #reset() {
        const saved = this.#saved;
        if (!saved) return;
        this.enabled.checked = saved.enabled;
        this.host.value = saved.host;
        this.port.value = String(saved.port);
        this.tls.checked = saved.tls;
        this.caFile.value = saved.ca_file;
        this.user.value = saved.user;
        this.password.value = "";
        this.password.control.placeholder = saved.password_set ? t("mqtt.password.kept") : "";
        this.topicPrefix.value = saved.topic_prefix;
        this.discovery.checked = saved.discovery;
        this.discoveryPrefix.value = saved.discovery_prefix;
    }

    async #save() {
        const settings = await this.#api.changeSettings({ mqtt: this.#draft() }, this.#basis);
        this.#basis = settings;
        this.#saved = settings.mqtt;
        this.#form.reset();
        toasts.show(t("mqtt.saved"), "good");
        await this.#store.refresh();
    }
}

/**
 * @param {string} name
 * @param {string} label the key of its text
 * @param {{hint?: string} & Record<string, string>} [others] attributes of the control
 */
function text(name, label, { hint = "", ...others } = {}) {
    return textField({
        path: `mqtt.${name}`, label: t(label), hint, testId: `mqtt-${name}`, attributes: { ...plain, ...others },
    }, "");
}
