import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { toasts } from "../components/toasts.js";

/** Says that the streaming engine is stopped, with the button that starts it. */
export class EngineBanner {
    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {() => void} onStarted
     */
    constructor(api, onStarted) {
        const start = el("button", {
            class: "button small", type: "button", data: { testid: "banner-engine-start" },
            onclick: async () => {
                start.disabled = true;
                try {
                    await api.engine("start");
                    onStarted();
                } catch (error) {
                    toasts.show(error instanceof Error ? error.message : String(error), "bad");
                } finally {
                    start.disabled = false;
                }
            },
        }, t("engine.start"));
        this.element = el("div", {
            class: "banner warn", role: "status", hidden: true, data: { testid: "engine-stopped" },
        },
            icon("alert"), el(
                "p", {}, el("strong", {}, t("banner.engine.title")), " ", t("banner.engine.help"),
            ), start);
    }

    /** @param {boolean} running */
    update(running) {
        this.element.hidden = running;
    }
}
