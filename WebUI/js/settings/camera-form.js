import { numberField, selectField, textField } from "../components/field.js";
import { Segmented } from "../components/segmented.js";
import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { slug } from "../core/slug.js";
import { cameraAddressProblem } from "./camera-address.js";
import { HomeAssistantCameras } from "./home-assistant-cameras.js";

/** @typedef {import("../types/cameras.js").Camera} Camera */
/** @typedef {import("../types/cameras.js").CameraDraft} CameraDraft */
/** @typedef {import("../types/cameras.js").CameraTransport} CameraTransport */

const demoURL = "demo:";
/** What the address of a camera begins with whose picture a program sends to us. */
const inputPrefix = "input:";
/** @type {readonly CameraTransport[]} */
const transports = ["auto", "tcp", "udp"];
const soundTracks = { min: 1, max: 16 };

/** What has to be known about a camera. Event: `change`, whenever something was typed or chosen. */
export class CameraForm extends EventTarget {
    #camera;
    /** The name that came with a camera of Home Assistant. */
    #givenName = "";

    /**
     * @param {Camera | null} camera the one to change, if any
     * @param {import("../core/api.js").ApiClient} api
     * @param {{offersInput?: boolean}} [options] whether it may be one that a program sends
     */
    constructor(camera, api, { offersInput = true } = {}) {
        super();
        this.#camera = camera;
        const isDemo = camera?.url === demoURL;
        const isInput = camera?.url.startsWith(inputPrefix) ?? false;
        this.kind = new Segmented(t("camera.kind"), [
            { value: "address", label: t("camera.kind.address") },
            ...offersInput ? [{ value: "input", label: t("camera.kind.input") }] : [],
            { value: "demo", label: t("camera.kind.demo") },
        ], isDemo ? "demo" : isInput ? "input" : "address", () => this.#changed(), "camera-kind");
        this.name = textField({
            path: "name", label: t("field.name"), testId: "camera-name",
            attributes: { placeholder: t("camera.name.placeholder"), autocomplete: "off", maxlength: 200 },
        }, camera?.name ?? "");
        this.url = textField({
            path: "url", label: t("camera.url"), hint: t("camera.url.hint"), testId: "camera-url",
            attributes: {
                class: "input mono", inputmode: "url", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
                placeholder: "rtsp://192.168.1.20/stream1", onchange: () => this.#moveCredentials(),
            },
        }, isDemo || isInput ? "" : camera?.url ?? "");
        this.inputName = textField({
            path: "url", label: t("camera.input.name"), testId: "camera-input-name",
            hint: t(isInput ? "camera.input.name.change" : "camera.input.name.hint"),
            attributes: {
                class: "input mono", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 64,
            },
        }, isInput ? camera?.url.slice(inputPrefix.length) ?? "" : "");
        this.username = textField({
            path: "username", label: t("field.username"), testId: "camera-username",
            attributes: { autocomplete: "off", autocapitalize: "none", spellcheck: "false" },
        }, camera?.username ?? "");
        this.password = textField({
            path: "password", label: t("field.password"), testId: "camera-password",
            hint: camera?.password_set ? t("field.password.keep") : "",
            attributes: {
                type: "password", autocomplete: "new-password", placeholder: camera?.password_set ? "••••••••" : null,
            },
        }, "");
        this.transport = selectField({
            path: "transport",
            label: t("camera.transport"),
            hint: t("camera.transport.hint"),
            testId: "camera-transport",
        }, transports.map((value) => ({ value, label: t(`camera.transport.${value}`) })), camera?.transport ?? "auto");
        this.soundTrack = numberField({
            path: "sound_track",
            label: t("camera.soundTrack"),
            hint: t("camera.soundTrack.hint"),
            testId: "camera-sound-track",
        }, camera?.sound_track, soundTracks);
        this.microphones = el("datalist", { id: "camera-microphones" });
        this.microphone = textField({
            path: "microphone", label: t("camera.microphone"), hint: t("camera.microphone.hint"), testId: "camera-microphone",
            attributes: {
                class: "input mono", list: this.microphones.id, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
                placeholder: "alsa:default", onfocus: () => this.#loadMicrophones(api),
            },
        }, camera?.microphone ?? "");
        this.homeAssistant = new HomeAssistantCameras(api, (chosen) => this.#take(chosen));
        /** What a camera of Home Assistant does not have. */
        this.accountFields = el("div", { class: "stack" },
            el("div", { class: "field-row" }, this.username.element, this.password.element),
            el("details", { class: "disclosure" }, el("summary", {}, t("form.advanced")),
                el("div", { class: "stack" },
                    this.transport.element, this.soundTrack.element, this.microphone.element, this.microphones)));
        this.addressFields = el("div", { class: "stack" },
            this.homeAssistant.element, this.url.element, this.accountFields);
        this.inputFields = el("div", { class: "stack" },
            this.inputName.element, !isInput && el("p", { class: "field-hint" }, t("camera.input.hint")));
        this.demoHint = el("p", { class: "field-hint" }, t("camera.demo.hint"));
        this.element = el("div", { class: "stack", oninput: () => this.#changed() },
            this.kind.element, this.name.element, this.addressFields, this.inputFields, this.demoHint);
        this.#drawKind();
    }

    get fields() {
        return [
            this.name, this.isInput ? this.inputName : this.url, this.username, this.password, this.transport, this.soundTrack,
            this.microphone,
        ];
    }

    get isDemo() {
        return this.kind.value === "demo";
    }

    /** Whether a program sends the picture. */
    get isInput() {
        return this.kind.value === "input";
    }

    /** Whether the server reads it at an address that is typed. */
    get hasAddress() {
        return !this.isDemo && !this.isInput;
    }

    /**
     * What is typed, as the server takes it. A blank password is left out: the stored one stays.
     * @returns {CameraDraft}
     */
    draft() {
        const name = this.name.value || (this.isDemo ? t("camera.demo.name") : "");
        const plain = { username: null, transport: /** @type {const} */ ("auto"), sound_track: null, microphone: null };
        if (this.isDemo) return { name, url: demoURL, ...plain };
        if (this.isInput) return { name, url: inputPrefix + slug(this.inputName.value || name, "input"), ...plain };
        /** @type {CameraDraft} */
        const draft = {
            name,
            url: this.url.value,
            username: this.username.value || null,
            transport: /** @type {CameraTransport} */ (this.transport.value),
            sound_track: this.soundTrack.number,
            microphone: this.microphone.value || null,
        };
        // A password may begin or end with a space.
        if (this.password.control.value) draft.password = this.password.control.value;
        return draft;
    }

    /**
     * What to test: what is typed, with the stored camera's password where none is.
     * @returns {CameraDraft & {camera_id?: string}}
     */
    testSubject() {
        return this.#camera ? { ...this.draft(), camera_id: this.#camera.id } : this.draft();
    }

    /**
     * What is missing or wrong, before the server is asked.
     * @param {{needsName: boolean}} options
     * @returns {import("../core/server-requests.js").FieldProblem[]}
     */
    missing({ needsName }) {
        const problems = [];
        if (needsName && !this.isDemo && !this.name.value) problems.push({
            path: "name", message: t("camera.name.missing"),
        });
        const wrong = this.hasAddress ? cameraAddressProblem(this.url.value) : null;
        if (wrong) problems.push({ path: "url", message: t(wrong.key, wrong.parameters) });
        const { number } = this.soundTrack;
        if (this.hasAddress && number !== null && !(Number.isInteger(number) && number >= soundTracks.min && number <= soundTracks.max)) {
            problems.push({ path: "sound_track", message: t("form.range", soundTracks) });
        }
        return problems;
    }

    /**
     * Offers what is plugged in; any other name of ALSA can be typed.
     * @param {import("../core/api.js").ApiClient} api
     */
    async #loadMicrophones(api) {
        if (this.microphones.childElementCount > 0) return;
        try {
            fill(this.microphones, [{ address: "alsa:default", name: t("camera.microphone.default") }, ...await api.microphones()]
                .map(({ address, name }) => el("option", { value: address }, name)));
        } catch (error) {
            // The page says itself when the server is gone.
            console.info(error);
        }
    }

    #changed() {
        this.#drawKind();
        this.dispatchEvent(new Event("change"));
    }

    #drawKind() {
        this.addressFields.hidden = !this.hasAddress;
        this.inputFields.hidden = !this.isInput;
        this.inputName.control.placeholder = slug(this.name.value, "input");
        this.accountFields.hidden = this.url.value.startsWith("homeassistant:");
        this.demoHint.hidden = !this.isDemo;
        this.name.control.placeholder = this.isDemo ? t("camera.demo.name") : t("camera.name.placeholder");
    }

    /** @param {import("../types/server.js").HomeAssistantCamera} chosen */
    #take(chosen) {
        this.url.value = chosen.url;
        this.username.value = "";
        this.password.value = "";
        if (this.name.value === this.#givenName) this.name.value = chosen.name;
        this.#givenName = chosen.name;
        for (const field of [this.name, this.url]) field.setProblem(null);
        this.#changed();
    }

    /** Moves a name and a password from the address to their fields, where the password is kept secret. */
    #moveCredentials() {
        let address;
        try {
            address = new URL(this.url.value);
        } catch {
            return;
        }
        if (!address.username && !address.password) return;
        this.username.value = decode(address.username) || this.username.value;
        this.password.value = decode(address.password) || this.password.value;
        this.url.value = this.url.value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
        this.#changed();
    }
}

/** @param {string} text */
function decode(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
