import { codedText, textParameters } from "./coded-text.js";
import { hasText, t } from "./i18n.js";

/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */

/**
 * What the server says of an output, in the page's language; in the server's own words where it has no words for it.
 * @param {RuntimeOutput} output
 */
export function outputMessage(output) {
    const sentence = codedText(output.message_code, output.message_parameters, output.message);
    const parameters = textParameters(output.message_parameters);
    const isTranslated = hasText(`condition.${output.message_code}`);
    return isTranslated && "used_port" in parameters ? `${sentence} ${t("condition.port", parameters)}` : sentence;
}
