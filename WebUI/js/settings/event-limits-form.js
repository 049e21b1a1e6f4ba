import { t } from "../core/i18n.js";
import { numbersForm } from "./numbers-form.js";

/** @typedef {"keep_days" | "max_count" | "max_megabytes"} LimitName */

/** @type {Record<LimitName, {min: number, max: number}>} */
const limits = {
    keep_days: { min: 1, max: 365 }, max_count: { min: 100, max: 100_000 }, max_megabytes: { min: 10, max: 1_000 },
};

/**
 * How long events are kept.
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 */
export function eventLimitsForm(api, store) {
    return numbersForm(api, store, {
        names: /** @type {LimitName[]} */ (Object.keys(limits)),
        field: (name) => ({
            path: `events.${name}`, label: t(`eventSettings.${name}`), testId: `events-${name}`, range: limits[name],
        }),
        of: ({ events }) => events,
        change: (events) => ({ events }),
        saved: () => t("eventSettings.saved"),
    }, { title: t("eventSettings.limits"), hint: t("eventSettings.limits.hint"), testId: "event-limits" });
}
