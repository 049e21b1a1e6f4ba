import { whileBusy } from "../components/busy.js";
import { FormProblems } from "../components/form-problems.js";
import { unsavedChanges } from "../components/unsaved-changes.js";
import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { handedPicture } from "../streams/handed-picture.js";
import { CameraForm } from "./camera-form.js";
import { CameraTestView } from "./camera-test-view.js";
import { Provisioning } from "./provisioning.js";

/** The first camera, in three steps on one screen: name it, see it, done. */
export class FirstRun {
    #api;
    #store;
    #provisioning;
    #content;
    #started = false;
    #finished = false;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     */
    constructor(api, store) {
        this.#api = api;
        this.#store = store;
        this.#provisioning = new Provisioning(api);
        this.form = new CameraForm(null, api, { offersInput: false });
        this.testView = new CameraTestView(api);
        this.problems = new FormProblems(() => this.form.fields);
        this.test = el("button", {
            class: "button primary", type: "submit", data: { testid: "first-run-test" },
        }, t("firstRun.test"));
        this.use = el("button", {
            class: "button", type: "button", disabled: true, data: { testid: "first-run-use" },
            onclick: () => void this.#use(),
        }, t("firstRun.use"));
        this.watch = el("a", {
            class: "button primary", href: "index.html", hidden: true, data: { testid: "first-run-watch" },
        },
            icon("play"), t("firstRun.watch"));
        this.doneText = el("p", { class: "field-hint" }, t("firstRun.done.wait"));
        this.steps = [
            step(1, t("firstRun.step1"),
                el("form", {
                    class: "stack", novalidate: true,
                    onsubmit: (/** @type {Event} */ event) => {
                        event.preventDefault();
                        void this.#test();
                    },
                }, this.form.element, el("div", { class: "actions" }, this.test))),
            step(
                2, t("firstRun.step2"), this.testView.element, this.problems.element,
                el("div", { class: "actions" }, this.use),
            ),
            step(3, t("firstRun.step3"), this.doneText, el("div", { class: "actions" }, this.watch)),
        ];
        this.element = el("section", {
            class: "section first-run", id: "first-run", hidden: true, "aria-labelledby": "first-run-title",
            data: { testid: "first-run" },
        });
        this.title = el("h2", { id: "first-run-title", tabIndex: -1 }, t("firstRun.title"));
        this.#content = [
            el("header", { class: "section-header" },
                el("div", {}, this.title, el("p", {}, t("firstRun.text")))),
            el("ol", { class: "card steps" }, this.steps),
        ];
        this.form.addEventListener("change", () => {
            this.#started = true;
            unsavedChanges.mark(this, !this.#finished);
            if (!this.testView.isAbout(this.form.testSubject())) this.testView.clear();
            this.#draw();
        });
        this.testView.addEventListener("finish", () => this.#draw());
        store.addEventListener("change", () => this.#draw());
    }

    /** For somebody who came here to add a camera. */
    focus() {
        this.element.scrollIntoView();
        // On a touch screen a focused field would open the keyboard over the page.
        const types = matchMedia("(pointer: fine)").matches;
        (types ? this.form.name.control : this.title).focus();
    }

    #draw() {
        const { isLoaded, cameras } = this.#store;
        const isWanted = isLoaded && (cameras.length === 0 || this.#started || this.#finished);
        if (isWanted === this.element.hidden) {
            this.element.hidden = !isWanted;
            fill(this.element, isWanted && this.#content);
            if (isWanted) void this.form.homeAssistant.load();
        }
        const result = this.testView.result;
        this.use.disabled = result === null || this.#finished;
        this.use.textContent = t(result && !result.ok ? "firstRun.useAnyway" : "firstRun.use");
        this.use.classList.toggle("primary", Boolean(result?.ok) && !this.#finished);
        this.test.classList.toggle("primary", !result?.ok);
        const current = this.#finished ? 3 : result?.ok ? 2 : 1;
        this.steps.forEach((element, index) => {
            const isDone = this.#finished || index + 1 < current;
            const isCurrent = index + 1 === current;
            element.dataset.state = isDone ? "done" : isCurrent ? "current" : "next";
        });
    }

    async #test() {
        this.#started = true;
        if (this.problems.show(this.form.missing({ needsName: true }))) return;
        try {
            await whileBusy(this.test, () => this.testView.run(this.form.testSubject()));
        } catch (error) {
            this.problems.showError(error);
        }
        this.#draw();
        if (this.testView.result?.ok) this.use.focus({ preventScroll: true });
    }

    async #use() {
        this.problems.clear();
        const draft = this.form.draft();
        try {
            const { transmission } = await whileBusy(
                this.use, () => this.#provisioning.run(draft, this.testView.result),
            );
            this.#finish(draft.name, transmission.id);
            await this.#store.refresh();
        } catch (error) {
            this.problems.showError(error);
        }
        this.#draw();
    }

    /**
     * @param {string} name
     * @param {string} transmissionId
     */
    #finish(name, transmissionId) {
        this.#finished = true;
        unsavedChanges.mark(this, false);
        this.form.element.inert = true;
        this.test.hidden = true;
        this.use.hidden = true;
        this.doneText.textContent = t("firstRun.done.text", { name });
        this.watch.href = `index.html#stream=${encodeURIComponent(transmissionId)}`;
        this.watch.hidden = false;
        const still = this.testView.result?.still;
        if (still) handedPicture.put(transmissionId, still);
        this.#draw();
        this.watch.focus();
    }
}

/**
 * @param {number} number
 * @param {string} title
 * @param {...HTMLElement} content
 */
function step(number, title, ...content) {
    return el("li", { class: "step", data: { state: number === 1 ? "current" : "next", testid: `step-${number}` } },
        el("h3", { class: "step-title" }, el("span", {
            class: "step-number", "aria-hidden": "true",
        }, el("b", {}, String(number)), icon("check")), title),
        content);
}
