import { Field, numberField, selectField, textField } from "../components/field.js";
import { IconButton } from "../components/icon-button.js";
import { Segmented } from "../components/segmented.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { formatNumber, t } from "../core/i18n.js";
import { audioChoices, carriesAudio, defaultResolution, encodesAudio, resolutionPresets } from "./encoding.js";
import { VideoSettingsFields } from "./video-settings-fields.js";

/** @typedef {import("../core/types.js").OutputProtocol} OutputProtocol */
/** @typedef {import("../core/types.js").TransmissionOutput} TransmissionOutput */

const limits = {
    width: { min: 1, max: 7680 },
    height: { min: 1, max: 4320 },
    fps: { min: 1, max: 120 },
    bitrate: { min: 64, max: 250_000 },
    audioBitrate: { min: 8, max: 320 },
};
const audioSampleRates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
/** @type {readonly import("../core/types.js").EncoderChoice[]} */
const encoders = ["cpu", "auto", "vaapi", "qsv", "nvenc", "v4l2m2m", "videotoolbox"];
const automatic = "auto";
const custom = "custom";

/** One output of a transmission. Events: `change`, `remove`. */
export class OutputEditor extends EventTarget {
    #original;

    /** @param {TransmissionOutput} output what it does not know stays as it is */
    constructor(output) {
        super();
        this.#original = structuredClone(output);
        const { resolution, authentication } = output;
        this.protocol = new Segmented(t("output.protocol"), [
            { value: "hls", label: "HLS" },
            { value: "rtsp", label: "RTSP" },
            { value: "webrtc", label: "WebRTC" },
        ], output.protocol, () => this.#changed(), "output-protocol");
        this.enabled = new Switch({ label: t("output.enabled"), checked: output.enabled, testId: "output-enabled" });
        this.size = selectField({
            path: "resolution", label: t("output.resolution"), hint: t("output.resolution.hint"),
            testId: "output-resolution",
        }, [
            { value: automatic, label: t("output.asCamera") },
            ...resolutionPresets.map((preset) => ({ value: sizeText(preset), label: sizeText(preset) })),
            { value: custom, label: t("output.resolution.custom") },
        ], sizeChoice(resolution));
        this.width = numberField({
            path: "resolution.width", label: t("output.width"), unit: "px", testId: "output-width",
        },
            resolution?.width ?? defaultResolution.width, limits.width);
        this.height = numberField({
            path: "resolution.height", label: t("output.height"), unit: "px", testId: "output-height",
        },
            resolution?.height ?? defaultResolution.height, limits.height);
        this.fps = numberField({
            path: "fps_limit", label: t("output.fps"), unit: "fps", hint: t("output.fps.hint"), testId: "output-fps",
            attributes: { placeholder: t("output.asCamera") },
        }, output.fps_limit, limits.fps);
        this.bitrate = numberField({
            path: "bitrate_kbps", label: t("output.bitrate"), unit: "kbit/s", hint: t(
                "output.bitrate.hint",
            ), testId: "output-bitrate",
            attributes: { placeholder: t("output.asCamera") },
        }, output.bitrate_kbps, limits.bitrate);
        this.latency = selectField({
            path: "latency_profile", label: t("output.latency"), hint: t("output.latency.hint"),
            testId: "output-latency",
        },
            ["normal", "low", "ultra_low"].map((value) => ({
                value, label: t(`output.latency.${value}`),
            })), output.latency_profile);
        this.encoder = selectField({
            path: "encoder", label: t("output.encoder"), hint: t("output.encoder.hint"), testId: "output-encoder",
        }, encoders.map((value) => ({ value, label: t(`output.encoder.${value}`) })), output.encoder ?? "cpu");
        this.video = new VideoSettingsFields(output);
        this.audio = selectField({
            path: "audio", label: t("output.audio"), hint: t("output.audio.hint"), testId: "output-audio",
        }, audioChoices.map((value) => ({ value, label: t(`output.audio.${value}`) })), output.audio ?? automatic);
        this.audioBitrate = numberField({
            path: "audio_bitrate_kbps", label: t("output.audioBitrate"), unit: "kbit/s", testId: "output-audio-bitrate",
            attributes: { placeholder: t("output.audio.usual") },
        }, output.audio_bitrate_kbps ?? null, limits.audioBitrate);
        this.audioSampleRate = selectField({
            path: "audio_sample_rate", label: t("output.audioSampleRate"), testId: "output-audio-sample-rate",
        }, [
            { value: "", label: t("output.audio.usual") },
            ...audioSampleRates.map((rate) => ({ value: String(rate), label: `${formatNumber(rate / 1000, 3)} kHz` })),
        ], String(output.audio_sample_rate ?? ""));
        this.audioChannels = selectField({
            path: "audio_channels", label: t("output.audioChannels"), testId: "output-audio-channels",
        }, ["", "1", "2"].map((value) => ({
            value, label: t(value ? `output.audioChannels.${value}` : "output.asCamera"),
        })), String(output.audio_channels ?? ""));
        this.placeholderText = new Switch({
            label: t("output.placeholderText"), hint: t("output.placeholderText.hint"),
            checked: output.placeholder_text ?? true, testId: "output-placeholder-text",
        });
        this.protected = new Switch({
            label: t("output.protected"), hint: t(
                "output.protected.hint",
            ), checked: authentication?.enabled ?? false, testId: "output-protected",
        });
        this.username = textField({
            path: "authentication.username", label: t("field.username"), testId: "output-username",
            attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false" },
        }, authentication?.username ?? "");
        this.password = textField({
            path: "authentication.password", label: t("field.password"), testId: "output-password",
            hint: authentication?.password_set ? t("field.password.keep") : "",
            attributes: {
                type: "password", autocomplete: "new-password",
                placeholder: authentication?.password_set ? "••••••••" : null,
            },
        }, "");
        this.encodedAudio = el("div", { class: "field-row" },
            this.audioBitrate.element, this.audioSampleRate.element, this.audioChannels.element);
        this.customSize = el("div", { class: "field-row" }, this.width.element, this.height.element);
        this.credentials = el("div", { class: "field-row" }, this.username.element, this.password.element);
        const remove = new IconButton(
            "trash", "output-remove", () => this.dispatchEvent(new Event("remove")), t("output.remove"),
        );
        this.element = el("fieldset", { class: "output", oninput: () => this.#changed(), data: { testid: "output" } },
            el("legend", { class: "visually-hidden" }, t("output.legend")),
            el("div", { class: "output-head" }, this.protocol.element, remove.element),
            el("div", { class: "field-row" }, this.size.element, this.fps.element),
            this.customSize,
            el("div", { class: "field-row" }, this.bitrate.element, this.latency.element),
            this.protected.element,
            this.credentials,
            this.enabled.element,
            el("details", { class: "disclosure" }, el("summary", {}, t("form.advanced")),
                el("div", { class: "stack" }, this.encoder.element, this.video.element, this.audio.element, this.encodedAudio,
                    this.placeholderText.element)));
        this.#draw();
    }

    /** @param {number} index where it is in the transmission: the server's problems name it so */
    fields(index) {
        /** @type {Field<any>[]} */
        const own = [
            this.width, this.height, this.size, this.fps, this.bitrate, this.latency, this.encoder, this.audio,
            this.audioBitrate, this.audioSampleRate, this.audioChannels, this.username, this.password,
            ...this.video.fields,
        ];
        return own.map((field) => ({
            path: `outputs.${index}.${field.path}`,
            setProblem: field.setProblem.bind(field),
            focus: field.focus.bind(field),
        }));
    }

    /**
     * What is wrong, before the server is asked.
     * @param {number} index
     * @returns {import("../core/server-requests.js").FieldProblem[]}
     */
    problems(index) {
        const custom = !this.customSize.hidden;
        /** @type {[Field<any>, {min: number, max: number}, boolean][]} */
        const checks = [
            [this.fps, limits.fps, true],
            [this.bitrate, limits.bitrate, true],
            ...this.video.checks,
            ...(encodesAudio(this.audio.value) ? /** @type {[Field<any>, {min: number, max: number}, boolean][]} */ ([
                [this.audioBitrate, limits.audioBitrate, true],
            ]) : []),
            ...(custom ? /** @type {[Field<any>, {min: number, max: number}, boolean][]} */ ([
                [this.width, limits.width, false], [this.height, limits.height, false],
            ]) : []),
        ];
        const problems = checks
            .filter(([{ number }, { min, max }, optional]) =>
                number === null ? !optional : !(Number.isInteger(number) && number >= min && number <= max))
            .map(([field, range]) => ({ path: `outputs.${index}.${field.path}`, message: t("form.range", range) }));
        if (this.protected.checked && !this.username.value) {
            problems.push({ path: `outputs.${index}.authentication.username`, message: t("output.username.missing") });
        }
        if (this.protected.checked && !this.password.control.value && !this.#original.authentication?.password_set) {
            problems.push({ path: `outputs.${index}.authentication.password`, message: t("output.password.missing") });
        }
        return problems;
    }

    /** @returns {TransmissionOutput} */
    value() {
        return {
            ...this.#original,
            protocol: /** @type {OutputProtocol} */ (this.protocol.value),
            enabled: this.enabled.checked,
            resolution: this.#resolution(),
            fps_limit: this.fps.number,
            bitrate_kbps: this.bitrate.number,
            latency_profile: /** @type {TransmissionOutput["latency_profile"]} */ (this.latency.value),
            encoder: /** @type {TransmissionOutput["encoder"]} */ (this.encoder.value),
            ...this.video.value(),
            audio: /** @type {TransmissionOutput["audio"]} */ (this.audio.value),
            ...this.#encodedAudio(),
            placeholder_text: this.placeholderText.checked,
            authentication: this.#authentication(),
        };
    }

    #encodedAudio() {
        if (!encodesAudio(this.audio.value)) {
            return { audio_bitrate_kbps: null, audio_sample_rate: null, audio_channels: null };
        }
        return {
            audio_bitrate_kbps: this.audioBitrate.number,
            audio_sample_rate: Number(this.audioSampleRate.value) || null,
            audio_channels: Number(this.audioChannels.value) || null,
        };
    }

    #resolution() {
        const choice = this.size.value;
        if (choice === automatic) return null;
        if (choice === custom) return { width: this.width.number ?? 0, height: this.height.number ?? 0 };
        return resolutionPresets.find((preset) => sizeText(preset) === choice) ?? null;
    }

    /** Without a password in it, the stored one stays. */
    #authentication() {
        const enabled = this.protected.checked;
        const username = this.username.value || null;
        if (!enabled && !username && !this.#original.authentication) return null;
        const password = this.password.control.value;
        return password ? { enabled, username, password } : { enabled, username };
    }

    #changed() {
        this.#draw();
        this.dispatchEvent(new Event("change"));
    }

    #draw() {
        this.customSize.hidden = this.size.value !== custom;
        this.credentials.hidden = !this.protected.checked;
        this.video.draw(this.protocol.value);
        this.#drawAudio();
    }

    /** What the protocol does not carry can't be chosen. */
    #drawAudio() {
        for (const option of this.audio.control.options) {
            const isCarried = carriesAudio(this.protocol.value, option.value);
            option.hidden = option.disabled = !isCarried;
            if (!isCarried && option.selected) this.audio.value = automatic;
        }
        this.encodedAudio.hidden = !encodesAudio(this.audio.value);
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
