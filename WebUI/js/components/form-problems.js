import { ApiError } from "../core/server-requests.js";
import { el, fill } from "../core/dom.js";
import { errorText } from "../core/error-text.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/**
 * @typedef {object} ProblemField
 * @property {string} path
 * @property {(text: string | null) => void} setProblem
 * @property {() => void} focus
 */

/** Shows what is wrong with a form: at the field where there is one, else above the form's buttons. */
export class FormProblems {
    /** @type {() => Iterable<ProblemField>} */
    #fields;

    /** @param {() => Iterable<ProblemField>} fields those of the form, now */
    constructor(fields) {
        this.#fields = fields;
        this.element = el("div", { class: "alert bad", role: "alert", hidden: true, data: { testid: "form-problem" } });
    }

    clear() {
        this.element.hidden = true;
        for (const field of this.#fields()) field.setProblem(null);
    }

    /**
     * @param {import("../core/server-requests.js").FieldProblem[]} problems
     * @returns {boolean} whether there is any
     */
    show(problems) {
        this.clear();
        const fields = [...this.#fields()];
        /** @type {ProblemField | null} */
        let first = null;
        const unplaced = [];
        for (const problem of problems) {
            const field = placeOf(problem.path, fields);
            if (!field) {
                unplaced.push(problem.path ? `${problem.path}: ${problem.message}` : problem.message);
                continue;
            }
            field.setProblem(problem.message);
            first ??= field;
        }
        if (unplaced.length > 0) this.#say(unplaced.join(" "));
        first?.focus();
        return problems.length > 0;
    }

    /**
     * @param {unknown} error of a save
     * @param {string | null} outcome what has come of it; null where nothing was to be saved
     */
    showError(error, outcome = t("form.notSaved")) {
        this.clear();
        if (error instanceof ApiError && error.problems.length > 0) this.show(error.problems);
        else this.#say([outcome, errorText(error)].filter(Boolean).join(" "));
    }

    /** @param {string} text */
    #say(text) {
        fill(this.element, icon("alert"), el("span", {}, text));
        this.element.hidden = false;
        this.element.scrollIntoView({ block: "nearest" });
    }
}

/**
 * The field that a problem is about: of its name, or else the one whose value contains what the problem is about.
 * @param {string} path
 * @param {ProblemField[]} fields
 */
function placeOf(path, fields) {
    return fields.find((field) => field.path === path)
        ?? fields.find((field) => path.startsWith(`${field.path}.`))
        ?? null;
}
