/** @typedef {import("../core/types.js").Pipeline} Pipeline */

/**
 * The camera that a pipeline takes its pictures from.
 * @param {Pipeline} pipeline
 * @returns {string | null}
 */
export function cameraOf(pipeline) {
    return configured(pipeline, "camera.source", "camera_id");
}

/**
 * The transmission that a pipeline publishes into.
 * @param {Pipeline} pipeline
 * @returns {string | null}
 */
export function transmissionOf(pipeline) {
    return configured(pipeline, "stream.publish_video", "transmission_id");
}

/**
 * @param {Pipeline} pipeline
 * @param {string} operator
 * @param {string} key
 */
function configured(pipeline, operator, key) {
    const value = pipeline.nodes?.find((node) => node.operator === operator)?.config?.[key];
    return typeof value === "string" ? value : null;
}
