import { numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";
import { SettingsForm, differs } from "./settings-form.js";

const path = "engine.multicast";
const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false", class: "input mono" };
const limits = { ttl: { min: 1, max: 255 }, port: { min: 1024, max: 65504 } };

/**
 * Whether and how streams go to a whole network at once.
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 */
export function multicastForm(api, store) {
    const enabled = new Switch({
        label: t("multicast.enabled"), hint: t("multicast.enabled.hint"), checked: false, testId: "multicast-enabled",
    });
    const sourceSpecific = new Switch({
        label: t("multicast.sourceSpecific"), hint: t("multicast.sourceSpecific.hint"), checked: false,
        testId: "multicast-source-specific",
    });
    const announce = new Switch({
        label: t("multicast.announce"), hint: t("multicast.announce.hint"), checked: false,
        testId: "multicast-announce",
    });
    const range = textField({
        path: `${path}.range`, label: t("multicast.range"), hint: t("multicast.range.hint"),
        testId: "multicast-range", attributes: { ...plain, required: true },
    }, "");
    const networkInterface = textField({
        path: `${path}.interface`, label: t("multicast.interface"), hint: t("multicast.interface.hint"),
        testId: "multicast-interface", attributes: plain,
    }, "");
    const port = numberField({
        path: `${path}.port`, label: t("multicast.port"), hint: t("multicast.port.hint"), testId: "multicast-port",
        attributes: { required: true, step: 2 },
    }, null, limits.port);
    const ttl = numberField({
        path: `${path}.ttl`, label: t("multicast.ttl"), hint: t("multicast.ttl.hint"), testId: "multicast-ttl",
        attributes: { required: true },
    }, null, limits.ttl);
    const draft = () => ({
        enabled: enabled.checked, range: range.value, ttl: ttl.number, port: port.number,
        source_specific: sourceSpecific.checked, interface: networkInterface.value,
        announce: announce.checked,
    });
    return new SettingsForm(api, store, {
        of: ({ engine }) => engine.multicast,
        fields: () => [range, networkInterface, port, ttl],
        show: (stored) => {
            enabled.checked = stored.enabled;
            range.value = stored.range;
            ttl.value = String(stored.ttl);
            port.value = String(stored.port);
            sourceSpecific.checked = stored.source_specific;
            networkInterface.value = stored.interface;
            announce.checked = stored.announce;
        },
        isChanged: (stored) => differs(draft(), stored),
        problems: () => plainRangeProblems([[port, limits.port], [ttl, limits.ttl]]),
        change: () => ({ engine: { multicast: draft() } }),
        saved: () => store.engine?.running ? `${t("multicast.saved")} ${t("engine.restarted")}` : t("multicast.saved"),
    }, {
        title: t("multicast.title"), hint: t("multicast.hint"), testId: "multicast",
        content: [
            enabled.element,
            el("div", { class: "field-row" }, range.element, networkInterface.element),
            el("div", { class: "field-row" }, port.element, ttl.element),
            sourceSpecific.element,
            announce.element,
        ],
    });
}
