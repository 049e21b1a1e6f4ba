import { confirmAction } from "../components/confirm-dialog.js";
import { IconButton } from "../components/icon-button.js";
import { KeyedList } from "../components/keyed-list.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { formatNumber, t } from "../core/i18n.js";
import { outputMessage } from "../core/output-message.js";
import { StillPicture } from "../player/still-picture.js";
import { StreamServer } from "../player/stream-server.js";
import { DestinationRows } from "./destination-rows.js";
import { transmissionOf } from "./pipeline-facts.js";
import { tellingOutput, viewerCount } from "./runtime-facts.js";
import { section } from "./section.js";
import { TransmissionSheet } from "./transmission-sheet.js";

/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */

/** Pixels of a small picture on a sharp display. */
const stillWidth = 192;
/** @type {import("../player/still-picture.js").StillWish} */
const runningStill = { maxAge: 5, every: 5, waits: true };
/**
 * A camera is not started each minute for a small picture.
 * @type {import("../player/still-picture.js").StillWish}
 */
const idleStill = { maxAge: 3600, every: 60, waits: true };

/** The transmissions, with what each is doing now. */
export class TransmissionSection {
    #api;
    #store;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        const list = el("div", { class: "card list", data: { testid: "transmissions" } });
        const empty = el("p", { class: "card soft", hidden: true }, t("transmissions.empty"));
        const rows = new KeyedList(
            list, (/** @type {Transmission} */ transmission) => transmission.id,
            (transmission) => this.#row(transmission),
        );
        this.element = section({
            id: "transmissions", title: t("transmissions.title"), text: t("transmissions.text"),
            actions: [el("button", {
                class: "button small", type: "button", data: { testid: "transmission-add" },
                onclick: () => new TransmissionSheet(api, store, null),
            }, icon("add"), t("transmissions.add"))],
        }, list, empty);
        store.addEventListener("change", () => {
            rows.update(store.transmissions);
            list.hidden = store.transmissions.length === 0;
            empty.hidden = !list.hidden;
        });
    }

    /** @param {string} id */
    async edit(id) {
        try {
            new TransmissionSheet(this.#api, this.#store, await this.#api.transmission(id));
        } catch (error) {
            toasts.showError(error);
        }
    }

    /** @param {Transmission} transmission */
    #row(transmission) {
        let current = transmission;
        const still = new StillPicture(StreamServer.at(), transmission.id, stillWidth);
        still.element.className = "row-still-picture";
        still.element.dataset.testid = "transmission-still";
        const title = el("span", { class: "row-title" });
        const state = el("span", { class: "badge dot", data: { testid: "transmission-state" } });
        const facts = el("span", { class: "row-text" });
        const sentence = el("span", { class: "row-text", data: { testid: "transmission-sentence" } });
        const message = el("p", { class: "row-note alert warn", hidden: true });
        const destinations = new DestinationRows(this.#api, this.#store);
        const edit = new IconButton(
            "edit", "transmission-edit", () => void this.edit(current.id), t("action.edit"),
        );
        const remove = new IconButton(
            "trash", "transmission-delete", () => void this.#delete(current), t("action.delete"),
        );
        const up = new IconButton("up", "transmission-up", () => void this.#move(current, -1), t("transmission.up"));
        const down = new IconButton("down", "transmission-down", () => void this.#move(current, 1), t("transmission.down"));
        const element = el("div", { class: "row", data: { testid: "transmission", transmission: transmission.id } },
            el("span", { class: "row-still" }, icon("streams"), still.element),
            el("div", { class: "row-main" }, el("span", { class: "row-heading" }, title, state), facts, sentence),
            el("div", { class: "row-actions" },
                el("a", {
                    class: "button small", href: `index.html#stream=${encodeURIComponent(transmission.id)}`,
                }, t("action.watch")),
                up.element, down.element, edit.element, remove.element),
            message, destinations.element);
        return {
            element,
            remove: () => still.remove(),
            update: (/** @type {Transmission} */ changed) => {
                current = changed;
                destinations.update(changed);
                const place = this.#store.transmissions.indexOf(changed);
                up.element.disabled = place <= 0;
                down.element.disabled = place >= this.#store.transmissions.length - 1;
                const outputs = this.#store.outputs.filter((output) => output.transmission_id === changed.id);
                const { kind, text } = transmissionState(changed, outputs);
                const isRunning = outputs.some((output) => output.publisher_running);
                if (changed.enabled) still.show(isRunning ? runningStill : idleStill);
                else still.hide();
                setText(title, changed.name || changed.path);
                state.className = `badge dot ${kind}`;
                setText(state, text);
                setText(facts, this.#facts(changed, outputs).join(" · "));
                const telling = changed.enabled ? tellingOutput(outputs) : null;
                const isTrouble = telling?.state === "action_required";
                const note = telling ? outputMessage(telling) : "";
                sentence.hidden = isTrouble || note === "";
                setText(sentence, note);
                message.hidden = !isTrouble;
                if (isTrouble && message.textContent !== note) fill(message, icon("alert"), el("span", {}, note));
            },
        };
    }

    /**
     * @param {Transmission} transmission
     * @param {RuntimeOutput[]} outputs
     */
    #facts(transmission, outputs) {
        const protocols = transmission.outputs.filter((output) => output.enabled).map(
            (output) => protocolNames[output.protocol],
        );
        const viewers = viewerCount(outputs);
        const fps = Math.max(0, ...outputs.map((output) => output.fps ?? 0));
        return [
            transmission.group || null,
            protocols.length > 0 ? [...new Set(protocols)].join(" + ") : t("transmission.noOutput"),
            t("transmission.viewers", { count: viewers }),
            fps > 0 ? t("fact.fps", { fps: formatNumber(fps, 1) }) : null,
        ].filter((text) => text !== null);
    }

    /**
     * @param {Transmission} transmission
     * @param {1 | -1} by
     */
    async #move(transmission, by) {
        const ids = this.#store.transmissions.map(({ id }) => id);
        const from = ids.indexOf(transmission.id);
        if (from < 0 || from + by < 0 || from + by >= ids.length) return;
        [ids[from], ids[from + by]] = [ids[from + by], ids[from]];
        try {
            await this.#api.orderTransmissions(ids);
        } catch (error) {
            toasts.showError(error);
        }
        await this.#store.refresh();
    }

    /** @param {Transmission} transmission */
    async #delete(transmission) {
        const name = transmission.name || transmission.path;
        const count = this.#store.pipelines.filter((pipeline) => transmissionOf(pipeline) === transmission.id).length;
        const confirmed = await confirmAction({
            title: t("transmission.delete.title", { name }),
            text: [t("transmission.delete.text"), count > 0 && t(
                "transmission.delete.used", { count },
            )].filter(Boolean).join(" "),
            action: t("action.delete"),
        });
        if (!confirmed) return;
        try {
            await this.#api.deleteTransmission(transmission.id);
            toasts.show(t("transmission.deleted", { name }));
            await this.#store.refresh();
        } catch (error) {
            toasts.showError(error);
        }
    }
}

const protocolNames = { hls: "HLS", rtsp: "RTSP", webrtc: "WebRTC" };

/**
 * @param {Transmission} transmission
 * @param {RuntimeOutput[]} outputs
 */
function transmissionState(transmission, outputs) {
    if (!transmission.enabled) return { kind: "", text: t("transmission.state.disabled") };
    const telling = tellingOutput(outputs);
    if (telling?.state === "action_required") return { kind: "bad", text: t("transmission.state.action_required") };
    if (telling?.state === "warming") return { kind: "warn", text: t("transmission.state.warming") };
    if (telling?.publisher_running) return { kind: "good", text: t("transmission.state.working") };
    return { kind: "", text: t("transmission.state.idle") };
}
