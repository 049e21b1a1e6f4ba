import { hasText, t } from "./i18n.js";

/** @typedef {import("./types.js").RuntimeOutput} RuntimeOutput */

/**
 * What the server says of an output, in the page's language; in the server's own words where it has no words for it.
 * @param {RuntimeOutput} output
 */
export function outputMessage(output) {
    const key = `condition.${output.message_code}`;
    if (!hasText(key)) return output.message;
    // Port numbers are written without grouping.
    const parameters = Object.fromEntries(Object.entries(output.message_parameters).map(
        ([name, value]) => [name, name === "count" ? value : String(value)],
    ));
    const sentence = t(key, parameters);
    return "used_port" in parameters ? `${sentence} ${t("condition.port", parameters)}` : sentence;
}
