import { numberField } from "../components/field.js";
import { el } from "../core/dom.js";
import { plainRangeProblems } from "./field-checks.js";
import { SettingsForm, differs } from "./settings-form.js";

/**
 * Whole numbers of the settings that are changed together.
 * @template {string} Name
 * @param {import("../core/api.js").ApiClient} api
 * @param {import("./settings-store.js").SettingsStore} store
 * @param {object} options
 * @param {readonly Name[]} options.names
 * @param {(name: Name) => {path: string, label: string, testId: string, range: {min: number, max: number}}} options.field
 * @param {(settings: import("../types/engine.js").StreamingSettings) => Record<Name, number>} options.of
 * @param {(numbers: Record<string, number | null>) => object} options.change what is sent to change them
 * @param {() => string} options.saved
 * @param {{title: string, hint: string, testId: string}} texts
 */
export function numbersForm(api, store, { names, field, of, change, saved }, texts) {
    const given = names.map((name) => field(name));
    const fields = given.map(({ path, label, testId, range }) => numberField({
        path, label, testId, attributes: { required: true },
    }, null, range));
    const draft = () => Object.fromEntries(names.map((name, index) => [name, fields[index].number]));
    return new SettingsForm(api, store, {
        of,
        fields: () => fields,
        show: (stored) => names.forEach((name, index) => {
            fields[index].value = String(stored[name]);
        }),
        isChanged: (stored) => differs(draft(), stored),
        problems: () => plainRangeProblems(fields.map((field, index) => [field, given[index].range])),
        change: () => change(draft()),
        saved,
    }, { ...texts, content: [el("div", { class: "port-fields" }, fields.map((field) => field.element))] });
}
