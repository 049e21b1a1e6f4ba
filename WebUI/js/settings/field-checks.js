import { formatNumber, t } from "../core/i18n.js";

/** @typedef {import("../components/field.js").Field<any>} AnyField */
/** @typedef {[field: AnyField, range: {min: number, max: number}, isOptional: boolean]} FieldCheck */

/**
 * The numbers that are out of their range.
 * @param {FieldCheck[]} checks
 * @param {string} place what stands before the fields' paths, as `outputs.0`
 * @returns {import("../core/server-requests.js").FieldProblem[]}
 */
export function rangeProblems(checks, place) {
    return checks
        .filter(([{ number }, { min, max }, isOptional]) =>
            number === null ? !isOptional : !(Number.isInteger(number) && number >= min && number <= max))
        .map(([field, range]) => ({ path: `${place}.${field.path}`, message: t("form.range", range) }));
}

/**
 * The same for fields that may not be empty and have whole paths. Numbers of ports, which they are beside, are written without
 * grouping.
 * @param {[field: AnyField, range: {min: number, max: number}][]} checks
 * @returns {import("../core/server-requests.js").FieldProblem[]}
 */
export function plainRangeProblems(checks) {
    return checks
        .filter(([{ number }, { min, max }]) => number === null || !(number >= min && number <= max))
        .map(([{ path }, { min, max }]) => ({ path, message: t("form.range", { min: String(min), max: String(max) }) }));
}

/**
 * The same for numbers with decimals.
 * @param {FieldCheck[]} checks
 * @returns {import("../core/server-requests.js").FieldProblem[]}
 */
export function decimalRangeProblems(checks) {
    return checks
        .filter(([{ number }, { min, max }, isOptional]) => (number === null ? !isOptional : !(number >= min && number <= max)))
        .map(([{ path }, { min, max }]) => ({
            path, message: t("form.decimalRange", { min: formatNumber(min, 2), max: formatNumber(max, 2) }),
        }));
}

/**
 * The fields as the server names them.
 * @param {AnyField[]} fields
 * @param {string} place
 */
export function placed(fields, place) {
    return fields.map((field) => ({
        path: `${place}.${field.path}`,
        setProblem: field.setProblem.bind(field),
        focus: field.focus.bind(field),
    }));
}
