import { numberField, selectField } from "../components/field.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { defaultResolution, resolutionPresets } from "./encoding.js";
import { VideoSettingsFields, bitrateLimits } from "./video-settings-fields.js";

/** @typedef {import("../types/outputs.js").PictureSettings} PictureSettings */

const limits = {
    width: { min: 1, max: 7680 },
    height: { min: 1, max: 4320 },
    fps: { min: 1, max: 120 },
};
/** @type {readonly import("../types/outputs.js").EncoderChoice[]} */
const encoders = ["cpu", "auto", "vaapi", "qsv", "nvenc", "v4l2m2m", "videotoolbox"];
const automatic = "auto";
const custom = "custom";

/** What an output or a destination asks of its picture. */
export class PictureFields {
    /**
     * @param {"output" | "destination"} owner whose they are
     * @param {PictureSettings} settings
     */
    constructor(owner, settings) {
        const { resolution } = settings;
        this.size = selectField({
            path: "resolution", label: t("output.resolution"), hint: t("output.resolution.hint"),
            testId: `${owner}-resolution`,
        }, [
            { value: automatic, label: t("output.asCamera") },
            ...resolutionPresets.map((preset) => ({ value: sizeText(preset), label: sizeText(preset) })),
            { value: custom, label: t("output.resolution.custom") },
        ], sizeChoice(resolution));
        this.width = numberField({
            path: "resolution.width", label: t("output.width"), unit: "px", testId: `${owner}-width`,
        }, resolution?.width ?? defaultResolution.width, limits.width);
        this.height = numberField({
            path: "resolution.height", label: t("output.height"), unit: "px", testId: `${owner}-height`,
        }, resolution?.height ?? defaultResolution.height, limits.height);
        this.fps = numberField({
            path: "fps_limit", label: t("output.fps"), unit: "fps", hint: t("output.fps.hint"), testId: `${owner}-fps`,
            attributes: { placeholder: t("output.asCamera") },
        }, settings.fps_limit, limits.fps);
        this.bitrate = numberField({
            path: "bitrate_kbps", label: t("output.bitrate"), unit: "kbit/s", hint: t("output.bitrate.hint"),
            testId: `${owner}-bitrate`, attributes: { placeholder: t("output.asCamera") },
        }, settings.bitrate_kbps, bitrateLimits);
        this.latency = selectField({
            path: "latency_profile", label: t("output.latency"), hint: t("output.latency.hint"),
            testId: `${owner}-latency`,
        }, ["normal", "low", "ultra_low"].map((value) => ({ value, label: t(`output.latency.${value}`) })),
        settings.latency_profile ?? "normal");
        this.encoder = selectField({
            path: "encoder", label: t("output.encoder"), hint: t("output.encoder.hint"), testId: `${owner}-encoder`,
        }, encoders.map((value) => ({ value, label: t(`output.encoder.${value}`) })), settings.encoder ?? "cpu");
        this.video = new VideoSettingsFields(owner, settings);
        this.placeholderText = new Switch({
            label: t("output.placeholderText"), hint: t("output.placeholderText.hint"),
            checked: settings.placeholder_text ?? true, testId: `${owner}-placeholder-text`,
        });
        this.customSize = el("div", { class: "field-row" }, this.width.element, this.height.element);
        this.element = el("div", { class: "stack" },
            el("div", { class: "field-row" }, this.size.element, this.fps.element),
            this.customSize,
            el("div", { class: "field-row" }, this.bitrate.element, this.latency.element));
        /** What few people need. */
        this.advanced = el("div", { class: "stack" },
            this.encoder.element, this.video.element, this.placeholderText.element);
    }

    /** @returns {import("../components/field.js").Field<any>[]} */
    get fields() {
        return [
            this.width, this.height, this.size, this.fps, this.bitrate, this.latency, this.encoder, ...this.video.fields,
        ];
    }

    /** @returns {import("./field-checks.js").FieldCheck[]} */
    get checks() {
        /** @type {import("./field-checks.js").FieldCheck[]} */
        const size = [[this.width, limits.width, false], [this.height, limits.height, false]];
        return [
            [this.fps, limits.fps, true], [this.bitrate, bitrateLimits, true], ...this.video.checks,
            ...(this.customSize.hidden ? [] : size),
        ];
    }

    /** @returns {PictureSettings} */
    value() {
        return {
            resolution: this.#resolution(),
            fps_limit: this.fps.number,
            bitrate_kbps: this.bitrate.number,
            latency_profile: /** @type {PictureSettings["latency_profile"]} */ (this.latency.value),
            encoder: /** @type {PictureSettings["encoder"]} */ (this.encoder.value),
            ...this.video.value(),
            placeholder_text: this.placeholderText.checked,
        };
    }

    #resolution() {
        const choice = this.size.value;
        if (choice === automatic) return null;
        if (choice === custom) return { width: this.width.number ?? 0, height: this.height.number ?? 0 };
        return resolutionPresets.find((preset) => sizeText(preset) === choice) ?? null;
    }

    /** @param {import("./video-settings-fields.js").Receiver} receiver who gets the picture */
    draw(receiver) {
        this.customSize.hidden = this.size.value !== custom;
        this.video.draw(receiver);
    }
}

/** @param {{width: number, height: number}} size */
function sizeText({ width, height }) {
    return `${width} × ${height}`;
}

/** @param {{width: number, height: number} | null | undefined} size */
function sizeChoice(size) {
    if (!size) return automatic;
    return resolutionPresets.some((preset) => sizeText(preset) === sizeText(size)) ? sizeText(size) : custom;
}
