/**
 * What happens to a player, and what it is to do.
 * @module
 */

/** @typedef {import("./playback-failure.js").BlockReason} BlockReason */
/** @typedef {import("./transport.js").TransportKind} TransportKind */

/**
 * `idle`: nobody looks. `starting`: no picture yet. `live`. `reconnecting`: had a picture, will have one again.
 * `blocked`: needs somebody to do something.
 * @typedef {"idle" | "starting" | "live" | "reconnecting" | "blocked"} PlayerState
 */

/**
 * @typedef {object} Failure
 * @property {string} code
 * @property {Record<string, any>} parameters
 * @property {BlockReason} [reason] why trying again does not help
 * @property {boolean} [isRefusal] whether this way can't carry this stream
 */

/**
 * What happens to a player.
 * @typedef {{type: "start"} | {type: "stop"} | {type: "retryNow"} | {type: "networkChanged"}
 *     | {type: "floats", isSolo: boolean}
 *     | {type: "found", round: number, kinds: TransportKind[], isSolo: boolean}
 *     | {type: "notFound", round: number, failure: Failure}
 *     | {type: "answered", attempt: number} | {type: "picture", attempt: number}
 *     | {type: "failed", attempt: number, failure: Failure}
 *     | {type: "timer", name: string}} PlayerEvent
 */

/**
 * What a player is to do. `find` asks where the stream is and which ways there are to play it here; `open` begins one of
 * them with a video of its own, `show` puts that in the place that is seen, `close` lets go of it; `release` tells the
 * server that nobody watches; `change` says that state or reason have changed.
 * @typedef {{type: "find", round: number} | {type: "open", attempt: number, kind: TransportKind}
 *     | {type: "show", attempt: number} | {type: "close", attempt: number} | {type: "release"} | {type: "change"}
 *     | {type: "timer", name: string, milliseconds: number} | {type: "cancel", name: string}
 *     | {type: "log", kind: "info" | "good" | "bad", code: string, parameters: Record<string, any>,
 *     retrySeconds: number | null}} PlayerAction
 */
