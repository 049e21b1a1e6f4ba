import { Field, numberField, selectField } from "../components/field.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** @typedef {import("../core/types.js").PictureSettings} PictureSettings */

/** Of an average and of a maximum, in kbit/s. */
export const bitrateLimits = { min: 64, max: 250_000 };

const limits = {
    keyframeInterval: { min: 1, max: 3600 },
    intraRefreshPeriod: { min: 2, max: 600 },
    slices: { min: 1, max: 16 },
};

/** What an output or a destination asks of its encoder beyond size, rate and bitrate. */
export class VideoSettingsFields {
    /**
     * @param {"output" | "destination"} owner whose they are
     * @param {PictureSettings} settings
     */
    constructor(owner, settings) {
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
        this.slices = numbers(owner, "slices", "slices", "", settings.slices, limits.slices);
        this.element = el("div", { class: "stack" },
            el("div", { class: "field-row" }, this.profile.element, this.quality.element),
            el("div", { class: "field-row" }, this.bitrateMode.element, this.maximumBitrate.element),
            el("div", { class: "field-row" }, this.keyframeInterval.element, this.slices.element),
            this.intraRefreshPeriod.element,
            this.fit.element);
    }

    /** @returns {Field<any>[]} */
    get fields() {
        return [
            this.profile, this.quality, this.fit, this.bitrateMode, this.maximumBitrate, this.keyframeInterval,
            this.intraRefreshPeriod, this.slices,
        ];
    }

    /** @returns {import("./field-checks.js").FieldCheck[]} */
    get checks() {
        return [
            [this.maximumBitrate, bitrateLimits, true],
            [this.keyframeInterval, limits.keyframeInterval, true],
            [this.intraRefreshPeriod, limits.intraRefreshPeriod, true],
            [this.slices, limits.slices, true],
        ];
    }

    value() {
        return /** @type {PictureSettings} */ ({
            profile: this.profile.value || null,
            quality: this.quality.value || null,
            fit: this.fit.value,
            bitrate_mode: this.bitrateMode.value,
            max_bitrate_kbps: this.maximumBitrate.element.hidden ? null : this.maximumBitrate.number,
            keyframe_interval: this.keyframeInterval.number,
            intra_refresh_period: this.intraRefreshPeriod.element.hidden ? null : this.intraRefreshPeriod.number,
            slices: this.slices.number,
        });
    }

    /**
     * What a protocol or another choice rules out is not asked.
     * @param {boolean} needsKeyframes
     */
    draw(needsKeyframes) {
        this.maximumBitrate.element.hidden = this.bitrateMode.value === "cbr";
        this.intraRefreshPeriod.element.hidden = needsKeyframes;
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
