import { copyButton } from "../components/copy-button.js";
import { qrDisclosure } from "../components/qr-disclosure.js";
import { KeyedList } from "../components/keyed-list.js";
import { codedText, messageText } from "../core/coded-text.js";
import { el, fill, setText } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { isLoopback } from "../player/playable-output.js";
import { addToHomeAssistant } from "./home-assistant.js";
import { section } from "./section.js";
import { snippets } from "./snippets.js";

/** @typedef {import("../types/runtime.js").OutputURL} OutputURL */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */
/** @typedef {import("../types/runtime.js").TransmissionURLs} TransmissionURLs */

/** The addresses of the outputs, for other programs. */
export class AddressSection {
    #api;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        const list = el("div", { class: "card list", data: { testid: "addresses" } });
        const empty = el("p", { class: "card soft", hidden: true }, t("addresses.empty"));
        const rows = new KeyedList(
            list, (/** @type {Transmission} */ transmission) => transmission.id,
            (transmission) => this.#row(transmission),
        );
        this.element = section({
            id: "addresses", title: t("addresses.title"), text: t("addresses.text"),
        }, list, empty);
        store.addEventListener("change", () => {
            rows.update(store.transmissions.filter((transmission) => transmission.enabled));
            list.hidden = list.childElementCount === 0;
            empty.hidden = !list.hidden;
        });
    }

    /** @param {Transmission} transmission */
    #row(transmission) {
        const title = el("span", { class: "row-title" });
        const content = el("div", { class: "address-list" });
        let version = "";
        const load = async () => {
            fill(content, el("span", { class: "spinner", role: "img", "aria-label": t("addresses.loading") }));
            try {
                this.#draw(content, await this.#api.urls(transmission.id));
            } catch (error) {
                fill(content, el("div", { class: "alert bad" }, icon("alert"), el("span", {}, errorText(error))));
            }
        };
        const element = el("details", {
            class: "address", data: { testid: "address", transmission: transmission.id },
            ontoggle: () => element.open && void load(),
        }, el("summary", {}, icon("link"), title), content);
        return {
            element,
            update: (/** @type {Transmission} */ changed) => {
                setText(title, changed.name || changed.path);
                const now = JSON.stringify([changed.path, changed.outputs]);
                if (version !== now && element.open) void load();
                version = now;
            },
        };
    }

    /**
     * @param {HTMLElement} content
     * @param {TransmissionURLs} urls
     */
    #draw(content, urls) {
        const local = urls.outputs.some(
            (output) => isLoopback(new URL(output.url).hostname),
        ) && !isLoopback(window.location.hostname);
        fill(content,
            urls.warning_messages.map((warning) => el(
                "div", { class: "alert warn" }, icon("alert"), el("span", {}, messageText(warning)),
            )),
            local && el("div", { class: "alert warn" }, icon("alert"), el("span", {}, t("addresses.local"))),
            urls.outputs.length === 0 && el("p", { class: "field-hint" }, t("outputs.none")),
            urls.outputs.map((output) => outputAddress(
                output, output.protocol === "rtsp" && addToHomeAssistant(this.#api, urls.transmission_id, output),
            )));
    }
}

/**
 * @param {string} name of the protocol
 * @param {string} url
 * @param {string} testid
 */
function addressLine(name, url, testid) {
    return el("div", { class: "address-line" },
        el("span", { class: "badge protocol" }, name),
        el("code", { class: "address-url mono", data: { testid } }, url), copyButton(() => url, `${testid}-copy`));
}

/**
 * @param {OutputURL} output
 * @param {Node | false | null} home what adds it to Home Assistant
 */
function outputAddress(output, home) {
    const problem = codedText(output.problem_code, output.problem_parameters, output.problem ?? null);
    return el("div", { class: "output-address", data: { testid: "output-address", protocol: output.protocol } },
        addressLine(output.protocol === "webrtc" ? "WebRTC" : output.protocol.toUpperCase(), output.url, "url"),
        output.rtsps_url && addressLine("RTSPS", output.rtsps_url, "rtsps-url"),
        problem && el("div", { class: "alert warn" }, icon("alert"), el("span", {}, problem)),
        output.requires_auth && el("p", { class: "field-hint" }, t("addresses.auth", {
            user: output.auth_username ?? "",
        })),
        home,
        el("details", { class: "disclosure" }, el("summary", {}, t("addresses.snippets")),
            snippets(output).map((snippet) => el("div", { class: "snippet" },
                el("header", {},
                    el("span", {}, snippet.name), copyButton(() => snippet.text, "snippet-copy")),
                el("pre", { data: { testid: "snippet", name: snippet.name } }, snippet.text)))),
        output.protocol !== "webrtc" && qrDisclosure(output.url));
}
