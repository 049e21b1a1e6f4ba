import { el, fill } from "../core/dom.js";
import { t } from "../core/i18n.js";
import { preferences } from "../core/preferences.js";

/** @typedef {import("../types/outputs.js").Transmission} Transmission */

/** Which group of streams is shown. `?group=` in the address says it as well, for a screen on a wall. */
export class GroupChoice {
    #wanted;
    #drawn = "";

    /** @param {() => void} onchange */
    constructor(onchange) {
        this.#wanted = new URLSearchParams(window.location.search).get("group") ?? preferences.get("group") ?? "";
        this.element = el("select", {
            class: "select small", hidden: true, "aria-label": t("groups.label"), data: { testid: "group" },
            onchange: () => {
                this.#wanted = this.element.value;
                preferences.set("group", this.#wanted || null);
                onchange();
            },
        });
    }

    /**
     * Those of the group that is wanted; all when there is no such group, or when the address asks for one of another.
     * @param {Transmission[]} transmissions
     * @param {string} pickedId of the stream that the address asks for
     */
    filter(transmissions, pickedId) {
        const names = groupNames(transmissions);
        this.#draw(names);
        if (!names.includes(this.#wanted)) return transmissions;
        const own = transmissions.filter((transmission) => transmission.group === this.#wanted);
        const isElsewhere = pickedId !== "" && !own.some(({ id }) => id === pickedId);
        return isElsewhere ? transmissions : own;
    }

    /** @param {string[]} names */
    #draw(names) {
        const key = names.join("\n");
        if (key !== this.#drawn) {
            this.#drawn = key;
            fill(this.element, el("option", { value: "" }, t("groups.all")), names.map((name) => el("option", { value: name }, name)));
        }
        this.element.hidden = names.length === 0;
        this.element.value = names.includes(this.#wanted) ? this.#wanted : "";
    }
}

/**
 * The groups that there are, in the order of their first streams.
 * @param {Transmission[]} transmissions
 * @returns {string[]}
 */
export function groupNames(transmissions) {
    return [...new Set(transmissions.map(({ group }) => group ?? "").filter((name) => name !== ""))];
}
