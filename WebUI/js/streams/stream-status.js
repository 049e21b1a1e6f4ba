import { formatTime, t } from "../core/i18n.js";

/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../player/stream-player.js").StreamPlayer} StreamPlayer */

/**
 * What a tile says about its stream.
 * @typedef {object} StreamStatus
 * @property {"idle" | "starting" | "live" | "no-signal" | "offline"} kind
 * @property {string} label a word or three
 * @property {string | null} sentence what is wrong and what to do
 */

/**
 * Brings together what the player sees and what the server says.
 * @param {StreamPlayer} player
 * @param {RuntimeOutput | null} runtime of the output that is played
 * @param {Date | null} noSignalSince
 * @returns {StreamStatus}
 */
export function streamStatus(player, runtime, noSignalSince) {
    const message = runtime?.state === "action_required" ? runtime.message || runtime.publisher_last_error : null;
    switch (player.state) {
        case "idle":
            return { kind: "idle", label: t("tile.state.idle"), sentence: null };
        case "blocked":
            return { kind: "offline", label: t("tile.state.offline"), sentence: t(`player.blocked.${player.reason}`) };
        case "live":
            if (runtime?.state !== "action_required") {
                return { kind: "live", label: t("tile.state.live"), sentence: null };
            }
            return { kind: "no-signal", label: noSignalLabel(noSignalSince), sentence: message };
        case "starting":
            return { kind: "starting", label: t("tile.state.starting"), sentence: message };
        case "reconnecting":
            return { kind: "starting", label: t("tile.state.reconnecting"), sentence: message };
    }
}

/** @param {Date | null} since */
function noSignalLabel(since) {
    return since ? t("tile.state.noSignalSince", { time: formatTime(since) }) : t("tile.state.noSignal");
}
