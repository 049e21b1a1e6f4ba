/**
 * Playing did not work, or stopped working; the code and its parameters say why, in the log of attempts
 * (`player.log.…` in the pages' language files).
 */
export class PlaybackFailure extends Error {
    /**
     * @param {string} code
     * @param {Record<string, any>} [parameters]
     * @param {{isRefusal?: boolean}} [details] whether it is about what the stream carries, and not about the network: the same
     *     offer gets the same answer
     */
    constructor(code, parameters = {}, { isRefusal = false } = {}) {
        super(code);
        this.name = "PlaybackFailure";
        this.code = code;
        this.parameters = parameters;
        this.isRefusal = isRefusal;
    }
}

/**
 * Why nothing can play until somebody does something about it.
 * @typedef {"no-hls" | "engine-stopped" | "sign-in" | "password" | "autoplay" | "unsupported" | "codec" |
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
export class PlaybackBlocked extends PlaybackFailure {
    /** @param {BlockReason} reason */
    constructor(reason) {
        super(`blocked.${reason}`, {}, { isRefusal: reason === "codec" });
        this.name = "PlaybackBlocked";
        this.reason = reason;
    }
}
