import { numberField, selectField, textField } from "../components/field.js";
import { IconButton } from "../components/icon-button.js";
import { Segmented } from "../components/segmented.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { hasKey, lacksApplication } from "./destinations.js";
import { placed, rangeProblems } from "./field-checks.js";
import { PictureFields } from "./picture-fields.js";

/** @typedef {import("../types/outputs.js").StreamDestination} StreamDestination */

const limits = {
    latency: { min: 20, max: 8000 },
    audioBitrate: { min: 32, max: 256 },
};

/** @type {Record<string, string>} */
const examples = {
    rtmp: "rtmp://live.example.org/app", rtmps: "rtmps://live.example.org/app",
    srt: "srt://live.example.org:9000", rtsp: "rtsp://server.example.org:8554/live",
};

/** One destination of a transmission. Events: `change`, `remove`. */
export class DestinationEditor extends EventTarget {
    #original;

    /** @param {StreamDestination} destination what it does not know stays as it is */
    constructor(destination) {
        super();
        this.#original = structuredClone(destination);
        this.name = textField({
            path: "name", label: t("field.name"), testId: "destination-name", attributes: { maxlength: 200 },
        }, destination.name);
        this.kind = new Segmented(t("destination.kind"), [
            { value: "rtmp", label: "RTMP" }, { value: "rtmps", label: "RTMPS" }, { value: "srt", label: "SRT" },
            { value: "rtsp", label: "RTSP" },
        ], destination.kind, (kind) => this.#kindChanged(kind), "destination-kind");
        this.address = textField({
            path: "address", label: t("destination.address"), testId: "destination-address",
            attributes: { class: "input mono", autocapitalize: "none", spellcheck: "false" },
        }, destination.address);
        this.key = secretField("key", t("destination.key"), destination.key_set, t("destination.key.hint"));
        this.mode = selectField({ path: "srt_mode", label: t("destination.srt.mode"), testId: "destination-srt-mode" },
            ["caller", "listener"].map((value) => ({ value, label: t(`destination.srt.mode.${value}`) })),
            destination.srt_mode ?? "caller");
        this.latency = numberField({
            path: "srt_latency_ms", label: t("destination.srt.latency"), unit: "ms", testId: "destination-srt-latency",
        }, destination.srt_latency_ms ?? 200, limits.latency);
        this.passphrase = secretField(
            "srt_passphrase", t("destination.srt.passphrase"), destination.srt_passphrase_set,
            t("destination.srt.passphrase.hint"));
        this.streamId = secretField(
            "srt_stream_id", t("destination.srt.streamId"), destination.srt_stream_id_set, "");
        this.picture = new PictureFields("destination", destination);
        this.audio = selectField({ path: "audio", label: t("output.audio"), testId: "destination-audio" },
            ["auto", "off"].map((value) => ({ value, label: t(`destination.audio.${value}`) })),
            destination.audio ?? "auto");
        this.audioBitrate = numberField({
            path: "audio_bitrate_kbps", label: t("output.audioBitrate"), unit: "kbit/s",
            testId: "destination-audio-bitrate", attributes: { placeholder: t("output.audio.usual") },
        }, destination.audio_bitrate_kbps, limits.audioBitrate);
        this.silentAudio = new Switch({
            label: t("destination.silentAudio"), hint: t("destination.silentAudio.hint"),
            checked: destination.silent_audio ?? hasKey(destination.kind), testId: "destination-silent-audio",
        });
        this.active = new Switch({
            label: t("destination.active"), hint: t("destination.active.hint"), checked: destination.active,
            testId: "destination-active",
        });
        this.srt = el("div", { class: "stack" },
            el("div", { class: "field-row" }, this.mode.element, this.latency.element),
            el("div", { class: "field-row" }, this.passphrase.element, this.streamId.element));
        const remove = new IconButton(
            "trash", "destination-remove", () => this.dispatchEvent(new Event("remove")), t("destination.remove"),
        );
        this.element = el("fieldset", {
            class: "output", oninput: () => this.#changed(), data: { testid: "destination" },
        },
            el("legend", { class: "visually-hidden" }, t("destination.legend")),
            el("div", { class: "output-head" }, this.kind.element, remove.element),
            this.name.element,
            this.address.element,
            this.key.element,
            this.srt,
            this.active.element,
            el("details", { class: "disclosure" }, el("summary", {}, t("form.advanced")),
                el("div", { class: "stack" },
                    this.picture.element,
                    this.picture.advanced,
                    el("div", { class: "field-row" }, this.audio.element, this.audioBitrate.element),
                    this.silentAudio.element)));
        this.#draw();
    }

    /** @param {number} index where it is in the transmission: the server's problems name it so */
    fields(index) {
        return placed([
            this.name, this.address, this.key, this.mode, this.latency, this.passphrase, this.streamId,
            ...this.picture.fields, this.audio, this.audioBitrate,
        ], `destinations.${index}`);
    }

    /**
     * What is wrong, before the server is asked.
     * @param {number} index
     * @returns {import("../core/server-requests.js").FieldProblem[]}
     */
    problems(index) {
        const checks = [...this.picture.checks];
        checks.push([this.audioBitrate, limits.audioBitrate, true]);
        if (!this.srt.hidden) checks.push([this.latency, limits.latency, false]);
        const problems = rangeProblems(checks, `destinations.${index}`);
        if (!this.address.value) {
            problems.unshift({ path: `destinations.${index}.address`, message: t("destination.address.missing") });
        } else if (lacksApplication(this.kind.value, this.address.value)) {
            const message = t("condition.destination_address_application", { example: examples[this.kind.value] });
            problems.unshift({ path: `destinations.${index}.address`, message });
        }
        return problems;
    }

    /** @returns {StreamDestination} */
    value() {
        /** @type {StreamDestination} */
        const value = {
            ...this.#original,
            name: this.name.value,
            kind: /** @type {StreamDestination["kind"]} */ (this.kind.value),
            address: this.address.value,
            active: this.active.checked,
            ...this.picture.value(),
            audio: /** @type {StreamDestination["audio"]} */ (this.audio.value),
            audio_bitrate_kbps: this.audioBitrate.number,
            silent_audio: this.silentAudio.checked,
        };
        if (!this.key.element.hidden && this.key.control.value) value.key = this.key.value;
        if (this.srt.hidden) return value;
        value.srt_mode = /** @type {StreamDestination["srt_mode"]} */ (this.mode.value);
        value.srt_latency_ms = this.latency.number ?? 200;
        if (this.passphrase.control.value) value.srt_passphrase = this.passphrase.control.value;
        if (this.streamId.control.value) value.srt_stream_id = this.streamId.value;
        return value;
    }

    /**
     * The address keeps its rest, and sound follows what is usual there.
     * @param {string} kind
     */
    #kindChanged(kind) {
        const rest = this.address.value.replace(/^[a-z]*:\/\//, "");
        this.address.value = rest ? `${kind}://${rest}` : "";
        this.silentAudio.checked = hasKey(kind);
        this.#changed();
    }

    #changed() {
        this.#draw();
        this.dispatchEvent(new Event("change"));
    }

    #draw() {
        const kind = this.kind.value;
        this.key.element.hidden = !hasKey(kind);
        this.srt.hidden = kind !== "srt";
        this.picture.draw({
            needsKeyframes: hasKey(kind), takesBFrames: true, codecs: hasKey(kind) ? ["h264"] : ["h264", "h265"],
        });
        this.address.control.placeholder = examples[kind] ?? "";
    }
}

/**
 * A text that no answer shows.
 * @param {string} path
 * @param {string} label
 * @param {boolean | undefined} isSet
 * @param {string} hint
 */
function secretField(path, label, isSet, hint) {
    return textField({
        path, label, hint: isSet ? t("destination.secret.keep") : hint,
        testId: `destination-${path.replaceAll("_", "-")}`,
        attributes: {
            type: "password", autocomplete: "new-password", placeholder: isSet ? "••••••••" : null,
        },
    }, "");
}
