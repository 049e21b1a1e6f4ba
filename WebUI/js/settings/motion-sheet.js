import { whileBusy } from "../components/busy.js";
import { numberField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { toasts } from "../components/toasts.js";
import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { decimalRangeProblems } from "./field-checks.js";
import { MaskEditor } from "./mask-editor.js";
import { MotionView } from "./motion-view.js";

/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */

/** The threshold in percent of the picture, and for how many seconds after motion the picture is shown. */
const limits = { threshold: { min: 0.01, max: 100 }, hold: { min: 0, max: 120 } };
/** What the server takes where the step says nothing. */
const defaults = { threshold: 0.01, hold_seconds: 2.5 };

/** Sets what counts as motion by looking at it. */
export class MotionSheet {
    #api;
    #store;
    #pipeline;
    #node;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {Pipeline} pipeline
     * @param {import("../types/cameras.js").PipelineNode} node
     */
    constructor(api, store, pipeline, node) {
        this.#api = api;
        this.#store = store;
        this.#pipeline = pipeline;
        this.#node = node;
        const { threshold, hold_seconds: hold } = { ...defaults, ...node.config };
        this.threshold = numberField({
            path: "threshold", label: t("pipeline.motion.sensitivity"), hint: t("motion.threshold.hint"), unit: "%",
            testId: "motion-threshold", attributes: { step: "any", inputmode: "decimal" },
        }, Number((Number(threshold) * 100).toFixed(4)), limits.threshold);
        this.hold = numberField({
            path: "hold_seconds", label: t("pipeline.motion.hold"), hint: t("pipeline.motion.hold.hint"), unit: "s",
            testId: "motion-hold", attributes: { step: "any", inputmode: "decimal" },
        }, Number(hold), limits.hold);
        this.mask = new MaskEditor(node.config ?? {});
        this.view = new MotionView(api, store, pipeline, node.id, this.mask.canvas);
        this.problems = new FormProblems(() => [this.threshold, this.hold]);
        this.sheet = new Sheet(t("motion.title", { name: pipeline.name }), { testId: "motion-sheet", size: "large" });
        const stored = this.#typed;
        const note = () => {
            this.view.threshold = (this.threshold.number ?? 0) / 100;
            this.sheet.isDirty = this.mask.isDirty || this.#typed !== stored;
        };
        const save = el("button", {
            class: "button primary", type: "submit", form: "motion-form", data: { testid: "motion-save" },
        }, t("action.save"));
        fill(this.sheet.body, el("form", {
            class: "stack", id: "motion-form", novalidate: true, oninput: note,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#save(save);
            },
        }, this.view.stage, this.view.element, el("div", { class: "motion-fields" }, this.threshold.element, this.hold.element),
        this.mask.element, this.problems.element));
        this.sheet.setActions(save);
        this.view.addEventListener("shape", () => {
            this.mask.shape = this.view.shape;
        });
        this.mask.addEventListener("change", note);
        this.sheet.addEventListener("close", () => this.view.close());
        note();
        this.sheet.open();
    }

    get #typed() {
        return JSON.stringify([this.threshold.value, this.hold.value]);
    }

    get #rangeProblems() {
        return decimalRangeProblems([[this.threshold, limits.threshold, false], [this.hold, limits.hold, false]]);
    }

    /** @param {HTMLButtonElement} button */
    async #save(button) {
        if (this.problems.show(this.#rangeProblems)) return;
        const changes = {
            threshold: Number(((this.threshold.number ?? 0) / 100).toFixed(6)), hold_seconds: this.hold.number,
            ...(this.mask.isDirty ? this.mask.settings : {}),
        };
        try {
            await whileBusy(button, () => this.#api.changePipeline(this.#pipeline.id, ({ nodes }) => ({
                nodes: nodes.map((node) => (node.id === this.#node.id
                    ? { ...node, config: { ...node.config, ...changes } } : node)),
            })));
        } catch (error) {
            return this.problems.showError(error);
        }
        this.sheet.close();
        toasts.show(t("motion.saved", { name: this.#pipeline.name }));
        await this.#store.refresh();
    }
}
