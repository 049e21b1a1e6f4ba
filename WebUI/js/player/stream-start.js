import { pause } from "../core/abort.js";
import { t } from "../core/i18n.js";
import { PlaybackFailure } from "./playback-failure.js";

/** The server holds a request for a moment, so that little is asked in vain. */
const retryMilliseconds = 100;

/**
 * Waits until a stream that starts can be played, without holding one of the few connections that a browser opens. Players
 * that have none of their own for a start begin after it.
 * @param {string} url of the multivariant playlist
 * @param {AbortSignal} signal
 */
export async function streamStarted(url, signal) {
    while (true) {
        let response;
        try {
            response = await fetch(url, { signal, cache: "no-store", headers: { Prefer: "respond-async" } });
        } catch (error) {
            if (signal.aborted) throw signal.reason;
            throw new PlaybackFailure(t("player.log.failure", { what: error instanceof Error ? error.message : "" }));
        }
        if (response.status === 404) throw new PlaybackFailure(t("player.log.notReady"));
        if (!response.ok) {
            throw new PlaybackFailure(t("player.log.httpStatus", {
                status: String(response.status), what: "playlist",
            }));
        }
        if (response.status !== 202) return;
        await pause(retryMilliseconds, signal);
        signal.throwIfAborted();
    }
}
