import { confirmAction } from "../components/confirm-dialog.js";
import { whileBusy } from "../components/busy.js";
import { IconButton } from "../components/icon-button.js";
import { KeyedList } from "../components/keyed-list.js";
import { toasts } from "../components/toasts.js";
import { codedText, messageText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { slug } from "../core/slug.js";
import { amounts, isInstalling, megabytes, progressBar } from "./install-progress.js";
import { section } from "./section.js";

/** @typedef {import("../types/vision.js").Vision} Vision */
/** @typedef {import("../types/vision.js").VisionPart} VisionPart */

const pollMilliseconds = 500;
const calmMilliseconds = 10_000;

/** What detection needs: what of it is here, what it costs, and how its installation goes. */
export class DetectionSection {
    #api;
    #store;
    /** @type {Vision | null} */
    #vision = null;
    /** @type {number | undefined} */
    #timer;
    #askedAt = -Infinity;
    #drawnHindrance = "";
    #text = el("span", { role: "status", data: { testid: "detection-text" } });
    #bar = progressBar(t("detection.progress"));
    #hint = el("p", { class: "field-hint" });
    #problem = el("span", {});
    #alert = el("div", {
        class: "alert warn", hidden: true, data: { testid: "detection-problem" },
    }, icon("alert"), this.#problem);

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.install = button("detection-install", "primary", () => this.#change(this.install, () => {
            const [smallest] = this.#vision?.models ?? [];
            return this.#api.installVision(smallest.id);
        }));
        this.cancel = button("detection-cancel", "", () => this.#change(this.cancel, () => this.#api.cancelVision()));
        this.cancel.append(t("action.cancel"));
        this.list = el("div", { class: "detection-parts", role: "list", data: { testid: "detection-parts" } });
        this.rows = new KeyedList(this.list, (/** @type {VisionPart} */ part) => part.id, (part) => this.#row(part));
        this.upload = this.#upload();
        this.element = section({ id: "detection", title: t("detection.title"), text: t("detection.text") },
            el("div", { class: "card" },
                el("div", { class: "engine-head" },
                    el("div", { class: "engine-summary" }, this.#text, this.#bar.element),
                    el("div", { class: "actions" }, this.install, this.cancel)),
                this.#hint,
                this.#alert,
                this.list,
                this.upload));
        store.addEventListener("change", () => {
            if (this.#vision && this.#hindrance !== this.#drawnHindrance) this.#draw(this.#vision);
            if (performance.now() - this.#askedAt > calmMilliseconds) void this.#ask();
        });
    }

    #upload() {
        const choice = el("input", {
            type: "file", accept: ".onnx", class: "visually-hidden", tabIndex: -1, "aria-label": t("detection.upload"),
            data: { testid: "detection-file" },
            onchange: () => {
                const file = choice.files?.[0];
                choice.value = "";
                if (!file) return;
                const id = slug(file.name.replace(/\.onnx$/i, ""), "model").slice(0, 64).replace(/[-_]+$/, "");
                void this.#change(choose, async () => {
                    const vision = await this.#api.uploadModel(id, file);
                    toasts.show(t("detection.upload.done", { name: id }), "good");
                    return vision;
                });
            },
        });
        const choose = button("detection-upload", "", () => choice.click());
        choose.append(t("detection.upload"));
        return el("div", { class: "stack" },
            choice, el("div", { class: "actions" }, choose), el("p", { class: "field-hint" }, t("detection.upload.hint")));
    }

    /** @param {VisionPart} part */
    #row(part) {
        let current = part;
        const name = el("span", { class: "row-title" }, part.name);
        const text = el("span", { class: "row-text" });
        const problem = el("span", { class: "row-text detection-changed" });
        const install = button("detection-model-install", "", () => this.#change(
            install, () => this.#api.installVision(current.id),
        ));
        const remove = new IconButton("trash", "detection-model-delete", () => void this.#delete(current), t("action.delete"));
        const element = el("div", { class: "row", role: "listitem", data: { testid: "detection-part", part: part.id } },
            el("div", { class: "row-main" }, name, text, problem),
            el("div", { class: "row-actions" }, install, remove.element));
        const isRuntime = part.id === this.#vision?.runtime?.id;
        return {
            element,
            update: (/** @type {VisionPart} */ changed) => {
                current = changed;
                setText(text, facts(changed, isRuntime));
                setText(problem, codedText(changed.problem_code, changed.problem_parameters, changed.problem));
                const isThere = changed.installed && !changed.problem;
                setText(install, t("detection.install", { size: megabytes(changed.download_bytes ?? 0) }));
                // The runtime comes with the first model.
                install.hidden = isRuntime || isThere || changed.download_bytes === null || !this.#vision?.runtime?.installed;
                install.disabled = isInstalling(this.#vision?.install.state);
                remove.element.hidden = isRuntime || !changed.installed;
            },
        };
    }

    /** @param {VisionPart} part */
    async #delete(part) {
        const confirmed = await confirmAction({
            title: t("detection.delete.title", { name: part.name }), text: t("detection.delete.text"),
            action: t("action.delete"),
        });
        if (!confirmed) return;
        try {
            await this.#api.deleteModel(part.id);
            toasts.show(t("detection.deleted", { name: part.name }));
        } catch (error) {
            toasts.showError(error);
        }
        await this.#ask();
    }

    /**
     * @param {HTMLButtonElement} pressed
     * @param {() => Promise<Vision>} request
     */
    async #change(pressed, request) {
        try {
            this.#take(await whileBusy(pressed, request));
        } catch (error) {
            toasts.showError(error);
            await this.#ask();
        }
    }

    /** Asks how it is. */
    async #ask() {
        this.#askedAt = performance.now();
        try {
            this.#take(await this.#api.vision());
        } catch {
            // The page's own refresh says so when the server is gone, and asks again when it is back.
        }
    }

    /** @param {Vision} vision */
    #take(vision) {
        const was = this.#vision?.install;
        this.#vision = vision;
        this.#draw(vision);
        const { state, name } = vision.install;
        if (isInstalling(was?.state) && state === "installed") toasts.show(t("detection.done", { name: name ?? "" }), "good");
        clearTimeout(this.#timer);
        if (isInstalling(state) && !document.hidden) this.#timer = setTimeout(() => void this.#ask(), pollMilliseconds);
    }

    /** Why a pipeline can't look, in a sentence; empty while all can. */
    get #hindrance() {
        const problem = this.#store.findings.find((report) => report.problem)?.problem;
        return problem ? messageText(problem) : "";
    }

    /** @param {Vision} vision */
    #draw(vision) {
        const { runtime, models, install } = vision;
        const isActive = isInstalling(install.state);
        const hasFailed = install.state === "failed" || install.state === "waiting";
        const hindrance = this.#drawnHindrance = this.#hindrance;
        // What is here may not be what a pipeline wants.
        const isHindered = isReady(vision) && hindrance !== "";
        setText(this.#text, isHindered ? t("detection.hindered") : summary(vision));
        this.#bar.update(install);
        const [smallest] = models;
        const isWanted = runtime !== null && !isActive && (!runtime.installed || runtime.problem !== null);
        this.install.hidden = !isWanted;
        const size = (runtime?.download_bytes ?? 0) + (smallest.installed ? 0 : smallest.download_bytes ?? 0);
        setText(this.install, t("detection.install.all", { size: megabytes(size) }));
        this.#hint.hidden = !isWanted;
        setText(this.#hint, t("detection.install.hint", { model: smallest.name }));
        this.cancel.hidden = !isActive;
        // What was changed on the disk is told in its row.
        const problem = hasFailed
            ? codedText(install.error_code, install.error_parameters, install.error ?? null)
            : runtime === null ? codedText(vision.problem_code, vision.problem_parameters, vision.problem)
            : isHindered ? hindrance : "";
        setText(this.#problem, problem);
        this.#alert.hidden = !problem;
        // Models are of no use where nothing can run them.
        this.list.hidden = this.upload.hidden = runtime === null;
        this.rows.update(runtime ? [runtime, ...models] : models);
    }
}

/**
 * Whether the state of an installation is what there is to say.
 * @param {Vision["install"]} install
 */
function isTold({ state }) {
    return isInstalling(state) || state === "failed" || state === "cancelled";
}

/** @param {Vision} vision */
function isReady({ ready, install }) {
    return ready && !isTold(install);
}

/**
 * How it is, in a sentence.
 * @param {Vision} vision
 */
function summary(vision) {
    const { runtime, models, install } = vision;
    if (isTold(install)) return t(`detection.${install.state}`, { name: install.name ?? "", ...amounts(install) });
    if (isReady(vision)) return t("detection.ready");
    if ([runtime, ...models].some((part) => part?.problem)) return t("detection.changed");
    return t(runtime?.installed ? "detection.noModel" : "detection.noRuntime");
}

/**
 * What it is and what it costs, in words.
 * @param {VisionPart} part
 * @param {boolean} isRuntime
 */
function facts(part, isRuntime) {
    const what = isRuntime ? t("detection.runtime")
        : part.input_size ? t("detection.model", { size: String(part.input_size) }) : t("detection.model.own");
    const size = part.installed
        ? t("detection.onDisk", { size: megabytes(part.bytes ?? 0) })
        : t("detection.toDownload", { size: megabytes(part.download_bytes ?? 0) });
    return [what, size, part.licence].filter(Boolean).join(" · ");
}

/**
 * @param {string} testid
 * @param {string} kind
 * @param {() => void} onclick
 */
function button(testid, kind, onclick) {
    return el("button", { class: `button small ${kind}`, type: "button", data: { testid }, onclick });
}
