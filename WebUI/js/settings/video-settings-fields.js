import { Field, numberField, selectField } from "../components/field.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../types/outputs.js").PictureSettings} PictureSettings */

/**
 * Who gets a picture, as far as that rules out what may be asked of its encoder.
 * @typedef {object} Receiver
 * @property {boolean} needsKeyframes
 * @property {boolean} takesBFrames
 * @property {string[]} codecs
 */

/** Of an average and of a maximum, in kbit/s. */
export const bitrateLimits = { min: 64, max: 250_000 };

const limits = {
    keyframeInterval: { min: 1, max: 3600 },
    intraRefreshPeriod: { min: 2, max: 600 },
    maximumBFrames: { min: 0, max: 4 },
    slices: { min: 1, max: 16 },
};

/** What an output or a destination asks of its encoder beyond size, rate and bitrate. */
export class VideoSettingsFields {
    /**
     * @param {"output" | "destination"} owner whose they are
     * @param {PictureSettings} settings
     */
    constructor(owner, settings) {
        this.codec = choiceField(owner, "codec", ["", "h264", "h265"], settings.codec ?? "");
        this.profile = choiceField(owner, "profile", ["", "baseline", "main", "high"], settings.profile ?? "");
        this.quality = choiceField(owner, "quality", ["", "fastest", "fast", "balanced", "good", "best"], settings.quality ?? "");
        this.fit = choiceField(owner, "fit", ["contain", "cover", "stretch"], settings.fit ?? "contain");
        this.bitrateMode = choiceField(owner, "bitrateMode", ["vbr", "cbr"], settings.bitrate_mode ?? "vbr", "bitrate_mode");
        this.maximumBitrate = numbers(
            owner, "maximumBitrate", "max_bitrate_kbps", "kbit/s", settings.max_bitrate_kbps, bitrateLimits,
        );
        this.keyframeInterval = numbers(
            owner, "keyframeInterval", "keyframe_interval", t("output.frames"), settings.keyframe_interval, limits.keyframeInterval,
        );
        this.intraRefreshPeriod = numbers(
            owner, "intraRefreshPeriod", "intra_refresh_period", t("output.frames"), settings.intra_refresh_period,
            limits.intraRefreshPeriod,
        );
        this.maximumBFrames = numbers(
            owner, "maximumBFrames", "max_b_frames", "", settings.max_b_frames, limits.maximumBFrames,
        );
        this.slices = numbers(owner, "slices", "slices", "", settings.slices, limits.slices);
        this.element = el("div", { class: "stack" },
            this.codec.element,
            el("div", { class: "field-row" }, this.profile.element, this.quality.element),
            el("div", { class: "field-row" }, this.bitrateMode.element, this.maximumBitrate.element),
            el("div", { class: "field-row" }, this.keyframeInterval.element, this.slices.element),
            el("div", { class: "field-row" }, this.intraRefreshPeriod.element, this.maximumBFrames.element),
            this.fit.element);
    }

    /** @returns {Field<any>[]} */
    get fields() {
        return [
            this.codec, this.profile, this.quality, this.fit, this.bitrateMode, this.maximumBitrate, this.keyframeInterval,
            this.intraRefreshPeriod, this.maximumBFrames, this.slices,
        ];
    }

    /** @returns {import("./field-checks.js").FieldCheck[]} */
    get checks() {
        return [
            [this.maximumBitrate, bitrateLimits, true],
            [this.keyframeInterval, limits.keyframeInterval, true],
            [this.intraRefreshPeriod, limits.intraRefreshPeriod, true],
            [this.maximumBFrames, limits.maximumBFrames, true],
            [this.slices, limits.slices, true],
        ];
    }

    value() {
        return /** @type {PictureSettings} */ ({
            codec: this.codec.value || null,
            profile: this.profile.element.hidden ? null : this.profile.value || null,
            quality: this.quality.value || null,
            fit: this.fit.value,
            bitrate_mode: this.bitrateMode.value,
            max_bitrate_kbps: this.maximumBitrate.element.hidden ? null : this.maximumBitrate.number,
            keyframe_interval: this.keyframeInterval.number,
            intra_refresh_period: this.intraRefreshPeriod.element.hidden ? null : this.intraRefreshPeriod.number,
            max_b_frames: this.maximumBFrames.element.hidden ? null : this.maximumBFrames.number,
            slices: this.slices.number,
        });
    }

    /**
     * What a protocol or another choice rules out is not asked.
     * @param {Receiver} receiver
     */
    draw({ needsKeyframes, takesBFrames, codecs }) {
        this.maximumBitrate.element.hidden = this.bitrateMode.value === "cbr";
        const codec = this.codec.value;
        for (const option of this.codec.control.options) {
            // What was chosen before stays to be seen, and is refused with a sentence.
            option.disabled = option.value !== "" && option.value !== codec && !codecs.includes(option.value);
        }
        const isH264 = codec === "" || codec === "h264";
        this.profile.element.hidden = !isH264;
        this.intraRefreshPeriod.element.hidden = needsKeyframes || !isH264;
        this.maximumBFrames.element.hidden = !takesBFrames;
    }
}

/**
 * @param {string} owner
 * @param {string} name
 * @param {string[]} choices "" leaves it to the server
 * @param {string} value
 * @param {string} path
 */
function choiceField(owner, name, choices, value, path = name) {
    return selectField({
        path, label: t(`output.${name}`), hint: t(`output.${name}.hint`), testId: `${owner}-${path.replaceAll("_", "-")}`,
    }, choices.map((choice) => ({
        value: choice, label: t(choice ? `output.${name}.${choice}` : "output.automatic"),
    })), value);
}

/**
 * @param {string} owner
 * @param {string} name
 * @param {string} path
 * @param {string} unit
 * @param {number | null | undefined} value
 * @param {{min: number, max: number}} limits
 */
function numbers(owner, name, path, unit, value, limits) {
    return numberField({
        path, label: t(`output.${name}`), unit, hint: t(`output.${name}.hint`),
        testId: `${owner}-${path.replaceAll("_", "-")}`, attributes: { placeholder: t("output.automatic") },
    }, value ?? null, limits);
}
