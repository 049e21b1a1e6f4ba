import { confirmAction } from "../components/confirm-dialog.js";
import { IconButton } from "../components/icon-button.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { formatMoment, t } from "../core/i18n.js";
import { signOut } from "../core/sign-in.js";
import { AccountSheet } from "./account-sheet.js";
import { section } from "./section.js";

/** Who may use the server: users, programs, and the browsers that are signed in. */
export class AccessSection {
    #api;
    #text = el("p", { class: "soft" });
    #signOut = button("access.signOut", "sign-out", () => void this.#leave());
    #lists = { users: list("users"), tokens: list("tokens"), sessions: list("sessions") };

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.element = section({ id: "access", title: t("access.title"), actions: [this.#signOut] },
            el("div", { class: "access-groups" }, this.#text, this.#groups()));
        store.addEventListener("change", () => void this.refresh(), { once: true });
    }

    #groups() {
        const { users, tokens, sessions } = this.#lists;
        return [
            group("access.users", users, button("access.users.add", "user-add", () => this.#edit("user", null))),
            group("access.tokens", tokens, button("access.tokens.add", "token-add", () => this.#edit("token", null))),
            group("access.sessions", sessions),
        ];
    }

    async refresh() {
        try {
            const [session, users, tokens, sessions] = await Promise.all(
                [this.#api.accounts.session(), this.#api.accounts.users(), this.#api.accounts.tokens(), this.#api.accounts.sessions()],
            );
            setText(this.#text, t(session.access === "open" ? "access.open" : "access.text"));
            this.#signOut.hidden = !session.can_sign_out;
            fill(this.#lists.users, users.map((user) => row("user", user.name, t(`access.role.${user.role}`), [
                new IconButton("edit", "user-edit", () => this.#edit("user", user), t("action.edit")).element,
                this.#remove("access.user.delete", user.name, () => this.#api.accounts.deleteUser(user.id)),
            ])));
            fill(this.#lists.tokens, tokens.map((token) => row("key", token.name, tokenText(token), [
                this.#remove("access.token.delete", token.name, () => this.#api.accounts.deleteToken(token.id)),
            ])));
            fill(this.#lists.sessions, sessions.map((session) => row("display", sessionUser(session), sessionText(session), [
                this.#remove("access.session.end", sessionUser(session), () => this.#api.accounts.endSession(session.id)),
            ])));
            for (const element of Object.values(this.#lists)) element.hidden = element.childElementCount === 0;
        } catch (error) {
            toasts.showError(error);
        }
    }

    /**
     * @param {"user" | "token"} kind
     * @param {import("../types/access.js").User | null} user
     */
    #edit(kind, user) {
        const sheet = new AccountSheet(this.#api, kind, user);
        sheet.addEventListener("saved", () => void this.refresh());
    }

    /**
     * @param {string} key
     * @param {string} name
     * @param {() => Promise<unknown>} remove
     */
    #remove(key, name, remove) {
        return new IconButton("trash", `${key.split(".")[1]}-delete`, async () => {
            if (!(await confirmAction({
                title: t(`${key}.title`, { name }), text: t(`${key}.text`), action: t(`${key}.action`),
            }))) return;
            try {
                await remove();
            } catch (error) {
                toasts.showError(error);
            }
            await this.refresh();
        }, t(`${key}.action`)).element;
    }

    async #leave() {
        await signOut(this.#api);
    }
}

/** @param {string} id */
function list(id) {
    return el("div", { class: "card list", hidden: true, data: { testid: id } });
}

/**
 * @param {string} key
 * @param {HTMLElement} content
 * @param {...HTMLElement} actions
 */
function group(key, content, ...actions) {
    return el("div", { class: "stack" },
        el("header", { class: "section-header" },
            el("div", {}, el("h3", {}, t(key)), el("p", {}, t(`${key}.text`))),
            el("div", { class: "actions" }, actions)),
        content);
}

/**
 * @param {string} key
 * @param {string} testid
 * @param {() => void} onclick
 */
function button(key, testid, onclick) {
    return el("button", { class: "button small", type: "button", data: { testid }, onclick }, t(key));
}

/**
 * @param {import("../core/icons.js").IconName} symbol
 * @param {string} title
 * @param {string} text
 * @param {HTMLElement[]} actions
 */
function row(symbol, title, text, actions) {
    return el("div", { class: "row", data: { testid: "account" } },
        el("span", { class: "row-icon" }, icon(symbol)),
        el("div", { class: "row-main" },
            el("span", { class: "row-title" }, title), el("span", { class: "row-text" }, text)),
        el("div", { class: "row-actions" }, actions));
}

/** @param {import("../types/access.js").Token} token */
function tokenText(token) {
    const role = t(`access.role.${token.role}`);
    return token.last_used_at_unix === null
        ? t("access.token.unused", { role })
        : t("access.token.used", { role, time: formatMoment(new Date(token.last_used_at_unix * 1000)) });
}

/** @param {import("../types/access.js").SessionEntry} session */
function sessionUser(session) {
    return session.is_of_home_assistant ? t("access.session.homeAssistant", { name: session.user }) : session.user;
}

/** @param {import("../types/access.js").SessionEntry} session */
function sessionText(session) {
    const key = session.is_current ? "access.session.current" : "access.session.other";
    return t(key, {
        browser: browserName(session.user_agent), address: session.address, time: formatMoment(new Date(session.last_seen_at_unix * 1000)),
    });
}

/**
 * What a person calls the browser; programs that are none show the beginning of their own name.
 * @param {string} userAgent
 */
function browserName(userAgent) {
    const name = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent)?.[1] ?? userAgent.slice(0, 24);
    return { Edg: "Edge", OPR: "Opera" }[name] ?? name;
}
