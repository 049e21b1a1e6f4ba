import { el, setText } from "../core/dom.js";
import { builtinWouldHelp, cannotRun, engineError } from "../core/engine-condition.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { toasts } from "../components/toasts.js";

/** Says that the streaming engine is stopped or can't run, with the buttons that help. */
export class EngineBanner {
    #api;
    #onStarted;
    #title = el("strong", {});
    #text = el("span", {});
    /** Whether whoever looks may start it. */
    mayChange = true;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {() => void} onStarted
     */
    constructor(api, onStarted) {
        this.#api = api;
        this.#onStarted = onStarted;
        this.start = this.#button("engine.start", "banner-engine-start", () => this.#api.engine("start"));
        this.useBuiltin = this.#button(
            "engine.useBuiltin", "banner-engine-builtin", () => this.#api.useBuiltinEngine(),
        );
        this.element = el("div", {
            class: "banner warn", role: "status", hidden: true, data: { testid: "engine-stopped" },
        }, icon("alert"), el("p", {}, this.#title, " ", this.#text), this.useBuiltin, this.start);
    }

    /**
     * @param {string} key
     * @param {string} testId
     * @param {() => Promise<unknown>} request
     */
    #button(key, testId, request) {
        const button = el("button", {
            class: "button small", type: "button", data: { testid: testId },
            onclick: async () => {
                button.disabled = true;
                try {
                    await request();
                    this.#onStarted();
                } catch (error) {
                    toasts.showError(error);
                } finally {
                    button.disabled = false;
                }
            },
        }, t(key));
        return button;
    }

    /**
     * @param {import("../types/engine.js").EngineStatus} engine
     * @param {boolean} isNeeded whether there is anything to watch
     */
    update(engine, isNeeded) {
        this.element.hidden = engine.running || !isNeeded;
        const fails = cannotRun(engine);
        // Right after the start of the server the page is there before the engine.
        const starts = engine.state === "starting";
        setText(this.#title, t(
            fails ? "banner.engine.fails" : starts ? "banner.engine.starts" : "banner.engine.title",
        ));
        const help = t(this.mayChange ? "banner.engine.help" : "banner.engine.helpViewer");
        setText(this.#text, fails ? engineError(engine) : starts ? "" : help);
        this.start.hidden = starts || !this.mayChange;
        this.useBuiltin.hidden = !builtinWouldHelp(engine) || !this.mayChange;
    }
}
