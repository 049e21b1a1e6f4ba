import { numberField, selectField, textField } from "../components/field.js";
import { IconButton } from "../components/icon-button.js";
import { Segmented } from "../components/segmented.js";
import { Switch } from "../components/switch.js";
import { el } from "../core/dom.js";
import { formatNumber, t } from "../core/i18n.js";
import { audioChoices, carriesAudio, encodesAudio } from "./encoding.js";
import { placed, rangeProblems } from "./field-checks.js";
import { PictureFields } from "./picture-fields.js";

/** @typedef {import("../types/outputs.js").OutputProtocol} OutputProtocol */
/** @typedef {import("../types/outputs.js").TransmissionOutput} TransmissionOutput */

const audioBitrateLimits = { min: 8, max: 320 };
const audioSampleRates = [8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];
const automatic = "auto";

/** One output of a transmission. Events: `change`, `remove`. */
export class OutputEditor extends EventTarget {
    #original;

    /** @param {TransmissionOutput} output what it does not know stays as it is */
    constructor(output) {
        super();
        this.#original = structuredClone(output);
        const { authentication } = output;
        this.protocol = new Segmented(t("output.protocol"), [
            { value: "hls", label: "HLS" },
            { value: "rtsp", label: "RTSP" },
            { value: "webrtc", label: "WebRTC" },
        ], output.protocol, () => this.#changed(), "output-protocol");
        this.enabled = new Switch({ label: t("output.enabled"), checked: output.enabled, testId: "output-enabled" });
        this.picture = new PictureFields("output", output);
        this.audio = selectField({
            path: "audio", label: t("output.audio"), hint: t("output.audio.hint"), testId: "output-audio",
        }, audioChoices.map((value) => ({ value, label: t(`output.audio.${value}`) })), output.audio ?? automatic);
        this.audioBitrate = numberField({
            path: "audio_bitrate_kbps", label: t("output.audioBitrate"), unit: "kbit/s", testId: "output-audio-bitrate",
            attributes: { placeholder: t("output.audio.usual") },
        }, output.audio_bitrate_kbps ?? null, audioBitrateLimits);
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
        this.metadata = new Switch({
            label: t("output.metadata"), hint: t("output.metadata.hint"), checked: output.metadata ?? false,
            testId: "output-metadata",
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
        this.credentials = el("div", { class: "field-row" }, this.username.element, this.password.element);
        const remove = new IconButton(
            "trash", "output-remove", () => this.dispatchEvent(new Event("remove")), t("output.remove"),
        );
        this.element = el("fieldset", { class: "output", oninput: () => this.#changed(), data: { testid: "output" } },
            el("legend", { class: "visually-hidden" }, t("output.legend")),
            el("div", { class: "output-head" }, this.protocol.element, remove.element),
            this.picture.element,
            this.protected.element,
            this.credentials,
            this.enabled.element,
            el("details", { class: "disclosure" }, el("summary", {}, t("form.advanced")),
                el("div", { class: "stack" },
                    this.picture.advanced, this.audio.element, this.encodedAudio, this.metadata.element)));
        this.#draw();
    }

    /** @param {number} index where it is in the transmission: the server's problems name it so */
    fields(index) {
        return placed([
            ...this.picture.fields, this.audio, this.audioBitrate, this.audioSampleRate, this.audioChannels,
            this.username, this.password,
        ], `outputs.${index}`);
    }

    /**
     * What is wrong, before the server is asked.
     * @param {number} index
     * @returns {import("../core/server-requests.js").FieldProblem[]}
     */
    problems(index) {
        /** @type {import("./field-checks.js").FieldCheck[]} */
        const sound = encodesAudio(this.audio.value) ? [[this.audioBitrate, audioBitrateLimits, true]] : [];
        const problems = rangeProblems([...this.picture.checks, ...sound], `outputs.${index}`);
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
            ...this.picture.value(),
            audio: /** @type {TransmissionOutput["audio"]} */ (this.audio.value),
            ...this.#encodedAudio(),
            metadata: this.metadata.checked,
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
        this.credentials.hidden = !this.protected.checked;
        const isWebRTC = this.protocol.value === "webrtc";
        this.picture.draw({
            needsKeyframes: this.protocol.value !== "rtsp", takesBFrames: !isWebRTC,
            codecs: isWebRTC ? ["h264"] : ["h264", "h265"],
        });
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
