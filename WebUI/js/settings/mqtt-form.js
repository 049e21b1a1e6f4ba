import { numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";
import { SettingsForm, differs } from "./settings-form.js";

const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", class: "input mono" };
const portRange = { min: 1, max: 65_535 };
const usualPorts = { plain: 1883, tls: 8883 };

/**
 * Where the broker is, and what is told there.
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 */
export function mqttForm(api, store) {
    const enabled = new Switch({
        label: t("mqtt.enabled"), hint: t("mqtt.enabled.hint"), checked: false, testId: "mqtt-enabled",
    });
    const tls = new Switch({
        label: t("mqtt.tls"), hint: t("mqtt.tls.hint"), checked: false, testId: "mqtt-tls",
    }, (checked) => followTls(checked));
    const discovery = new Switch({
        label: t("mqtt.discovery"), hint: t("mqtt.discovery.hint"), checked: true, testId: "mqtt-discovery",
    });
    const host = text("host", "mqtt.host", { hint: t("mqtt.host.hint") });
    const port = numberField({
        path: "mqtt.port", label: t("mqtt.port"), testId: "mqtt-port", attributes: { required: true },
    }, null, portRange);
    const user = text("user", "mqtt.user");
    const password = text("password", "mqtt.password", { type: "password", autocomplete: "new-password" });
    const caFile = text("ca_file", "mqtt.caFile", { hint: t("mqtt.caFile.hint"), placeholder: "/ssl/ca.pem" });
    const topicPrefix = text("topic_prefix", "mqtt.topicPrefix");
    const discoveryPrefix = text("discovery_prefix", "mqtt.discoveryPrefix");

    /** Each kind of connection has a port that most brokers take. @param {boolean} checked */
    const followTls = (checked) => {
        const [from, to] = checked ? [usualPorts.plain, usualPorts.tls] : [usualPorts.tls, usualPorts.plain];
        if (port.number === from) port.value = String(to);
        form.changed();
    };
    const draft = () => ({
        enabled: enabled.checked, host: host.value, port: port.number, tls: tls.checked, ca_file: caFile.value,
        user: user.value, topic_prefix: topicPrefix.value, discovery: discovery.checked,
        discovery_prefix: discoveryPrefix.value,
    });
    let hasPassword = false;
    // What the password is changed to; it goes with its user.
    const newPassword = () => {
        if (password.control.value !== "") return password.control.value;
        return user.value === "" && hasPassword ? "" : null;
    };
    const form = new SettingsForm(api, store, {
        of: ({ mqtt }) => mqtt,
        fields: () => [host, port, user, password, caFile, topicPrefix, discoveryPrefix],
        show: (stored) => {
            enabled.checked = stored.enabled;
            host.value = stored.host;
            port.value = String(stored.port);
            tls.checked = stored.tls;
            caFile.value = stored.ca_file;
            user.value = stored.user;
            password.value = "";
            hasPassword = stored.password_set;
            password.control.placeholder = hasPassword ? t("mqtt.password.kept") : "";
            topicPrefix.value = stored.topic_prefix;
            discovery.checked = stored.discovery;
            discoveryPrefix.value = stored.discovery_prefix;
        },
        isChanged: (stored) => newPassword() !== null || differs(draft(), stored),
        problems: () => plainRangeProblems([[port, portRange]]),
        change: () => {
            const changed = newPassword();
            return { mqtt: changed === null ? draft() : { ...draft(), password: changed } };
        },
        saved: () => t("mqtt.saved"),
    }, {
        title: t("mqtt.form"), hint: t("mqtt.form.hint"), testId: "mqtt-form",
        content: [
            enabled.element,
            el("div", { class: "field-row" }, host.element, port.element),
            el("div", { class: "field-row" }, user.element, password.element),
            tls.element,
            caFile.element,
            discovery.element,
            el("div", { class: "field-row" }, topicPrefix.element, discoveryPrefix.element),
        ],
    });
    return form;
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
