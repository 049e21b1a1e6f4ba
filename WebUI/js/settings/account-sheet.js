import { copyButton } from "../components/copy-button.js";
import { selectField, textField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { el } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** Adds or changes a user, or makes a token and shows it once. Event: `saved`. */
export class AccountSheet extends EventTarget {
    #api;
    #kind;
    #user;
    #sheet;
    #problems;
    #save;

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {"user" | "token"} kind
     * @param {import("../types/access.js").User | null} user null for a new one
     */
    constructor(api, kind, user) {
        super();
        this.#api = api;
        this.#kind = kind;
        this.#user = user;
        this.#sheet = new Sheet(t(user ? "access.user.edit" : `access.${kind}s.add`), { testId: "account" });
        const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
        this.name = textField({
            path: "name", label: t(`access.${kind}.name`), testId: "account-name", attributes: plain,
        }, user?.name ?? "");
        this.role = selectField({ path: "role", label: t("access.role"), testId: "account-role" },
            ["viewer", "admin"].map((value) => ({ value, label: t(`access.role.${value}`) })), user?.role ?? "viewer");
        this.password = textField({
            path: "password", label: t(user ? "access.user.newPassword" : "signIn.password"), testId: "account-password",
            hint: t(user ? "access.user.newPassword.hint" : "signIn.newPassword.hint"),
            attributes: { type: "password", autocomplete: "new-password" },
        }, "");
        const fields = kind === "user" ? [this.name, this.password, this.role] : [this.name, this.role];
        this.#problems = new FormProblems(() => fields);
        this.#save = el("button", {
            class: "button primary", type: "button", data: { testid: "account-save" }, onclick: () => void this.#send(),
        }, t("action.save"));
        this.#sheet.body.append(
            el("form", {
                class: "stack",
                onsubmit: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    void this.#send();
                },
                oninput: () => {
                    this.#sheet.isDirty = true;
                },
            }, fields.map((field) => field.element)),
            this.#problems.element);
        this.#sheet.setActions(this.#save);
        this.#sheet.open();
    }

    async #send() {
        this.#problems.clear();
        this.#save.disabled = true;
        const draft = { name: this.name.value, role: this.role.value };
        const password = this.password.control.value;
        try {
            if (this.#kind === "token") {
                this.#show((await this.#api.accounts.createToken(draft)).token);
            } else {
                if (this.#user) await this.#api.accounts.replaceUser(this.#user.id, password ? { ...draft, password } : draft);
                else await this.#api.accounts.createUser({ ...draft, password });
                this.#sheet.isDirty = false;
                this.#sheet.close();
            }
            this.dispatchEvent(new Event("saved"));
        } catch (error) {
            this.#problems.showError(error);
            this.#save.disabled = false;
        }
    }

    /** @param {string} token */
    #show(token) {
        this.#sheet.isDirty = false;
        this.#sheet.body.replaceChildren(
            el("p", {}, t("access.token.once")),
            el("p", { class: "mono", data: { testid: "token-text" } }, token),
            copyButton(() => token, "token-copy"));
        this.#sheet.setActions();
    }
}
