import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** Says across the page that the server does not answer, what to do, and when the next try is. */
export class ConnectionBanner {
    #poller;
    /** @type {number | undefined} */
    #countdown;

    /** @param {import("../core/poller.js").Poller} poller */
    constructor(poller) {
        this.#poller = poller;
        this.retryText = el("span", { class: "banner-retry" });
        this.element = el("div", {
            class: "banner bad", hidden: true, role: "alert", data: { testid: "server-unreachable" },
        },
            icon("server"),
            el(
                "p", {}, el("strong", {}, t("banner.unreachable.title")), " ", t("banner.unreachable.help"), " ",
                this.retryText,
            ),
            el("button", {
                class: "button small", type: "button", onclick: () => void poller.now(),
            }, t("action.tryNow")));
        poller.addEventListener("lost", (event) => this.#show(/** @type {CustomEvent<number>} */ (event).detail));
        poller.addEventListener("restored", () => this.#hide());
    }

    /** @param {number} seconds until the next try */
    #show(seconds) {
        clearInterval(this.#countdown);
        let left = seconds;
        const draw = () => setText(
            this.retryText, t(left > 0 ? "banner.unreachable.retry" : "banner.unreachable.trying", { seconds: left }),
        );
        draw();
        this.element.hidden = false;
        this.#countdown = setInterval(() => {
            left -= 1;
            draw();
            if (left <= 0) clearInterval(this.#countdown);
        }, 1000);
    }

    #hide() {
        clearInterval(this.#countdown);
        this.element.hidden = true;
    }
}
