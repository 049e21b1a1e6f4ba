import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { whileBusy } from "./busy.js";
import { FormProblems } from "./form-problems.js";
import { unsavedChanges } from "./unsaved-changes.js";

/**
 * @typedef {object} Draft What is typed into a form, against what is stored.
 * @property {() => Iterable<import("./form-problems.js").ProblemField>} fields
 * @property {() => boolean} isDirty
 * @property {() => void} reset shows what is stored again
 * @property {() => boolean} isValid says at the fields what is wrong
 * @property {() => Promise<void>} save stores the draft; what it throws is shown
 */

/** A folded form that follows what is typed: Save, Undo, and a word that something is not saved yet. */
export class DraftForm {
    #draft;
    #save;

    /**
     * @param {Draft} draft
     * @param {{title: string, hint: string, testId: string, content: Node[], actions?: Node[]}} options
     */
    constructor(draft, { title, hint, testId, content, actions = [] }) {
        this.#draft = draft;
        this.problems = new FormProblems(draft.fields);
        this.badge = el("span", { class: "badge warn", hidden: true, data: { testid: "unsaved" } }, t("form.unsaved"));
        this.#save = el("button", {
            class: "button small primary", type: "submit", disabled: true, data: { testid: `${testId}-save` },
        }, t("action.save"));
        this.undo = el("button", {
            class: "button small quiet", type: "button", hidden: true, onclick: () => this.reset(),
        }, t("action.undo"));
        const form = el("form", {
            class: "stack", novalidate: true,
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#submit();
            },
            oninput: () => this.changed(),
        },
            el("p", { class: "field-hint" }, hint),
            ...content,
            this.problems.element,
            el("div", { class: "actions" }, ...actions, this.#save, this.undo, this.badge));
        this.element = el("details", {
            class: "disclosure", data: { testid: testId },
        }, el("summary", {}, title), form);
    }

    /** Call when something was changed otherwise than by typing. */
    changed() {
        const dirty = this.#draft.isDirty();
        this.badge.hidden = !dirty;
        this.undo.hidden = !dirty;
        // While one is being saved, the next has to wait.
        if (!this.#save.hasAttribute("aria-busy")) this.#save.disabled = !dirty;
        unsavedChanges.mark(this, dirty);
    }

    /** Gives up what is typed. */
    reset() {
        this.#draft.reset();
        this.problems.clear();
        this.changed();
    }

    async #submit() {
        this.problems.clear();
        if (!this.#draft.isValid()) return;
        try {
            await whileBusy(this.#save, () => this.#draft.save());
        } catch (error) {
            this.problems.showError(error);
        }
        this.changed();
    }
}
