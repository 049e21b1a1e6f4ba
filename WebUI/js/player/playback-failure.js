/** Playing did not work, or stopped working. Trying again may help. The message is for the log of attempts. */
export class PlaybackFailure extends Error {
    /** @param {string} message */
    constructor(message) {
        super(message);
        this.name = "PlaybackFailure";
    }
}

/**
 * Why nothing can play until somebody does something about it.
 * @typedef {"no-hls" | "engine-stopped" | "password" | "autoplay" | "unsupported" | "codec" |
 *     "player-missing"} BlockReason
 */

/**
 * Whether an error of hls.js means that the browser has no decoder for what the stream carries.
 * @param {{details?: string, error?: {message?: string}}} data
 */
export function lacksDecoder({ details, error }) {
    return details === "manifestIncompatibleCodecsError" || details === "bufferIncompatibleCodecsError"
        || details === "bufferAddCodecError" || Boolean(error?.message?.startsWith("Unsupported HEVC in M2TS"));
}

/** Trying again does not help; the reason says what does. */
export class PlaybackBlocked extends Error {
    /**
     * @param {BlockReason} reason
     * @param {{username?: string | null}} [details]
     */
    constructor(reason, details = {}) {
        super(reason);
        this.name = "PlaybackBlocked";
        this.reason = reason;
        this.username = details.username ?? null;
    }
}
