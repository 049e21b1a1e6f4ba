import { accountName, numberField, textField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { t } from "../core/i18n.js";
import { plainRangeProblems } from "./field-checks.js";
import { SettingsForm } from "./settings-form.js";

const path = "engine.srt";
const limits = { min: 20, max: 8000 };

/**
 * How programs send to inputs by SRT.
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 */
export function srtForm(api, store) {
    const latency = numberField({
        path: `${path}.latency_ms`, label: t("srt.latency"), hint: t("srt.latency.hint"), unit: "ms",
        testId: "srt-latency", attributes: { required: true },
    }, null, limits);
    const encrypted = new Switch({
        label: t("srt.encrypted"), hint: t("srt.encrypted.hint"), checked: false, testId: "srt-encrypted",
    }, () => showPassphrase());
    const passphrase = textField({
        path: `${path}.passphrase`, label: t("srt.passphrase"), hint: t("srt.passphrase.hint"),
        testId: "srt-passphrase", attributes: { type: "password", autocomplete: "new-password" },
    }, "");
    const showPassphrase = () => {
        passphrase.element.hidden = !encrypted.checked;
    };
    // What is to be the passphrase; empty is the present one, or none.
    const typed = () => (encrypted.checked ? passphrase.control.value : "");
    return new SettingsForm(api, store, {
        of: ({ engine }) => engine.srt,
        fields: () => [latency, passphrase],
        show: (stored) => {
            latency.value = String(stored.latency_ms);
            encrypted.checked = stored.passphrase_set;
            passphrase.value = "";
            passphrase.control.placeholder = stored.passphrase_set ? "••••••••" : "";
            showPassphrase();
        },
        isChanged: (stored) => latency.number !== stored.latency_ms || encrypted.checked !== stored.passphrase_set
            || typed() !== "",
        problems: (stored) => {
            const problems = plainRangeProblems([[latency, limits]]);
            if (encrypted.checked && !stored.passphrase_set && typed() === "") {
                problems.push({ path: passphrase.path, message: t("srt.passphrase.missing") });
            }
            return problems;
        },
        change: () => {
            /** @type {{latency_ms: number | null, passphrase?: string}} */
            const srt = { latency_ms: latency.number };
            // One that is left out is kept, and an empty one is taken away.
            if (!encrypted.checked) srt.passphrase = "";
            else if (typed() !== "") srt.passphrase = typed();
            return { engine: { srt } };
        },
        saved: () => t("srt.saved"),
    }, {
        title: t("srt.title"), hint: t("srt.hint"), testId: "srt",
        content: [latency.element, encrypted.element, accountName("SRT"), passphrase.element],
    });
}
