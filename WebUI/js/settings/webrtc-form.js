import { DraftForm } from "../components/draft-form.js";
import { textField } from "../components/field.js";
import { IconButton } from "../components/icon-button.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { isLoopback } from "../player/playable-output.js";

/** @typedef {import("../types/engine.js").StreamingSettings} StreamingSettings */
/** @typedef {import("../types/engine.js").ICEServer} ICEServer */

const serversPath = "engine.webrtc_ice_servers";
const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };

/** How WebRTC viewers find the engine: this machine's other names, and STUN and TURN servers. */
export class WebRTCForm {
    #api;
    #store;
    #form;
    /** What is stored, as `#draft` writes it. */
    #saved = "";
    /** @type {StreamingSettings | null} */
    #basis = null;
    /** @type {ServerRow[]} */
    #rows = [];
    #isSaving = false;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.hosts = textField({
            path: "engine.webrtc_additional_hosts", label: t("webrtc.hosts"), hint: t("webrtc.hosts.hint"),
            testId: "webrtc-hosts", attributes: { ...plain, placeholder: "203.0.113.7, cam.example.org" },
        }, "");
        this.found = el("p", { class: "field-hint", hidden: true, data: { testid: "webrtc-found" } });
        this.list = el("div", { class: "stack" });
        const add = el("button", {
            class: "button small", type: "button", data: { testid: "webrtc-add" },
            onclick: () => this.#add({ url: "" }).url.focus(),
        }, t("webrtc.add"));
        this.#form = new DraftForm({
            fields: () => [this.hosts, ...this.#rows.map((row) => row.url)],
            isDirty: () => this.#isDirty,
            reset: () => this.#reset(),
            isValid: () => this.#isValid(),
            save: () => this.#save(),
        }, {
            title: "WebRTC", hint: t("webrtc.hint"), testId: "webrtc",
            content: [this.hosts.element, this.found, this.list], actions: [add],
        });
        this.element = this.#form.element;
    }

    /**
     * @param {StreamingSettings} settings what is stored; what is being changed here stays what it was changed from
     * @param {import("../types/engine.js").WebRTCHost[]} hosts where browsers look for the engine now
     * @param {boolean} offersPageAddress whether they do so at the address of this page, too
     */
    update(settings, hosts, offersPageAddress) {
        const places = hosts.map(({ host, source }) => `${host} (${t(`webrtc.source.${source}`)})`);
        const page = pageAddress();
        if (offersPageAddress && page && !hosts.some(({ host }) => host === page)) {
            places.push(`${page} (${t("webrtc.source.page")})`);
        }
        this.found.hidden = places.length === 0;
        setText(this.found, t("webrtc.found", { hosts: places.join(", ") }));
        // The answer says what is stored then, and what was undone meanwhile looks as if nothing had changed.
        if (this.#isSaving) return;
        const dirty = this.#isDirty;
        if (dirty && ownText(settings) !== ownText(this.#basis)) return;
        this.#basis = settings;
        if (!dirty) this.#form.reset();
    }

    get #isDirty() {
        return this.#basis !== null && this.#draftText() !== this.#saved;
    }

    #reset() {
        const settings = this.#basis?.engine;
        if (!settings) return;
        const text = ownText(this.#basis);
        // What is drawn already keeps its focus.
        if (this.element.dataset.shown === text && !this.#isDirty) return;
        this.element.dataset.shown = text;
        this.hosts.value = (settings.webrtc_additional_hosts ?? []).join(", ");
        this.#rows = [];
        fill(this.list);
        for (const server of settings.webrtc_ice_servers ?? []) {
            this.#add(typeof server === "string" ? { url: server } : server);
        }
        this.#saved = this.#draftText();
    }

    /** @param {ICEServer} server */
    #add(server) {
        const row = new ServerRow(server, () => {
            this.#rows = this.#rows.filter((other) => other !== row);
            row.element.remove();
            this.#form.changed();
        });
        this.#rows.push(row);
        this.list.append(row.element);
        return row;
    }

    #draft() {
        return {
            webrtc_additional_hosts: this.hosts.value,
            webrtc_ice_servers: this.#rows.map((row) => row.draft()).filter((server) => server !== ""),
        };
    }

    #draftText() {
        return JSON.stringify(this.#draft());
    }

    #isValid() {
        const wrong = this.#rows.filter((row) => row.url.value && !/^(stun|turns?):[^\s]+$/i.test(row.url.value));
        for (const row of wrong) row.url.setProblem(t("webrtc.url.wrong"));
        wrong[0]?.url.focus();
        return wrong.length === 0;
    }

    async #save() {
        const sent = this.#draft();
        this.#isSaving = true;
        try {
            this.#basis = await this.#api.changeSettings({ engine: sent }, this.#basis);
        } finally {
            this.#isSaving = false;
        }
        this.#saved = JSON.stringify(sent);
        // What was changed while it was on its way is not saved yet.
        if (!this.#isDirty) {
            delete this.element.dataset.shown;
            this.#form.reset();
        }
        toasts.show(t("webrtc.saved"), "good");
        await this.#store.refresh();
    }
}

/** The address that this page was opened by; null where that is a name, or one that only this machine knows. */
function pageAddress() {
    const { hostname } = window.location;
    const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
    return isAddress && !isLoopback(hostname) ? hostname.replace(/[[\]]/g, "") : null;
}

/**
 * What of the settings is changed here.
 * @param {StreamingSettings | null} settings
 */
function ownText(settings) {
    return JSON.stringify([settings?.engine.webrtc_additional_hosts, settings?.engine.webrtc_ice_servers]);
}

/** A STUN or TURN server. */
class ServerRow {
    /**
     * @param {ICEServer} server
     * @param {() => void} onRemove
     */
    constructor(server, onRemove) {
        this.url = textField({
            path: serversPath, label: t("webrtc.url"), testId: "webrtc-url",
            attributes: { ...plain, class: "input mono", placeholder: "turn:turn.example.org:3478" },
        }, server.url);
        this.username = textField({
            path: `${serversPath}.username`, label: t("field.username"), testId: "webrtc-username", attributes: plain,
        }, server.username ?? "");
        this.password = textField({
            path: `${serversPath}.password`, label: t("field.password"), testId: "webrtc-password",
            attributes: {
                type: "password", autocomplete: "new-password", placeholder: server.password_set ? "••••••••" : null,
            },
        }, "");
        this.element = el("div", { class: "ice-server", role: "group", "aria-label": t("webrtc.url") },
            el("div", { class: "field-row" }, this.url.element, this.username.element, this.password.element),
            new IconButton("trash", "webrtc-remove", onRemove, t("webrtc.remove")).element);
    }

    /** What the server takes: an address alone as a text. A blank password is left out: the stored one stays. */
    draft() {
        const url = this.url.value;
        // A password may begin or end with a space.
        const password = this.password.control.value;
        if (!url || (!this.username.value && !password)) return url;
        return { url, username: this.username.value || null, ...(password ? { password } : {}) };
    }
}
