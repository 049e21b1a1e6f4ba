import { whileBusy } from "../components/busy.js";
import { selectField, textField } from "../components/field.js";
import { FormProblems } from "../components/form-problems.js";
import { Sheet } from "../components/sheet.js";
import { Switch } from "../components/switch.js";
import { toasts } from "../components/toasts.js";
import { el, fill, setText } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";
import { freeSlug, slug } from "../core/slug.js";
import { DestinationEditor } from "./destination-editor.js";
import { customPreset, destinationPresets, newDestination, withoutReadOnlyMembers } from "./destinations.js";
import { newOutput, sharesOneEncoder } from "./encoding.js";
import { OutputEditor } from "./output-editor.js";

/** @typedef {import("../types/outputs.js").StreamDestination} StreamDestination */
/** @typedef {import("../types/outputs.js").Transmission} Transmission */
/** @typedef {import("../types/outputs.js").TransmissionOutput} TransmissionOutput */

/** Adds a transmission or changes one. */
export class TransmissionSheet {
    #api;
    #store;
    #transmission;
    /** @type {OutputEditor[]} */
    #editors = [];
    /** @type {DestinationEditor[]} */
    #destinations = [];
    #initial = "";

    /**
     * @param {import("../core/api.js").ApiClient} api
     * @param {import("./settings-store.js").SettingsStore} store
     * @param {Transmission | null} transmission
     */
    constructor(api, store, transmission) {
        this.#api = api;
        this.#store = store;
        this.#transmission = transmission;
        this.name = textField({
            path: "name", label: t("field.name"), testId: "transmission-name", attributes: { maxlength: 200 },
        },
            transmission?.name ?? "");
        this.path = textField({
            path: "path", label: t("transmission.path"), hint: t("transmission.path.hint"), testId: "transmission-path",
            attributes: { class: "input mono", autocapitalize: "none", spellcheck: "false" },
        }, transmission?.path ?? "");
        this.group = textField({
            path: "group", label: t("transmission.group"), hint: t("transmission.group.hint"),
            testId: "transmission-group", attributes: { maxlength: 60 },
        }, transmission?.group ?? "");
        this.enabled = new Switch({
            label: t("transmission.enabled"), hint: t(
                "transmission.enabled.hint",
            ), checked: transmission?.enabled ?? true, testId: "transmission-enabled",
        });
        this.placeholder = selectField({
            path: "placeholder", label: t("transmission.placeholder"), hint: t("transmission.placeholder.hint"),
        },
            ["gray", "black"].map((value) => ({
                value, label: t(`transmission.placeholder.${value}`),
            })), transmission?.placeholder ?? "gray");
        this.arbitration = selectField({
            path: "arbitration", label: t("transmission.arbitration"), hint: t("transmission.arbitration.hint"),
        },
            ["priority_latest", "latest"].map((value) => ({ value, label: t(`transmission.arbitration.${value}`) })),
            transmission?.arbitration ?? "priority_latest");
        this.problems = new FormProblems(() => [
            ...this.#editors.flatMap((editor, index) => editor.fields(index)),
            ...this.#destinations.flatMap((editor, index) => editor.fields(index)),
            this.name, this.path, this.group, this.placeholder, this.arbitration,
        ]);
        this.outputs = el("div", { class: "stack" });
        this.destinations = el("div", { class: "stack" });
        this.sharing = el("p", { class: "field-hint", data: { testid: "encoder-sharing" } });
        this.sheet = new Sheet(
            transmission ? t("transmission.edit.title", {
                name: transmission.name || transmission.path,
            }) : t("transmission.add.title"),
            { testId: "transmission-sheet", size: "large" });
        this.save = el("button", {
            class: "button primary", type: "submit", form: "transmission-form", data: { testid: "transmission-save" },
        },
            transmission ? t("action.save") : t("transmission.add"));
        this.#build();
        const outputs = transmission?.outputs ?? [newOutput("hls", "hls"), newOutput("rtsp", "rtsp")];
        for (const output of outputs) this.#addOutput(output);
        for (const destination of transmission?.destinations ?? []) this.#addDestination(destination);
        this.#initial = JSON.stringify(this.#value());
        this.#changed();
        this.sheet.open();
    }

    #build() {
        const add = el("button", {
            class: "button small", type: "button", data: { testid: "output-add" },
            onclick: () => {
                const protocol = this.#editors.some((editor) => editor.value().protocol === "hls") ? "rtsp" : "hls";
                this.#addOutput(
                    newOutput(freeSlug(protocol, this.#editors.map((editor) => editor.value().id)), protocol),
                );
                this.#changed();
                this.#editors.at(-1)?.element.scrollIntoView({ block: "nearest" });
            },
        }, icon("add"), t("output.add"));
        const preset = el("select", {
            class: "select small", "aria-label": t("destination.add"), data: { testid: "destination-add" },
            onchange: (/** @type {Event} */ event) => {
                // Choosing is all that it does: nothing of the transmission is changed by the choice itself.
                event.stopPropagation();
                const ids = this.#destinations.map((editor) => editor.value().id);
                this.#addDestination(newDestination(freeSlug("destination", ids), preset.value));
                preset.value = "";
                this.#changed();
                this.#destinations.at(-1)?.element.scrollIntoView({ block: "nearest" });
            },
        },
            el("option", { value: "" }, t("destination.add")),
            destinationPresets.map(({ id, name }) => el("option", { value: id }, name)),
            el("option", { value: customPreset }, t("destination.custom")));
        // Typing a name proposes a path, until the path is typed.
        let proposed = this.#transmission === null;
        this.path.control.addEventListener("input", () => {
            proposed = false;
        });
        this.name.control.addEventListener("input", () => {
            if (proposed) this.path.value = this.name.value ? slug(this.name.value, "") : "";
        });
        fill(this.sheet.body, el("form", {
            class: "stack", id: "transmission-form", novalidate: true, oninput: () => this.#changed(),
            onsubmit: (/** @type {Event} */ event) => {
                event.preventDefault();
                void this.#submit();
            },
        },
            el("div", { class: "field-row" }, this.name.element, this.path.element),
            this.group.element,
            this.enabled.element,
            el("div", { class: "subhead" }, el("h3", {}, t("outputs.title")), add),
            this.outputs,
            this.sharing,
            el("div", { class: "subhead" }, el("h3", {}, t("destinations.title")), preset),
            el("p", { class: "field-hint" }, t("destinations.text")),
            this.destinations,
            el("details", { class: "disclosure" }, el("summary", {}, t("form.advanced")),
                el("div", { class: "field-row" }, this.placeholder.element, this.arbitration.element)),
            this.problems.element));
        this.sheet.setActions(
            el("button", {
                class: "button", type: "button", onclick: () => void this.sheet.requestClose(),
            }, t("action.cancel")), this.save);
    }

    /** @param {TransmissionOutput} output */
    #addOutput(output) {
        const editor = new OutputEditor(output);
        editor.addEventListener("change", () => this.#changed());
        editor.addEventListener("remove", () => {
            this.#editors = this.#editors.filter((other) => other !== editor);
            editor.element.remove();
            this.#changed();
        });
        this.#editors.push(editor);
        this.outputs.append(editor.element);
    }

    /** @param {StreamDestination} destination */
    #addDestination(destination) {
        const editor = new DestinationEditor(destination);
        editor.addEventListener("change", () => this.#changed());
        editor.addEventListener("remove", () => {
            this.#destinations = this.#destinations.filter((other) => other !== editor);
            editor.element.remove();
            this.#changed();
        });
        this.#destinations.push(editor);
        this.destinations.append(editor.element);
    }

    #value() {
        const path = this.path.value || slug(this.name.value, "");
        const typed = {
            name: this.name.value,
            path,
            group: this.group.value,
            enabled: this.enabled.checked,
            placeholder: this.placeholder.value,
            arbitration: this.arbitration.value,
            outputs: this.#editors.map((editor) => editor.value()),
            destinations: this.#destinations.map((editor) => editor.value()),
        };
        return this.#transmission ? { ...this.#transmission, ...typed } : typed;
    }

    #changed() {
        const value = this.#value();
        this.sheet.isDirty = this.#initial !== "" && JSON.stringify(value) !== this.#initial;
        setText(this.sharing, sharingText(value.outputs));
    }

    async #submit() {
        const problems = [this.#editors, this.#destinations].flatMap((editors) =>
            editors.flatMap((editor, index) => editor.problems(index)));
        if (!this.#transmission && !this.name.value) problems.unshift({
            path: "name", message: t("transmission.name.missing"),
        });
        if (this.problems.show(problems)) return;
        const value = withoutReadOnly(this.#value());
        const before = this.#transmission;
        try {
            await whileBusy(this.save, () => before
                ? this.#api.replaceTransmission(before, value)
                : this.#api.createTransmission(value));
        } catch (error) {
            this.problems.showError(error);
            return;
        }
        this.sheet.close();
        const name = value.name || value.path;
        toasts.show(before ? this.#summary(name) : t("transmission.added", { name }));
        await this.#store.refresh();
    }

    /**
     * What the save did, as far as its viewers notice.
     * @param {string} name
     */
    #summary(name) {
        const watched = this.#store.outputs.some(
            (output) => output.transmission_id === this.#transmission?.id && output.viewer_count > 0,
        );
        return watched ? t("transmission.saved.viewers", { name }) : t("transmission.saved", { name });
    }
}

/** @param {TransmissionOutput[]} outputs */
function sharingText(outputs) {
    const enabled = outputs.filter((output) => output.enabled);
    if (outputs.length === 0) return t("outputs.none");
    if (enabled.length < 2) return "";
    return t(sharesOneEncoder(outputs) ? "outputs.shared" : "outputs.separate");
}

/**
 * What an answer has and a request may not.
 * @template {{outputs: TransmissionOutput[], destinations: StreamDestination[]}} Value
 * @param {Value} value
 */
function withoutReadOnly(value) {
    return {
        ...value,
        destinations: value.destinations.map(withoutReadOnlyMembers),
        outputs: value.outputs.map((output) => {
            if (!output.authentication) return output;
            const { password_set: _, ...authentication } = output.authentication;
            return { ...output, authentication };
        }),
    };
}
