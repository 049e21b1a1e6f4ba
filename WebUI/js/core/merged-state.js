/** @typedef {import("../types/engine.js").EngineDownload} EngineDownload */
/** @typedef {import("../types/engine.js").EngineStatus} EngineStatus */
/** @typedef {import("../types/runtime.js").FindingReport} FindingReport */
/** @typedef {import("../types/runtime.js").RuntimeDestination} RuntimeDestination */
/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */
/** @typedef {import("../types/runtime.js").EventsState} EventsState */

/**
 * What an event of the server's event stream says: everything, or what changed.
 * @typedef {object} StateNews
 * @property {number} at_unix
 * @property {number} [revision]
 * @property {EngineStatus} [engine]
 * @property {EngineDownload} [download] administrators only
 * @property {RuntimeDestination[]} [destinations] administrators only
 * @property {FindingReport[]} [findings]
 * @property {EventsState} [events]
 * @property {string[]} [output_keys]
 * @property {RuntimeOutput[]} [outputs]
 */

/**
 * The server's state as the page knows it.
 * @typedef {object} ServerState
 * @property {number} atUnix
 * @property {number} revision of what is stored
 * @property {EngineStatus | null} engine
 * @property {EngineDownload | null} download
 * @property {RuntimeDestination[]} destinations
 * @property {FindingReport[]} findings
 * @property {EventsState | null} events
 * @property {RuntimeOutput[]} outputs in the server's order
 */

/**
 * @param {ServerState | null} known null: the news are everything
 * @param {StateNews} news
 * @returns {ServerState}
 */
export function mergeState(known, news) {
    const outputs = new Map(known?.outputs.map((output) => [output.output_key, output]));
    for (const output of news.outputs ?? []) outputs.set(output.output_key, output);
    const keys = news.output_keys ?? [...outputs.keys()];
    return {
        atUnix: news.at_unix,
        revision: news.revision ?? known?.revision ?? 0,
        engine: news.engine ? withUptime(news.engine, news.at_unix) : known?.engine ?? null,
        download: news.download ?? known?.download ?? null,
        destinations: news.destinations ?? known?.destinations ?? [],
        findings: news.findings ?? known?.findings ?? [],
        events: news.events ?? known?.events ?? null,
        outputs: keys.flatMap((key) => outputs.get(key) ?? []),
    };
}

/**
 * The events leave out how long the engine runs, which changes by itself.
 * @param {EngineStatus} engine
 * @param {number} now the server's time, seconds since 1970
 * @returns {EngineStatus}
 */
function withUptime(engine, now) {
    const started = engine.started_at_unix;
    return { ...engine, uptime_seconds: typeof started === "number" ? now - started : null };
}
