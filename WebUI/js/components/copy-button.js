import { announcer } from "../core/announcer.js";
import { el, fill } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

const copiedMilliseconds = 1200;

/**
 * A button that copies a text.
 * @param {() => string} text
 * @param {string} testId
 * @param {string} [label]
 */
export function copyButton(text, testId, label = t("copy.copy")) {
    /** @type {number | undefined} */
    let timer;
    const draw = (/** @type {boolean} */ copied) => {
        fill(button, icon(copied ? "check" : "copy"), el("span", {}, copied ? t("copy.copied") : label));
        button.classList.toggle("copied", copied);
    };
    const button = el("button", {
        class: "button small copy", type: "button", data: { testid: testId },
        onclick: async () => {
            if (!(await copy(text(), button))) return;
            draw(true);
            announcer.say(t("copy.copied"));
            clearTimeout(timer);
            timer = setTimeout(() => draw(false), copiedMilliseconds);
        },
    });
    draw(false);
    return button;
}

/**
 * @param {string} text
 * @param {HTMLElement} beside
 * @returns {Promise<boolean>}
 */
async function copy(text, beside) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        return copyBySelection(text, beside);
    }
}

/**
 * The clipboard exists only on secure pages; a page on a home network's address is none. There the old way works.
 * @param {string} text
 * @param {HTMLElement} beside inside the same dialog, if any, or else the focus could not go there
 */
function copyBySelection(text, beside) {
    const area = el("textarea", { class: "visually-hidden", readOnly: true, value: text });
    beside.after(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    beside.focus();
    return copied;
}
