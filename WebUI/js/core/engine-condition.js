import { codedText } from "./coded-text.js";

/** @typedef {import("../types/engine.js").EngineStatus} EngineStatus */

/** Neither runs nor is on its way to. */
const idleStates = new Set(["stopped", "backing_off"]);

/**
 * Whether the engine is wanted and can't run; `last_error` then says why.
 * @param {EngineStatus} engine
 */
export function cannotRun(engine) {
    return Boolean(engine.enabled) && !engine.running && idleStates.has(engine.state ?? "") && Boolean(engine.last_error);
}

/**
 * Why it does not run, in the page's language; empty while all is well.
 * @param {EngineStatus} engine
 */
export function engineError(engine) {
    return codedText(engine.last_error_code, engine.last_error_parameters, engine.last_error);
}

/**
 * Whether it is MediaMTX that can't run, so that the engine that needs no download would help.
 * @param {EngineStatus} engine
 */
export function builtinWouldHelp(engine) {
    return cannotRun(engine) && engine.kind === "mediamtx";
}
