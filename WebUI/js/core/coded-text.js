import { hasText, t } from "./i18n.js";

/** @typedef {import("../types/server.js").CodedMessage} CodedMessage */

/**
 * A sentence of the server in the page's language; in the server's own words where the page has none for it.
 * @param {string | null | undefined} code what the sentence says
 * @param {Record<string, unknown> | undefined} parameters what it names; also other sentences
 * @param {string | null} text in the server's words
 */
export function codedText(code, parameters, text) {
    const key = `condition.${code}`;
    return code && hasText(key) ? t(key, textParameters(parameters ?? {})) : text ?? "";
}

/**
 * Numbers such as those of ports are written without grouping; how many there are of something decides on the words.
 * @param {Record<string, unknown>} parameters
 * @returns {Record<string, string | number>}
 */
export function textParameters(parameters) {
    return Object.fromEntries(Object.entries(parameters).map(
        ([name, value]) => [name, name === "count" ? Number(value) : parameterText(value)],
    ));
}

/**
 * @param {unknown} value another sentence, a list of them, or what stands for itself
 * @returns {string}
 */
function parameterText(value) {
    if (Array.isArray(value)) return value.map(parameterText).join("; ");
    return isMessage(value) ? messageText(value) : String(value);
}

/** @param {CodedMessage} message */
export function messageText({ code, parameters, text }) {
    return codedText(code, parameters, text);
}

/**
 * Whether a sentence names another one.
 * @param {unknown} value
 * @returns {value is CodedMessage}
 */
function isMessage(value) {
    return typeof value === "object" && value !== null && "code" in value && "text" in value;
}
