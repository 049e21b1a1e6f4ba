import { ApiError, ServerUnreachable } from "../core/server-requests.js";
import { el, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/**
 * Says across the page why it shows nothing new, what to do, and when the next try is: the server does not answer, or it
 * answers that something went wrong, or the page itself has a fault.
 */
export class ConnectionBanner {
    #poller;
    /** @type {number | undefined} */
    #countdown;

    /** @param {import("../core/poller.js").Poller} poller */
    constructor(poller) {
        this.#poller = poller;
        this.title = el("strong", {});
        this.help = el("span", {});
        this.retryText = el("span", { class: "banner-retry" });
        this.element = el("div", {
            class: "banner bad", hidden: true, role: "alert", data: { testid: "connection-banner" },
        },
            icon("server"),
            el(
                "p", {}, this.title, " ", this.help, " ", this.retryText,
            ),
            el("button", {
                class: "button small", type: "button", onclick: () => void poller.now(),
            }, t("action.tryNow")));
        poller.addEventListener("failed", (event) => {
            const { error, seconds } = /** @type {CustomEvent<import("../core/poller.js").PollFailure>} */ (event).detail;
            this.#show(error, seconds);
        });
        poller.addEventListener("restored", () => this.#hide());
    }

    /**
     * @param {unknown} error
     * @param {number} seconds until the next try
     */
    #show(error, seconds) {
        clearInterval(this.#countdown);
        const kind = kindOf(error);
        if (kind === "page") console.error(error);
        this.element.dataset.kind = kind;
        setText(this.title, t(`banner.${kind}.title`));
        setText(this.help, error instanceof ApiError ? error.message : t(`banner.${kind}.help`));
        let left = seconds;
        const draw = () => setText(
            this.retryText, t(left > 0 ? "banner.retry" : "banner.trying", { seconds: left }),
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

/**
 * @param {unknown} error
 * @returns {"unreachable" | "refused" | "page"}
 */
function kindOf(error) {
    if (error instanceof ServerUnreachable) return "unreachable";
    return error instanceof ApiError ? "refused" : "page";
}
