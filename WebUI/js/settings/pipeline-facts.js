/** @typedef {import("../types/cameras.js").Pipeline} Pipeline */

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
 * The step that looks for motion.
 * @param {Pipeline} pipeline
 */
export function motionStepOf(pipeline) {
    return pipeline.nodes?.find((node) => node.operator === "camera.motion_gate") ?? null;
}

/**
 * What uses a camera: the pipelines that take its pictures, and the transmissions that would show nothing without them.
 * @param {string} cameraId
 * @param {{pipelines: Pipeline[], transmissions: import("../types/outputs.js").Transmission[]}} settings
 */
export function usesOfCamera(cameraId, settings) {
    const pipelines = settings.pipelines.filter((pipeline) => cameraOf(pipeline) === cameraId);
    const fed = new Set(pipelines.map(transmissionOf));
    for (const other of settings.pipelines) if (!pipelines.includes(other)) fed.delete(transmissionOf(other));
    return { pipelines, transmissions: settings.transmissions.filter((transmission) => fed.has(transmission.id)) };
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
