import { codedText } from "../core/coded-text.js";
import { formatTime, t } from "../core/i18n.js";
import { outputMessage } from "../core/output-message.js";

/** What a stream is called whose pictures are kept back. */
const restLabels = { nothing_moves: "tile.state.nothingMoves", nothing_detected: "tile.state.nothingDetected" };

/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../player/toposync-player.js").TopoSyncPlayer} TopoSyncPlayer */

/**
 * What a tile says about its stream.
 * @typedef {object} StreamStatus
 * @property {"idle" | "starting" | "live" | "no-signal" | "offline"} kind
 * @property {string} label a word or three
 * @property {string | null} sentence what is wrong and what to do
 */

/**
 * Brings together what the player sees and what the server says. Only both together make a stream live: what the player
 * sees may be the placeholder.
 * @param {Pick<TopoSyncPlayer, "state" | "reason">} player
 * @param {RuntimeOutput | null} runtime of the output that is played; null when another server runs it
 * @returns {StreamStatus}
 */
export function streamStatus(player, runtime) {
    const message = runtime?.state === "action_required" ? outputMessage(runtime) || lastError(runtime) : null;
    switch (player.state) {
        case "idle":
            return { kind: "idle", label: t("tile.state.idle"), sentence: null };
        case "blocked":
            return { kind: "offline", label: t("tile.state.offline"), sentence: t(`player.blocked.${player.reason}`) };
        case "live":
            if (runtime?.state === "action_required") {
                return { kind: "no-signal", label: noSignalLabel(runtime), sentence: message };
            }
            if (runtime && !(runtime.state === "working" && runtime.publisher_running)) {
                return { kind: "starting", label: t("tile.state.starting"), sentence: null };
            }
            return {
                kind: "live", sentence: null,
                label: t(restLabels[runtime?.message_code] ?? "tile.state.live"),
            };
        case "starting":
            return { kind: "starting", label: t("tile.state.starting"), sentence: message };
        case "reconnecting":
            return { kind: "starting", label: t("tile.state.reconnecting"), sentence: message };
    }
}

/** @param {RuntimeOutput} runtime */
function lastError(runtime) {
    return codedText(
        runtime.publisher_last_error_code, runtime.publisher_last_error_parameters, runtime.publisher_last_error) || null;
}

/**
 * The placeholder says the same moment.
 * @param {RuntimeOutput} runtime
 */
function noSignalLabel({ no_signal_since_unix: since }) {
    return since ? t("tile.state.noSignalSince", { time: formatTime(new Date(since * 1000), true) }) : t("tile.state.noSignal");
}
