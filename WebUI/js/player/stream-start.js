import { pause } from "./abort.js";
import { PlaybackFailure } from "./playback-failure.js";
import { isRelayed, refusal } from "./stream-server.js";

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
            response = await fetch(url, {
                // The engine's own address holds the request, and other origins may not ask it for anything else.
                signal, cache: "no-store", headers: isRelayed(new URL(url)) ? { Prefer: "respond-async" } : {},
            });
        } catch (error) {
            if (signal.aborted) throw signal.reason;
            throw new PlaybackFailure("failure", { what: error instanceof Error ? error.message : "" });
        }
        if (response.status === 404) throw new PlaybackFailure("notReady");
        if (!response.ok) throw await refusal(response, "playlist");
        if (response.status !== 202) return;
        await pause(retryMilliseconds, signal);
        signal.throwIfAborted();
    }
}
