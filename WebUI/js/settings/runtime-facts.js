/** @typedef {import("../core/types.js").RuntimeOutput} RuntimeOutput */

/**
 * How many watch a transmission: outputs that share a path and a protocol share their viewers.
 * @param {RuntimeOutput[]} outputs of the transmission
 */
export function viewerCount(outputs) {
    const counts = new Map(
        outputs.map((output) => [`${output.protocol} ${output.resolved_engine_path}`, output.viewer_count]),
    );
    return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
