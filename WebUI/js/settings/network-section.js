import { copyButton } from "../components/copy-button.js";
import { qrDisclosure } from "../components/qr-disclosure.js";
import { codedText } from "../core/coded-text.js";
import { el, fill } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { isLoopback } from "../player/playable-output.js";
import { section } from "./section.js";

/** Where these pages and the streams can be reached from elsewhere. */
export class NetworkSection {
    #api;
    #store;
    #content = el("div", { class: "card stack", data: { testid: "network" } });
    #drawn = "";

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.element = section({ id: "network", title: t("network.title"), text: t("network.text") }, this.#content);
        store.addEventListener("change", () => void this.#update());
    }

    /** Asks anew only when something that it depends on is another. */
    async #update() {
        const isExposed = this.#store.settings?.engine.expose_to_lan ?? false;
        const version = String(isExposed);
        if (version === this.#drawn) return;
        this.#drawn = version;
        try {
            this.#draw(await this.#api.network(), isExposed);
        } catch (error) {
            this.#drawn = "";
            fill(this.#content, el("div", { class: "alert bad" }, icon("alert"), el("span", {}, errorText(error))));
        }
    }

    /**
     * @param {import("../types/server.js").Network} network
     * @param {boolean} isExposed whether the engine is
     */
    #draw(network, isExposed) {
        const here = new URL(".", document.baseURI).href;
        const isReached = !isLoopback(window.location.hostname);
        const others = network.addresses.filter(({ url }) => url !== here);
        const problem = codedText(network.problem_code, network.problem_parameters, network.problem);
        fill(this.#content,
            isReached && address(t("network.thisPage"), here),
            problem && el("div", { class: "alert warn" }, icon("alert"), el("span", {}, problem)),
            !isReached && !network.is_open && !problem && el("p", {}, t("network.local")),
            network.is_open && others.length > 0 && el("p", {}, t("network.reachable")),
            others.map((entry) => address(t("network.interface", { name: entry.interface }), entry.url)),
            network.is_open && !isReached && others.length === 0 && el("p", {}, t("network.none")),
            el("p", { class: "field-hint" }, t(isExposed ? "network.streamsOpen" : "network.streamsLocal")));
    }
}

/**
 * @param {string} name
 * @param {string} url
 */
function address(name, url) {
    return el("div", { class: "output-address", data: { testid: "network-address" } },
        el("span", { class: "field-label" }, name),
        el("div", { class: "address-line" },
            el("code", { class: "address-url mono" }, url), copyButton(() => url, "network-copy")),
        qrDisclosure(url));
}
