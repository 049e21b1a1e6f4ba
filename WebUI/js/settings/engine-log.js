import { el, setText } from "../core/dom.js";
import { t } from "../core/i18n.js";

/** The end of the engine's log, folded up until somebody wants to see it. Event: `open`. */
export class EngineLog extends EventTarget {
    constructor() {
        super();
        this.text = el("pre", { class: "engine-log", tabindex: "0", data: { testid: "engine-log" } });
        this.element = el("details", { class: "disclosure", hidden: true, data: { testid: "engine-log-toggle" } },
            el("summary", {}, t("engine.log")), this.text);
        // The newest lines are at the end.
        this.element.addEventListener("toggle", () => {
            this.#scrollToEnd();
            if (this.isOpen) this.dispatchEvent(new Event("open"));
        });
    }

    get isOpen() {
        return this.element.open;
    }

    /** @param {string[]} lines */
    update(lines) {
        this.element.hidden = lines.length === 0;
        const text = lines.join("\n");
        if (text === this.text.textContent) return;
        const wasAtEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 4;
        setText(this.text, text);
        if (wasAtEnd) this.#scrollToEnd();
    }

    #scrollToEnd() {
        this.text.scrollTop = this.text.scrollHeight;
    }
}
