/** @typedef {import("../types/runtime.js").RuntimeOutput} RuntimeOutput */

/** The worst first. */
const states = ["action_required", "warming", "working"];

/**
 * The output that tells most about how a transmission is: one in trouble, else one that runs.
 * @param {RuntimeOutput[]} outputs of the transmission
 */
export function tellingOutput(outputs) {
    const rank = (/** @type {RuntimeOutput} */ output) =>
        states.indexOf(output.state) * 3 + (output.viewer_count > 0 ? 0 : output.publisher_running ? 1 : 2);
    return [...outputs].sort((a, b) => rank(a) - rank(b)).at(0) ?? null;
}

/**
 * How many watch: outputs that share a path and a protocol share their viewers.
 * @param {RuntimeOutput[]} outputs of a transmission, or of all
 */
export function viewerCount(outputs) {
    const counts = new Map(
        outputs.map((output) => [`${output.protocol} ${output.resolved_engine_path}`, output.viewer_count]),
    );
    return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
