import { confirmAction } from "../components/confirm-dialog.js";
import { whileBusy } from "../components/busy.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { messageText } from "../core/coded-text.js";
import { el, fill, setText } from "../core/dom.js";
import { builtinWouldHelp, engineError } from "../core/engine-condition.js";
import { icon } from "../core/icons.js";
import { formatDuration, t } from "../core/i18n.js";
import { EngineInstall } from "./engine-install.js";
import { EngineLog } from "./engine-log.js";
import { multicastForm } from "./multicast-form.js";
import { portForm } from "./port-form.js";
import { viewerCount } from "./runtime-facts.js";
import { section } from "./section.js";
import { srtForm } from "./srt-form.js";
import { WebRTCForm } from "./webrtc-form.js";
import { WebRTCTestView } from "./webrtc-test-view.js";

/** @typedef {import("../types/engine.js").EngineStatus} EngineStatus */
/** @typedef {import("../types/engine.js").PortName} PortName */
/** @typedef {import("./settings-store.js").SettingsStore} SettingsStore */

/** @type {readonly PortName[]} */
const portNames = ["rtsp", "hls", "webrtc", "api"];

/** The media server: whether it runs, where it listens, and who can reach it. */
export class EngineSection {
    #api;
    #store;
    #state = el("span", { class: "badge dot", role: "status", data: { testid: "engine-state" } });
    #version = el("span", { class: "engine-version" });
    #uptime = el("span", { class: "soft" });
    #warnings = el("div", { class: "stack" });
    #ports = el("div", { class: "ports", role: "list" });

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.start = this.#button("start", "play", "primary");
        this.restart = this.#button("restart", "restart");
        this.stop = this.#button("stop", "stop");
        this.reclaim = this.#button("reclaim", "trash");
        this.useBuiltin = el("button", {
            class: "button small primary", type: "button", hidden: true, data: { testid: "engine-use-builtin" },
            onclick: () => void this.#goBuiltin(),
        }, icon("server"), t("engine.useBuiltin"));
        this.log = new EngineLog();
        this.expose = new Switch({
            label: t("engine.expose"), hint: t("engine.expose.hint"), checked: false, testId: "engine-expose",
        }, (checked) => void this.#setExposed(checked));
        this.install = new EngineInstall(api, store, (title, action) => this.#confirmInterruption(title, action));
        this.portForm = portForm(api, store);
        this.multicastForm = multicastForm(api, store);
        this.srtForm = srtForm(api, store);
        this.webRTCForm = new WebRTCForm(api, store);
        this.webRTCTest = new WebRTCTestView(api);
        this.element = section({ id: "engine", title: t("engine.title"), text: t("engine.text") },
            el("div", { class: "card" },
                el("div", { class: "engine-head" },
                    el("div", { class: "engine-summary" }, this.#state, this.#version, this.#uptime),
                    el("div", { class: "actions" }, this.useBuiltin, this.start, this.restart, this.stop,
                        this.reclaim)),
                this.#warnings,
                this.log.element,
                this.#ports,
                el("hr"),
                this.install.element,
                el("hr"),
                this.expose.element,
                el("hr"),
                this.portForm.element,
                this.multicastForm.element,
                this.srtForm.element,
                this.webRTCForm.element,
                this.webRTCTest.element));
        store.addEventListener("change", () => this.#draw());
    }

    /**
     * @param {"start" | "stop" | "restart" | "reclaim"} action
     * @param {import("../core/icons.js").IconName} iconName
     * @param {string} [kind]
     */
    #button(action, iconName, kind = "") {
        const button = el("button", {
            class: `button small ${kind}`, type: "button", data: { testid: `engine-${action}` },
            onclick: () => void this.#perform(action, button),
        }, icon(iconName), t(`engine.${action}`));
        return button;
    }

    /**
     * @param {"start" | "stop" | "restart" | "reclaim"} action
     * @param {HTMLButtonElement} button
     */
    async #perform(action, button) {
        const mayGoOn = action === "start"
            || await this.#confirmInterruption(t(`engine.${action}.confirm`), t(`engine.${action}`));
        if (!mayGoOn) return;
        try {
            const status = await whileBusy(button, () => this.#api.engine(action));
            const failed = action !== "stop" && status.enabled !== false && !status.running && status.state !== "downloading";
            toasts.show(
                failed ? engineError(status) || t("engine.notStarted") : doneText(action, status),
                failed ? "bad" : "good",
            );
        } catch (error) {
            toasts.showError(error);
        }
        await this.#refresh();
    }

    async #goBuiltin() {
        try {
            await whileBusy(this.useBuiltin, () => this.#api.useBuiltinEngine());
        } catch (error) {
            toasts.showError(error);
        }
        await this.#refresh();
    }

    /**
     * Asks before viewers are interrupted; there is nothing to ask when nobody watches.
     * @param {string} title
     * @param {string} action
     */
    async #confirmInterruption(title, action) {
        const viewers = this.#viewers();
        return viewers === 0 || confirmAction({ title, text: t("engine.viewers", { count: viewers }), action });
    }

    /** @param {boolean} exposed */
    async #setExposed(exposed) {
        const running = this.#store.engine?.running;
        this.expose.input.disabled = true;
        try {
            await this.#api.changeSettings({ engine: { expose_to_lan: exposed } });
            const what = t(exposed ? "engine.exposed" : "engine.unexposed");
            toasts.show(running ? `${what} ${t("engine.restarted")}` : what);
        } catch (error) {
            this.expose.checked = !exposed;
            toasts.showError(error);
        }
        this.expose.input.disabled = false;
        await this.#refresh();
    }

    async #refresh() {
        try {
            await this.#store.refresh();
        } catch {
            // The page's own refresh says so when the server is gone.
        }
    }

    #draw() {
        const { engine, settings, transmissions } = this.#store;
        if (!engine || !settings) return;
        const { kind, text } = engineState(engine, settings.engine.enabled);
        this.#state.className = `badge dot ${kind}`;
        setText(this.#state, text);
        setText(this.#version, engineName(engine));
        setText(this.#uptime, engine.running && typeof engine.uptime_seconds === "number"
            ? t("engine.uptime", { time: formatDuration(engine.uptime_seconds) })
            : "");
        this.start.hidden = engine.running;
        this.restart.hidden = !engine.running;
        this.reclaim.hidden = !engine.orphan_pids?.length;
        this.useBuiltin.hidden = !builtinWouldHelp(engine);
        this.log.update(engine.log_tail ?? []);
        this.stop.hidden = !engine.running && !settings.engine.enabled;
        const warnings = engine.warning_messages.map(messageText);
        const problems = engine.last_error && !engine.warnings.includes(engine.last_error)
            ? [engineError(engine), ...warnings]
            : warnings;
        fill(
            this.#warnings,
            problems.map((warning) => el("div", { class: "alert warn" }, icon("alert"), el("span", {}, warning))),
        );
        this.#drawPorts(engine, settings.engine.preferred_ports);
        if (!this.expose.input.disabled) this.expose.checked = settings.engine.expose_to_lan;
        this.install.update();
        this.portForm.update(settings);
        this.multicastForm.update(settings);
        this.srtForm.update(settings);
        this.webRTCForm.update(settings, engine.webrtc_hosts ?? [], engine.webrtc_offers_page_address ?? false);
        this.webRTCTest.update(transmissions);
    }

    /**
     * @param {EngineStatus} engine
     * @param {import("../types/engine.js").EnginePorts} preferred
     */
    #drawPorts(engine, preferred) {
        fill(this.#ports, portNames.map((name) => {
            const moved = engine.running && engine.ports[name] !== preferred[name];
            return el("div", { class: "port", role: "listitem", data: { testid: `port-${name}` } },
                el("span", { class: "port-name" }, t(`port.${name}`)),
                el("span", { class: "port-number" }, engine.ports[name]),
                moved && el("span", { class: "port-moved" }, t("engine.moved", { port: String(preferred[name]) })));
        }));
    }

    #viewers() {
        return viewerCount(this.#store.outputs);
    }
}

/**
 * @param {EngineStatus} engine
 * @param {boolean} enabled
 */
function engineState(engine, enabled) {
    if (engine.running) return { kind: "good", text: t("engine.state.running") };
    if (engine.state === "downloading") return { kind: "warn", text: t("engine.state.downloading") };
    if (engine.state === "starting") return { kind: "warn", text: t("engine.state.starting") };
    return enabled ? { kind: "bad", text: t("engine.state.down") } : { kind: "", text: t("engine.state.stopped") };
}

/**
 * @param {"start" | "stop" | "restart" | "reclaim"} action
 * @param {EngineStatus} status
 */
function doneText(action, status) {
    return status.state === "downloading" ? t("engine.state.downloading") : t(`engine.${action}.done`);
}

/** @param {EngineStatus} engine */
function isMediaMTX(engine) {
    return engine.kind === undefined || engine.kind === "mediamtx";
}

/** @param {EngineStatus} engine */
function engineName(engine) {
    if (isMediaMTX(engine)) return `MediaMTX ${engine.version ?? engine.mediamtx_version}`;
    return t("engine.builtin", { version: engine.version ?? "" }).trim();
}
