import { FormProblems } from "../components/form-problems.js";
import { accountName, textField } from "../components/field.js";
import { ApiClient } from "../core/api.js";
import { el } from "../core/dom.js";
import { loadTranslations, t } from "../core/i18n.js";
import { placeToReturnTo } from "../core/sign-in.js";

await loadTranslations();

const api = new ApiClient();
const parameters = new URLSearchParams(window.location.hash.slice(1));
// The code stays out of the history and of what the user copies.
const setupCode = parameters.get("code");
if (setupCode) window.history.replaceState(null, "", window.location.pathname);
const session = await api.accounts.session().catch(() => null);
document.title = t("signIn.documentTitle");
document.querySelector("#main")?.replaceChildren(content());

function content() {
    if (session?.access === "open" || session?.user) {
        window.location.replace(placeToReturnTo(parameters));
        return card(t("signIn.title"), el("p", {}, t("signIn.done")));
    }
    if (setupCode) return setUpForm(setupCode);
    if (session?.setup_required && !session.takes_home_assistant_users) return card(t("signIn.title"), el("p", {}, t("signIn.setupRequired")));
    return signInForm();
}

function signInForm() {
    const name = textField({
        path: "name", label: t("signIn.name"), testId: "sign-in-name",
        attributes: { autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true },
    }, "");
    const password = passwordField(t("signIn.password"), "current-password");
    const text = session?.takes_home_assistant_users ? t("signIn.homeAssistant") : null;
    return form(t("signIn.title"), text, t("signIn.action"), [name, password],
        () => ({ name: name.value, password: password.control.value }));
}

/** @param {string} code */
function setUpForm(code) {
    const password = passwordField(t("signIn.newPassword"), "new-password", t("signIn.newPassword.hint"));
    const element = form(t("signIn.setup.title"), t("signIn.setup.text"), t("signIn.setup.action"), [password],
        () => ({ setup_code: code, password: password.control.value }));
    element.append(accountName("admin"));
    return element;
}

/**
 * @param {string} label
 * @param {string} autocomplete
 * @param {string} [hint]
 */
function passwordField(label, autocomplete, hint) {
    return textField({
        path: "password", label, hint, testId: "sign-in-password", attributes: { type: "password", autocomplete, required: true },
    }, "");
}

/**
 * @param {string} title
 * @param {string | null} text
 * @param {string} action
 * @param {import("../components/field.js").Field<HTMLInputElement>[]} fields
 * @param {() => object} body
 */
function form(title, text, action, fields, body) {
    const problems = new FormProblems(() => fields);
    const submit = el("button", { class: "button primary", type: "submit", data: { testid: "sign-in-submit" } }, action);
    const element = el("form", {
        class: "card sign-in", novalidate: true,
        onsubmit: (/** @type {Event} */ event) => {
            event.preventDefault();
            void send();
        },
    }, heading(title), text && el("p", {}, text), fields.map((field) => field.element), problems.element, submit);
    queueMicrotask(() => fields[0].focus());
    return element;

    async function send() {
        problems.clear();
        submit.disabled = true;
        try {
            await api.accounts.signIn(body());
            window.location.replace(placeToReturnTo(parameters));
        } catch (error) {
            problems.showError(error, null);
            submit.disabled = false;
        }
    }
}

/**
 * @param {string} title
 * @param {...HTMLElement} children
 */
function card(title, ...children) {
    return el("section", { class: "card sign-in" }, heading(title), children);
}

/** @param {string} title */
function heading(title) {
    return el("header", {},
        el("img", { src: "img/mark.svg", alt: "", width: 32, height: 32 }), el("h1", {}, title));
}
