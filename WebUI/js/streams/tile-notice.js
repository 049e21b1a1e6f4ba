import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** @typedef {import("./stream-status.js").StreamStatus} StreamStatus */
/** @typedef {import("./tile.js").Tile} Tile */

/** What stands in the middle of a tile while there is no picture to show, and what can be done about it. */
export class TileNotice {
    #tile;
    #drawn = "";

    /** @param {Tile} tile */
    constructor(tile) {
        this.#tile = tile;
        this.element = el("div", { class: "tile-notice", data: { testid: "tile-notice" } });
    }

    /** @param {StreamStatus} status */
    draw(status) {
        const { reason, state } = this.#tile.player;
        const key = [status.kind, status.label, status.sentence, reason, state].join("\n");
        if (key === this.#drawn) return;
        this.#drawn = key;
        switch (status.kind) {
            case "live":
                return fill(this.element);
            case "no-signal":
                return fill(this.element, status.sentence && el("p", { class: "tile-message" }, status.sentence));
            case "idle":
            case "starting":
                // The placeholder says it already.
                if (this.#tile.player.state === "live") return fill(this.element);
                return fill(this.element,
                    status.kind === "starting" && el("span", { class: "spinner", "aria-hidden": "true" }),
                    el("p", { class: "tile-notice-title" }, this.#tile.displayName),
                    el("p", {}, status.sentence ?? status.label));
            case "offline":
                return fill(this.element,
                    el("span", { class: "tile-notice-icon" }, icon(reason === "password" ? "lock" : "offline")),
                    el("p", { class: "tile-notice-title" }, this.#tile.displayName),
                    reason === "password" ? this.#passwordForm() : [el(
                        "p", {}, status.sentence ?? "",
                    ), this.#action()]);
        }
    }

    #action() {
        const { player, transmission } = this.#tile;
        switch (player.reason) {
            case "autoplay":
                return this.#button(t("player.action.play"), () => player.playNow());
            case "no-hls":
                return link(
                    t("player.action.addHls"), `settings.html#transmission=${encodeURIComponent(transmission.id)}`,
                );
            case "sign-in":
                return link(t("signIn.action"), "sign-in.html#page=index.html");
            case "engine-stopped":
                // The page's banner has the button.
                return null;
            default:
                return this.#button(t("action.tryAgain"), () => player.retryNow());
        }
    }

    #passwordForm() {
        const { player } = this.#tile;
        const username = el("input", {
            class: "input", type: "text", autocomplete: "username", required: true, value: player.username ?? "",
            placeholder: t("field.username"), "aria-label": t("field.username"), data: { testid: "tile-username" },
        });
        const password = el("input", {
            class: "input", type: "password", autocomplete: "current-password", required: true,
            placeholder: t("field.password"), "aria-label": t("field.password"), data: { testid: "tile-password" },
        });
        return el("form", {
            class: "tile-password",
            onsubmit: (/** @type {SubmitEvent} */ event) => {
                event.preventDefault();
                player.credentials = { username: username.value, password: password.value };
            },
        },
            el("p", {}, t("player.blocked.password")),
            el("div", { class: "tile-password-fields" }, username, password),
            el("button", {
                class: "button primary small", type: "submit", data: { testid: "tile-watch" },
            }, t("player.action.watch")));
    }

    /**
     * @param {string} text
     * @param {() => void} onclick
     */
    #button(text, onclick) {
        return el("button", { class: "button small", type: "button", onclick }, text);
    }
}

/**
 * @param {string} text
 * @param {string} href
 */
function link(text, href) {
    return el("a", { class: "button small", href }, text);
}
