import { preferences } from "./preferences.js";

/** The languages that there is a file for under `i18n/`, the first one being the fallback. */
export const languages = /** @type {const} */ (["en", "pt"]);

/** @typedef {typeof languages[number]} Language */

/** @type {Record<string, string>} */
let texts = {};
/** @type {Language} */
let current = "en";
/** The user's own variety of the language, which knows how times and numbers are written there. */
let locale = "en";

/**
 * Loads the texts of the chosen language, or else of the first one that the browser asks for and that we have.
 * Has to be awaited before anything is drawn.
 */
export async function loadTranslations() {
    current = chooseLanguage(preferences.get("language"), navigator.languages);
    locale = navigator.languages.find((tag) => tag.toLowerCase().split("-")[0] === current) ?? current;
    document.documentElement.lang = current;
    const response = await fetch(new URL(`i18n/${current}.json`, document.baseURI));
    if (!response.ok) throw new Error(`The texts of language "${current}" could not be loaded.`);
    texts = await response.json();
}

/**
 * @param {string | null} chosen
 * @param {readonly string[]} accepted
 * @returns {Language}
 */
export function chooseLanguage(chosen, accepted) {
    for (const tag of [chosen, ...accepted]) {
        const language = languages.find((candidate) => candidate === tag?.toLowerCase().split("-")[0]);
        if (language) return language;
    }
    return languages[0];
}

/** The language in use, as a BCP 47 tag. */
export function language() {
    return current;
}

/**
 * A text of the interface. `{name}` in it is replaced by the parameter of that name; a `count` parameter picks the
 * plural form (`key.one`, `key.other`) that the language wants.
 * @param {string} key
 * @param {Record<string, string | number>} [parameters]
 * @returns {string}
 */
export function t(key, parameters = {}) {
    let text = texts[key];
    if (typeof parameters.count === "number") {
        const category = new Intl.PluralRules(current).select(parameters.count);
        text = texts[`${key}.${category}`] ?? texts[`${key}.other`] ?? text;
    }
    return (text ?? key).replace(/\{(\w+)\}/g, (whole, name) => {
        const value = parameters[name];
        if (value === undefined) return whole;
        return typeof value === "number" ? formatNumber(value) : value;
    });
}

/**
 * Whether there is a text, or a plural of one.
 * @param {string} key
 */
export function hasText(key) {
    return key in texts || `${key}.other` in texts;
}

/**
 * @param {number} value
 * @param {number} [digits] how many places behind the decimal point at most
 */
export function formatNumber(value, digits = 0) {
    return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/**
 * @param {number} seconds
 * @param {number} [digits] how many places behind the decimal point, always shown
 */
export function formatSeconds(seconds, digits = 1) {
    const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return `${new Intl.NumberFormat(locale, options).format(seconds)} s`;
}

/**
 * A day and a time of it.
 * @param {Date} date
 */
export function formatMoment(date) {
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

/**
 * @param {Date} date
 * @param {boolean} [withSeconds]
 */
export function formatTime(date, withSeconds = false) {
    return new Intl.DateTimeFormat(locale, {
        hour: "2-digit",
        minute: "2-digit",
        second: withSeconds ? "2-digit" : undefined,
    }).format(date);
}

/**
 * Several names, as the language lists them.
 * @param {string[]} names
 */
export function formatList(names) {
    return new Intl.ListFormat(locale).format(names.map((name) => `“${name}”`));
}

/**
 * How long something has been running, in the two largest units that matter.
 * @param {number} seconds
 */
export function formatDuration(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    const days = Math.floor(whole / 86400);
    const hours = Math.floor((whole % 86400) / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    if (days > 0) return `${days} d ${hours} h`;
    if (hours > 0) return `${hours} h ${minutes} min`;
    if (minutes > 0) return `${minutes} min`;
    return `${whole} s`;
}
