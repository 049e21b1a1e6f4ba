import { whileBusy } from "../components/busy.js";
import { Sheet } from "../components/sheet.js";
import { toasts } from "../components/toasts.js";
import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { formatList, formatMoment, hasText, t } from "../core/i18n.js";

/** @typedef {import("../types/server.js").RestoreReport} RestoreReport */

/** @type {readonly ("cameras" | "transmissions" | "pipelines")[]} */
const kinds = ["cameras", "transmissions", "pipelines"];
/** @type {readonly ("added" | "changed" | "removed")[]} */
const changes = ["added", "changed", "removed"];

/** Says what a backup would change, and does it when the user wants that. Event: `restored`. */
export class RestoreSheet extends EventTarget {
    #api;
    #backup;
    #report;
    #sheet;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {object} backup
     * @param {RestoreReport} report of a dry run
     */
    constructor(api, backup, report) {
        super();
        this.#api = api;
        this.#backup = backup;
        this.#report = report;
        this.#sheet = new Sheet(t("restore.title"), { testId: "restore" });
        const lines = changeLines(report);
        fill(this.#sheet.body,
            el("p", {}, t("restore.made", {
                time: report.created_at ? formatMoment(new Date(report.created_at)) : "?",
                version: report.product_version ?? "?",
            })),
            lines.length > 0
                ? el("ul", { class: "change-list", data: { testid: "restore-changes" } },
                    lines.map((line) => el("li", {}, line)))
                : el("p", { data: { testid: "restore-nothing" } }, t("restore.nothing")),
            report.notes.map((note) => el("div", { class: "alert warn" }, icon("alert"), el("span", {}, noteText(note)))),
            el("p", { class: "field-hint" }, t("restore.accounts")));
        const go = el("button", {
            class: "button danger", type: "button", disabled: lines.length === 0, data: { testid: "restore-go" },
            onclick: () => void whileBusy(go, () => this.#restore()),
        }, t("restore.go"));
        this.#sheet.setActions(
            el("button", {
                class: "button", type: "button", onclick: () => this.#sheet.close(),
            }, t("action.cancel")), go);
        this.#sheet.open();
    }

    async #restore() {
        try {
            await this.#api.restore({ backup: this.#backup, revision: this.#report.revision });
            this.#sheet.close();
            toasts.show(t("restore.done"));
            this.dispatchEvent(new Event("restored"));
        } catch (error) {
            toasts.showError(error);
        }
    }
}

/** @param {RestoreReport} report */
function changeLines(report) {
    const lines = kinds.flatMap((kind) => changes.flatMap((change) => {
        const names = report[kind][change];
        return names.length > 0 ? [t(`restore.${kind}.${change}`, { names: formatList(names) })] : [];
    }));
    return report.settings_changed ? [...lines, t("restore.settings")] : lines;
}

/** @param {RestoreReport["notes"][number]} note */
function noteText(note) {
    const key = `restore.note.${note.code}`;
    return hasText(key) ? t(key, note.parameters) : note.text;
}
