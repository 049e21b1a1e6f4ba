import { whileBusy } from "../components/busy.js";
import { toasts } from "../components/toasts.js";
import { messageText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { mqttForm } from "./mqtt-form.js";
import { section } from "./section.js";

/** @typedef {import("../types/engine.js").MqttStatus} MqttStatus */

const badges = { off: "", connecting: "warn", connected: "good", failed: "bad" };
const refreshMilliseconds = 5000;

/** Events by MQTT, for Home Assistant and others. */
export class MqttSection {
    #api;
    #store;
    #form;
    #state = el("span", { class: "badge dot", data: { testid: "mqtt-state" } });
    #text = el("p", { class: "field-hint", role: "status", hidden: true, data: { testid: "mqtt-text" } });

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.#form = mqttForm(api, store);
        this.test = el("button", {
            class: "button small", type: "button", data: { testid: "mqtt-test" }, onclick: () => void this.#test(),
        }, t("mqtt.test"));
        this.element = section({ id: "mqtt", title: t("mqtt.title"), text: t("mqtt.text") },
            el("div", { class: "card" },
                el("div", { class: "engine-head" },
                    el("div", { class: "engine-summary" }, this.#state, this.#text),
                    el("div", { class: "actions" }, this.test)),
                this.#form.element));
        store.addEventListener("change", () => {
            if (!store.settings?.mqtt) return;
            this.#form.update(store.settings);
            void this.#askForStatus();
        });
        setInterval(() => void this.#askForStatus(), refreshMilliseconds);
    }

    async #askForStatus() {
        if (document.hidden || !this.#store.settings) return;
        try {
            this.#show(await this.#api.mqttStatus());
        } catch {
            // What else is wrong says the page.
        }
    }

    /** @param {MqttStatus} status */
    #show({ state, broker, from_supervisor: isSupervisors, since_unix: since, problem, published, lost }) {
        this.#state.className = `badge dot ${badges[state]}`;
        setText(this.#state, t(`mqtt.state.${state}`));
        const text = [
            problem && state !== "off" && messageText(problem),
            state === "connected" && broker && t(isSupervisors ? "mqtt.with.supervisor" : "mqtt.with", { broker }),
            since !== null && t("mqtt.since", { time: new Date(since * 1000).toLocaleString(document.documentElement.lang) }),
            published > 0 && t("mqtt.published", { count: published }),
            lost > 0 && t("mqtt.lost", { count: lost }),
        ].filter(Boolean).join(" · ");
        setText(this.#text, text);
        this.#text.hidden = text === "";
    }

    async #test() {
        if (this.#form.isDirty) {
            toasts.show(t("mqtt.test.unsaved"), "bad");
            return;
        }
        try {
            const { problem } = await whileBusy(this.test, () => this.#api.testMqtt());
            if (problem) toasts.show(messageText(problem), "bad");
            else toasts.show(t("mqtt.test.works"), "good");
        } catch (error) {
            toasts.showError(error);
        }
    }
}
