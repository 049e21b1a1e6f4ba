import { codedText } from "../core/coded-text.js";
import { formatSeconds, t } from "../core/i18n.js";

/** @typedef {import("../player/attempt-log.js").AttemptEntry} AttemptEntry */

/**
 * What an entry of a player's log says.
 * @param {Pick<AttemptEntry, "code" | "parameters" | "retrySeconds">} entry
 */
export function attemptText({ code, parameters, retrySeconds }) {
    const text = sentence(code, parameters);
    return retrySeconds === null ? text : t("player.log.retry", { text, seconds: retrySeconds });
}

/** @param {string} detail what does the work of a transport */
export function detailText(detail) {
    return detail === "native" ? t("player.native") : detail;
}

/**
 * @param {string} code
 * @param {Record<string, any>} parameters
 * @returns {string}
 */
function sentence(code, parameters) {
    if (code.startsWith("blocked.")) return t(`player.${code}`);
    switch (code) {
        case "server":
            return codedText(parameters.code, parameters.parameters, parameters.detail);
        case "notPrimed":
            return t("player.log.notPrimed", { text: sentence(parameters.code, parameters.parameters) });
        case "opening":
            return t("player.log.opening", { ...parameters, detail: detailText(parameters.detail) });
        case "playing":
            return t("player.log.playing", { transport: parameters.transport, time: formatSeconds(parameters.seconds) });
        default:
            return t(`player.log.${code}`, parameters);
    }
}
