import { KeyedList } from "../components/keyed-list.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { codedText } from "../core/coded-text.js";
import { el, setText } from "../core/dom.js";
import { formatNumber, t } from "../core/i18n.js";

/** @typedef {import("../types/runtime.js").RuntimeDestination} RuntimeDestination */
/** @typedef {import("../types/outputs.js").StreamDestination} StreamDestination */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */

const badges = { off: "", connecting: "warn", sending: "good", waiting: "bad" };

/** The destinations of a transmission, each with a switch and with how it goes. */
export class DestinationRows {
    #api;
    #store;
    #list;
    #transmission = "";

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.element = el("div", { class: "row-destinations", hidden: true, data: { testid: "destinations" } });
        this.#list = new KeyedList(
            this.element, (/** @type {StreamDestination} */ destination) => destination.id,
            (destination) => this.#row(destination));
    }

    /** @param {Transmission} transmission */
    update(transmission) {
        this.#transmission = transmission.id;
        const destinations = transmission.destinations ?? [];
        this.element.hidden = destinations.length === 0;
        this.#list.update(destinations);
    }

    /** @param {StreamDestination} destination */
    #row(destination) {
        let current = destination;
        const name = el("span", { class: "row-title" });
        const state = el("span", { class: "badge dot", data: { testid: "destination-state" } });
        const sentence = el("span", { class: "row-text", data: { testid: "destination-sentence" } });
        const active = new Switch({
            label: t("destination.active"), labelHidden: true, checked: destination.active,
            testId: "destination-switch",
        }, (checked) => void this.#switch(current, active, checked));
        const element = el("div", { class: "row-destination", data: { destination: destination.id } },
            active.element,
            el("div", { class: "row-main" }, el("span", { class: "row-heading" }, name, state), sentence));
        return {
            element,
            update: (/** @type {StreamDestination} */ changed) => {
                current = changed;
                const runtime = this.#store.destinations.find((other) =>
                    other.transmission_id === this.#transmission && other.destination_id === changed.id);
                active.checked = changed.active;
                setText(name, changed.name || changed.address);
                state.hidden = !runtime;
                sentence.hidden = !runtime;
                if (!runtime) return;
                state.className = `badge dot ${badges[runtime.state]}`;
                setText(state, t(`destination.state.${runtime.state}`));
                setText(sentence, destinationSentence(runtime));
            },
        };
    }

    /**
     * @param {StreamDestination} destination
     * @param {Switch} control
     * @param {boolean} active
     */
    async #switch(destination, control, active) {
        try {
            await this.#api.switchDestination(this.#transmission, destination.id, active);
        } catch (error) {
            control.checked = !active;
            toasts.showError(error);
            return;
        }
        await this.#store.refresh();
    }
}

/**
 * How it goes with a destination, in one line.
 * @param {RuntimeDestination} runtime
 */
export function destinationSentence(runtime) {
    if (runtime.state !== "sending" || runtime.message_code !== "destination_sending") {
        return codedText(runtime.message_code, runtime.message_parameters, runtime.message);
    }
    const megabytes = runtime.bytes_sent / 1e6;
    return [
        runtime.bitrate_kbps === null ? null : t("destination.rate", { kbps: formatNumber(runtime.bitrate_kbps, 0) }),
        t("destination.sent", { megabytes: formatNumber(megabytes, megabytes < 10 ? 1 : 0) }),
        runtime.frames_dropped > 0 ? t("destination.dropped", { count: runtime.frames_dropped }) : null,
    ].filter(Boolean).join(" · ");
}
