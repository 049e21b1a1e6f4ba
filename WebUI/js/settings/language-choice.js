import { selectField } from "../components/field.js";
import { language, languages, t } from "../core/i18n.js";
import { preferences } from "../core/preferences.js";
import { section } from "./section.js";
import { el } from "../core/dom.js";

/** The language of this browser's pages. Each is called by its own name. */
const names = { en: "English", pt: "Português" };

export function languageSection() {
    const field = selectField({
        path: "language", label: t("language.label"), hint: t("language.hint"), testId: "language",
    },
        languages.map((value) => ({ value, label: names[value] })), language());
    field.control.addEventListener("change", () => {
        preferences.set("language", field.value);
        window.location.reload();
    });
    return section({ id: "language", title: t("language.title") }, el("div", { class: "card" }, field.element));
}
