import { hasText, t } from "./i18n.js";

/**
 * A sentence of the server in the page's language; in the server's own words where the page has none for it.
 * @param {string} group the first part of the names of its texts
 * @param {string | null | undefined} code what the sentence says
 * @param {Record<string, unknown> | undefined} parameters what it names
 * @param {string | null} text in the server's words
 */
export function codedText(group, code, parameters, text) {
    const key = `${group}.${code}`;
    return code && hasText(key) ? t(key, textParameters(parameters ?? {})) : text ?? "";
}

/**
 * Numbers such as those of ports are written without grouping; how many there are of something decides on the words.
 * @param {Record<string, unknown>} parameters
 * @returns {Record<string, string | number>}
 */
export function textParameters(parameters) {
    return Object.fromEntries(Object.entries(parameters).map(
        ([name, value]) => [name, name === "count" ? Number(value) : String(value)],
    ));
}
