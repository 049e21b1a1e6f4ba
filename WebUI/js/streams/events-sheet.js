import { whileBusy } from "../components/busy.js";
import { confirmAction } from "../components/confirm-dialog.js";
import { selectField } from "../components/field.js";
import { KeyedList } from "../components/keyed-list.js";
import { Sheet } from "../components/sheet.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { eventRow } from "./event-row.js";

/** @typedef {import("../types/runtime.js").SeenEvent} SeenEvent */

/** What pipelines saw, the newest first: a page of it, and older ones when they are asked for. */
export class EventsSheet {
    #api;
    /** @type {Map<number, SeenEvent>} */
    #events = new Map();
    /** @type {number | null} */
    #nextBefore = null;
    /** Those of what was chosen before are not shown. */
    #choice = 0;
    /** @type {Map<string, string>} */
    #cameras = new Map();
    #rows;
    #leaving = new AbortController();
    #problem = el("span", {});

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {boolean} mayChange
     */
    constructor(api, mayChange) {
        this.#api = api;
        this.sheet = new Sheet(t("events.title"), { testId: "events-sheet", size: "large" });
        this.sheet.body.tabIndex = 0;
        this.camera = selectField({ path: "camera", label: t("events.camera"), testId: "events-camera" },
            [{ value: "", label: t("events.camera.all") }], "");
        this.camera.control.addEventListener("change", () => void this.#choose());
        this.list = el("ol", { class: "events", data: { testid: "events-list" } });
        this.#rows = new KeyedList(this.list, (/** @type {SeenEvent} */ event) => String(event.id),
            (event) => eventRow(event, () => this.sheet.close()));
        this.more = el("button", {
            class: "button", type: "button", hidden: true, data: { testid: "events-more" },
            onclick: () => void this.#showMore(),
        }, t("events.more"));
        this.empty = el("div", { class: "card soft events-empty", hidden: true, data: { testid: "events-empty" } },
            el("strong", {}, t("events.empty.title")),
            el("p", {}, t(mayChange ? "events.empty.text" : "events.empty.viewer")),
            mayChange && el("a", { class: "button", href: "settings.html#pipelines" }, t("events.empty.action")));
        this.waiting = el("p", { class: "field-hint", role: "status", data: { testid: "events-waiting" } }, t("events.asking"));
        this.alert = el("div", {
            class: "alert bad", role: "status", hidden: true, data: { testid: "events-problem" },
        }, icon("alert"), this.#problem);
        fill(this.sheet.body, this.camera.element, this.alert, this.waiting, this.empty, this.list, this.more);
        this.clear = el("button", {
            class: "button danger", type: "button", hidden: true, data: { testid: "events-clear" },
            onclick: () => void this.#clear(),
        }, t("events.clear"));
        if (mayChange) this.sheet.setActions(this.clear);
        this.sheet.footer.hidden = true;
        // Where nobody tells of what is new, it is asked for.
        const renew = () => {
            if (!document.hidden) void this.refresh();
        };
        const timer = setInterval(renew, 15_000);
        document.addEventListener("visibilitychange", renew, { signal: this.#leaving.signal });
        this.sheet.addEventListener("close", () => {
            this.#leaving.abort();
            clearInterval(timer);
            this.#rows.update([]);
        });
        this.sheet.open();
        void this.refresh();
    }

    /** Asks for the newest, which may have changed. What goes wrong stays in sight until it goes well again. */
    async refresh() {
        const choice = this.#choice;
        try {
            const page = await this.#api.events({ camera: this.camera.value });
            if (this.#leaving.signal.aborted || choice !== this.#choice) return;
            const oldest = page.next_before ?? 0;
            if (!this.#reaches(oldest)) this.#events.clear();
            // Of the same numbers, those that are gone were removed.
            for (const id of this.#events.keys()) if (id >= oldest) this.#events.delete(id);
            if (this.#events.size === 0) this.#nextBefore = page.next_before;
            this.#take(page.events);
            this.alert.hidden = true;
        } catch (error) {
            if (this.#leaving.signal.aborted || choice !== this.#choice) return;
            this.waiting.hidden = true;
            setText(this.#problem, errorText(error));
            this.alert.hidden = false;
        }
    }

    /**
     * Whether a page of the newest goes on with what is shown, or else more was seen meanwhile than it has.
     * @param {number} oldest of the page
     */
    #reaches(oldest) {
        return this.#events.size === 0 || Math.max(...this.#events.keys()) >= oldest;
    }

    async #choose() {
        this.#choice += 1;
        this.#events.clear();
        this.#nextBefore = null;
        this.#rows.update([]);
        this.more.hidden = this.empty.hidden = true;
        this.waiting.hidden = false;
        await this.refresh();
    }

    async #showMore() {
        const choice = this.#choice;
        const before = this.#nextBefore;
        try {
            const page = await whileBusy(this.more, () => this.#api.events({ before, camera: this.camera.value }));
            // It may not follow any more on what is shown.
            if (this.#leaving.signal.aborted || choice !== this.#choice || before !== this.#nextBefore) return;
            this.#nextBefore = page.next_before;
            this.#take(page.events);
        } catch (error) {
            toasts.showError(error);
        }
    }

    async #clear() {
        const confirmed = await confirmAction({
            title: t("events.clear.title"), text: t("events.clear.text"), action: t("events.clear"),
        });
        if (!confirmed) return;
        try {
            await this.#api.clearEvents();
        } catch (error) {
            toasts.showError(error);
        }
        await this.#choose();
    }

    /** @param {SeenEvent[]} events */
    #take(events) {
        for (const event of events) this.#events.set(event.id, event);
        const shown = [...this.#events.values()].sort((a, b) => b.id - a.id);
        this.#rows.update(shown);
        this.waiting.hidden = true;
        this.more.hidden = this.#nextBefore === null;
        this.empty.hidden = shown.length > 0;
        this.list.hidden = shown.length === 0;
        this.clear.hidden = shown.length === 0;
        this.sheet.footer.hidden = this.clear.hidden || !this.clear.isConnected;
        this.#offerCameras(shown);
    }

    /** @param {SeenEvent[]} events */
    #offerCameras(events) {
        const known = this.#cameras.size;
        for (const { camera_id: id, camera_name: name } of events) if (!this.#cameras.has(id)) this.#cameras.set(id, name);
        this.camera.element.hidden = this.#cameras.size < 2;
        if (this.#cameras.size === known) return;
        const chosen = this.camera.value;
        fill(this.camera.control, el("option", { value: "" }, t("events.camera.all")),
            [...this.#cameras].map(([id, name]) => el("option", { value: id, selected: id === chosen }, name)));
    }
}
