import { whileBusy } from "../components/busy.js";
import { Segmented } from "../components/segmented.js";
import { toasts } from "../components/toasts.js";
import { codedText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { icon } from "../core/icons.js";
import { amounts, isInstalling, progressBar } from "./install-progress.js";

/** @typedef {import("../types/engine.js").EngineDownload} EngineDownload */
/** @typedef {import("../types/engine.js").EngineKind} EngineKind */

/** @type {readonly EngineKind[]} */
const kinds = ["auto", "builtin", "mediamtx"];
const pollMilliseconds = 500;

/** Which engine is used, and how the installation of MediaMTX goes. */
export class EngineInstall {
    #api;
    #store;
    #confirmInterruption;
    /** @type {EngineDownload | null} */
    #download = null;
    /** @type {number | undefined} */
    #timer;
    #isAsking = false;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {(title: string, action: string) => Promise<boolean>} confirmInterruption asks when somebody watches
     */
    constructor(api, store, confirmInterruption) {
        this.#api = api;
        this.#store = store;
        this.#confirmInterruption = confirmInterruption;
        this.kind = new Segmented(
            t("engine.kind"), kinds.map((value) => ({ value, label: t(`engine.kind.${value}`) })), "auto",
            (value) => void this.#setKind(/** @type {EngineKind} */ (value)), "engine-kind",
        );
        this.hint = el("p", { class: "field-hint" });
        this.text = el("span", { role: "status", data: { testid: "engine-download-text" } });
        this.bar = progressBar(t("engine.download.progress"));
        this.checksum = el("code", { class: "soft engine-checksum", data: { testid: "engine-checksum" } });
        this.install = this.#button("engine.install", "engine-install", () => this.#api.downloadEngine());
        this.cancel = this.#button("action.cancel", "engine-download-cancel", () => this.#api.cancelEngineDownload());
        this.problem = el("span", {});
        this.alert = el("div", {
            class: "alert warn", hidden: true, data: { testid: "engine-download-problem" },
        }, icon("alert"), this.problem);
        this.element = el("div", { class: "stack engine-install" },
            el("div", { class: "engine-head" },
                el("span", { class: "field-label" }, t("engine.kind")), this.kind.element),
            this.hint,
            el("div", { class: "engine-head" },
                el("div", { class: "engine-summary" }, this.text, this.bar.element, this.checksum),
                el("div", { class: "actions" }, this.install, this.cancel)),
            this.alert);
    }

    /** Shows what the store knows, and asks for the rest. */
    update() {
        const { engine, settings } = this.#store;
        if (!engine || !settings) return;
        const kind = settings.engine.kind ?? "auto";
        if (!this.kind.inputs[0].disabled) this.kind.value = kind;
        setText(this.hint, t(`engine.kind.${kind}.hint`));
        if (this.#store.download) {
            this.#take(this.#store.download);
            return;
        }
        const known = this.#download;
        const isNews = !known || !engine.download || known.state !== engine.download.state
            || known.version !== engine.download.version;
        if (isNews || isInstalling(known.state)) void this.#ask();
        else this.#draw();
    }

    /**
     * @param {string} key
     * @param {string} testId
     * @param {() => Promise<unknown>} request
     */
    #button(key, testId, request) {
        const button = el("button", {
            class: "button small", type: "button", hidden: true, data: { testid: testId },
            onclick: async () => {
                try {
                    await whileBusy(button, request);
                } catch (error) {
                    toasts.showError(error);
                }
                await this.#ask();
            },
        }, t(key));
        return button;
    }

    /** Asks how it goes, and again soon while it goes on. */
    async #ask() {
        clearTimeout(this.#timer);
        if (this.#isAsking) return;
        this.#isAsking = true;
        /** @type {EngineDownload} */
        let download;
        try {
            download = await this.#api.engineDownload();
        } catch {
            // The page's own refresh says so when the server is gone, and asks again when it is back.
            return;
        } finally {
            this.#isAsking = false;
        }
        this.#take(this.#store.download ?? download);
        if (!this.#store.download && isInstalling(download.state) && !document.hidden) {
            this.#timer = setTimeout(() => void this.#ask(), pollMilliseconds);
        }
    }

    /** @param {EngineDownload} download */
    #take(download) {
        const wasActive = isInstalling(this.#download?.state);
        this.#download = download;
        this.#draw();
        if (!wasActive || isInstalling(download.state)) return;
        if (download.state === "installed") toasts.show(t("engine.download.done"), "good");
        this.#store.refresh().catch(() => {});
    }

    #draw() {
        const download = this.#download;
        if (!download) return;
        const isActive = isInstalling(download.state);
        const { version } = download;
        setText(this.text, t(`engine.download.${download.state}`, { version, ...amounts(download) }));
        this.bar.update(download);
        const isVerified = download.state === "installed" && download.archive_sha256;
        this.checksum.hidden = !isVerified;
        setText(this.checksum, isVerified ? `SHA-256 ${download.archive_sha256?.slice(0, 12)}…` : "");
        this.checksum.title = download.archive_sha256 ?? "";
        this.install.hidden = isActive || download.state === "installed" || !download.platform;
        this.cancel.hidden = !isActive;
        this.alert.hidden = !download.error || download.state === "cancelled";
        setText(this.problem, codedText(download.error_code, download.error_parameters, download.error ?? null));
    }

    /** @param {EngineKind} kind */
    async #setKind(kind) {
        for (const input of this.kind.inputs) input.disabled = true;
        try {
            if (await this.#confirmInterruption(t("engine.kind.confirm"), t("engine.kind.change"))) {
                await this.#api.changeSettings({ engine: { kind } });
            }
        } catch (error) {
            toasts.showError(error);
        }
        for (const input of this.kind.inputs) input.disabled = false;
        await this.#store.refresh().catch(() => {});
    }
}
