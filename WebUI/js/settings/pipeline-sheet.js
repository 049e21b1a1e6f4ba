import { whileBusy } from "../components/busy.js";
import { numberField, selectField, textField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { messageText } from "../core/coded-text.js";
import { el, fill, uniqueId } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { decimalRangeProblems } from "./field-checks.js";

const presets = [
    { id: "simple_stream", available: true },
    { id: "motion_gate_stream", available: true },
    { id: "detection_stream", available: true },
    { id: "tracking_stream", available: true },
    { id: "segmentation_stream", available: false },
];

/** What counts as motion, in percent of the picture, and for how many seconds after it the picture is shown. */
const limits = { sensitivity: { min: 0.1, max: 100 }, hold: { min: 0, max: 120 } };

/** The wizard that connects a camera to a transmission. */
export class PipelineSheet {
    #api;
    #store;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.camera = selectField({ path: "camera_id", label: t("pipeline.camera"), testId: "pipeline-camera" },
            store.cameras.map((camera) => ({ value: camera.id, label: camera.name })), store.cameras[0]?.id ?? "");
        this.transmission = selectField({
            path: "transmission_id", label: t("pipeline.transmission"), testId: "pipeline-transmission",
        },
            store.transmissions.map((transmission) => ({
                value: transmission.id, label: transmission.name || transmission.path,
            })),
            store.transmissions[0]?.id ?? "");
        this.name = textField({
            path: "optional_parameters.pipeline_name", label: t("pipeline.name"), hint: t(
                "pipeline.name.hint",
            ), testId: "pipeline-name",
            attributes: { placeholder: t("pipeline.name.auto") },
        }, "");
        this.preset = presets[0].id;
        this.sensitivity = numberField({
            path: "optional_parameters.motion_sensitivity", label: t("pipeline.motion.sensitivity"),
            hint: t("pipeline.motion.sensitivity.hint"), unit: "%", testId: "motion-sensitivity",
            attributes: { step: "any", inputmode: "decimal" },
        }, 1, limits.sensitivity);
        this.hold = numberField({
            path: "optional_parameters.motion_hold_seconds", label: t("pipeline.motion.hold"),
            hint: t("pipeline.motion.hold.hint"), unit: "s", testId: "motion-hold",
            attributes: { step: "any", inputmode: "decimal" },
        }, 6, limits.hold);
        this.always = new Switch({
            label: t("pipeline.always"), hint: t("pipeline.always.hint"), checked: false, testId: "pipeline-always",
        });
        this.always.element.hidden = true;
        this.motion = el("details", { class: "disclosure", hidden: true, data: { testid: "motion-advanced" } },
            el("summary", {}, t("form.advanced")),
            el("div", { class: "stack" }, this.sensitivity.element, this.hold.element));
        this.problems = new FormProblems(
            () => [this.camera, this.transmission, this.sensitivity, this.hold, this.name]);
        this.sheet = new Sheet(t("pipeline.add.title"), { testId: "pipeline-sheet" });
        const ready = store.cameras.length > 0 && store.transmissions.length > 0;
        const create = el("button", {
            class: "button primary", type: "submit", form: "pipeline-form", disabled: !ready, data: {
                testid: "pipeline-create",
            },
        }, t("pipeline.create"));
        fill(this.sheet.body, ready ? el("form", {
            class: "stack", id: "pipeline-form", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#submit(create);
            },
        }, this.camera.element, this.transmission.element, this.#presetChoice(), this.always.element, this.motion, this.name.element,
            this.problems.element)
            : el("p", { class: "field-hint" }, t("pipeline.needs")));
        this.sheet.setActions(create);
        this.sheet.open();
    }

    /** @param {HTMLButtonElement} button */
    async #submit(button) {
        if (this.problems.show(this.#rangeProblems())) {
            this.motion.open = true;
            return;
        }
        try {
            const answer = await whileBusy(button, () => this.#api.createPipeline({
                transmission_id: this.transmission.value,
                camera_id: this.camera.value,
                preset_id: this.preset,
                optional_parameters: this.#parameters(),
            }));
            this.sheet.close();
            toasts.show([t("pipeline.added", { name: answer.pipeline_name }), ...answer.warning_messages.map(messageText)].join(" "));
            await this.#store.refresh();
        } catch (error) {
            this.problems.showError(error);
        }
    }

    #parameters() {
        const name = this.name.value ? { pipeline_name: this.name.value } : {};
        if (!this.#looks) return name;
        const run = this.always.checked ? { run: "always" } : {};
        if (!this.#asksForMotion) return { ...name, ...run };
        return {
            ...name,
            ...run,
            // Percents, without what a division by 100 leaves behind.
            motion_sensitivity: Number(((this.sensitivity.number ?? 1) / 100).toFixed(6)),
            motion_hold_seconds: this.hold.number ?? 6,
        };
    }

    /** Whether it finds what there is to be told of when nobody watches. */
    get #looks() {
        return this.preset !== "simple_stream";
    }

    get #asksForMotion() {
        return this.preset === "motion_gate_stream";
    }

    #rangeProblems() {
        if (!this.#asksForMotion) return [];
        return decimalRangeProblems([[this.sensitivity, limits.sensitivity, true], [this.hold, limits.hold, true]]);
    }

    #presetChoice() {
        const group = uniqueId("preset");
        return el("fieldset", { class: "presets" },
            el("legend", { class: "field-label" }, t("pipeline.preset")),
            presets.map(({ id, available }) => el("label", { class: "preset" },
                el("input", {
                    type: "radio", name: group, value: id, checked: id === this.preset, disabled: !available,
                    data: { testid: `preset-${id}` },
                    onchange: () => {
                        this.preset = id;
                        this.motion.hidden = !this.#asksForMotion;
                        this.always.element.hidden = !this.#looks;
                    },
                }),
                el("span", { class: "switch-text" },
                    el("span", {
                        class: "field-label",
                    }, t(`preset.${id}`), !available && el("span", { class: "badge" }, t("notYet"))),
                    el("span", { class: "field-hint" }, t(`preset.${id}.hint`))))));
    }
}
