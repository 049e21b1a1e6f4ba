import { whileBusy } from "../components/busy.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el } from "../core/dom.js";
import { downloadFile } from "../core/file-download.js";
import { t } from "../core/i18n.js";
import { RestoreSheet } from "./restore-sheet.js";
import { section } from "./section.js";

/** Backup, restore, and what to send to whoever helps. */
export class MaintenanceSection {
    #api;
    #store;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.element = section({ id: "maintenance", title: t("maintenance.title"), text: t("maintenance.text") },
            el("div", { class: "card stack" }, this.#backup(), el("hr"), this.#restore(), el("hr"), this.#diagnostics()));
    }

    #backup() {
        const secrets = new Switch({
            label: t("backup.secrets"), hint: t("backup.secrets.hint"), checked: false, testId: "backup-secrets",
        });
        const save = button("backup.save", "backup-save", () => download(
            save, `api/backup?secrets=${secrets.checked}`, t(secrets.checked ? "backup.saved.secrets" : "backup.saved"),
        ));
        return part("backup", [secrets.element], save);
    }

    #restore() {
        const choice = el("input", {
            type: "file", accept: ".json,application/json", class: "visually-hidden", tabIndex: -1,
            "aria-label": t("restore.choose"), data: { testid: "restore-file" },
            onchange: async () => {
                const file = choice.files?.[0];
                choice.value = "";
                if (file) await whileBusy(choose, () => this.#propose(file));
            },
        });
        const choose = button("restore.choose", "restore-choose", () => choice.click());
        return part("restore", [choice], choose);
    }

    #diagnostics() {
        const save = button("bundle.save", "bundle-save", () => download(
            save, "api/diagnostics/bundle", t("bundle.saved"),
        ));
        return part("bundle", [], save);
    }

    /** @param {File} file */
    async #propose(file) {
        let backup;
        try {
            backup = JSON.parse(await file.text());
        } catch {
            toasts.show(t("restore.noBackup"), "bad");
            return;
        }
        try {
            const report = await this.#api.restore({ backup, dry_run: true });
            const sheet = new RestoreSheet(this.#api, backup, report);
            sheet.addEventListener("restored", () => void this.#store.refresh());
        } catch (error) {
            toasts.showError(error);
        }
    }
}

/**
 * @param {string} key
 * @param {Node[]} content
 * @param {HTMLElement} action
 */
function part(key, content, action) {
    return el("div", { class: "stack" },
        el("h3", {}, t(`${key}.title`)), el("p", { class: "soft" }, t(`${key}.text`)), content,
        el("div", { class: "actions" }, action));
}

/**
 * @param {string} key
 * @param {string} testid
 * @param {() => void} onclick
 */
function button(key, testid, onclick) {
    return el("button", { class: "button", type: "button", data: { testid }, onclick }, t(key));
}

/**
 * @param {HTMLButtonElement} pressed
 * @param {string} path
 * @param {string} done
 */
async function download(pressed, path, done) {
    try {
        await whileBusy(pressed, () => downloadFile(path));
        toasts.show(done);
    } catch (error) {
        toasts.showError(error);
    }
}
