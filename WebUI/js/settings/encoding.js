/** @typedef {import("../types/cameras.js").CameraTest} CameraTest */
/** @typedef {import("../types/outputs.js").OutputProtocol} OutputProtocol */
/** @typedef {import("../types/outputs.js").Resolution} Resolution */
/** @typedef {import("../types/outputs.js").TransmissionOutput} TransmissionOutput */

/** What the server encodes at where an output leaves it open and the camera can't be passed on as it is. */
export const defaultResolution = { width: 1280, height: 720 };
export const defaultFps = 12;
/** More than this is not worth its electricity for a picture that nobody asked to be smoother. */
const mostFpsByItself = 25;
/** Beyond it, viewers would wait too long for a picture, so the server encodes. */
const mostKeyframeSeconds = 4;

/** @type {readonly Resolution[]} */
export const resolutionPresets = [
    { width: 640, height: 360 },
    { width: 854, height: 480 },
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
    { width: 2560, height: 1440 },
    { width: 3840, height: 2160 },
];

/** @type {readonly import("../types/outputs.js").AudioChoice[]} */
export const audioChoices = ["auto", "off", "copy", "aac", "opus", "mp3", "pcmu", "pcma", "silence"];
/** @type {Record<string, readonly string[]>} */
const audioNotCarried = { hls: ["opus", "pcmu", "pcma"], rtsp: [], webrtc: ["aac", "mp3"] };

/**
 * Whether viewers by a protocol can be sent what is chosen.
 * @param {string} protocol
 * @param {string} audio
 */
export function carriesAudio(protocol, audio) {
    return !audioNotCarried[protocol]?.includes(audio);
}

/**
 * Whether there is anything to choose of how sound is encoded.
 * @param {string} audio
 */
export function encodesAudio(audio) {
    return ["auto", "aac", "opus", "mp3"].includes(audio);
}

/**
 * A new output. What it leaves open is as the camera sends it, which costs next to nothing.
 * @param {string} id
 * @param {OutputProtocol} protocol
 * @returns {TransmissionOutput}
 */
export function newOutput(id, protocol) {
    return {
        id, protocol, enabled: true, resolution: null, fps_limit: null, bitrate_kbps: null, latency_profile: "normal",
        authentication: null,
    };
}

/**
 * What to ask of an output for a camera. Nothing, unless its test showed that it has to be encoded anyway: then its own
 * shape, no more than 720 lines, its own speed up to 25 a second.
 * @param {CameraTest | null} test
 * @returns {{resolution: Resolution | null, fps_limit: number | null}}
 */
export function encodingFor(test) {
    if (!test?.ok || !test.width || !test.height || canBePassedOn(test)) return { resolution: null, fps_limit: null };
    const scale = Math.min(1, defaultResolution.width / test.width, defaultResolution.height / test.height);
    const even = (/** @type {number} */ length) => Math.max(16, Math.round((length * scale) / 2) * 2);
    const fps = test.fps ? Math.min(mostFpsByItself, Math.max(1, Math.round(test.fps))) : defaultFps;
    return { resolution: { width: even(test.width), height: even(test.height) }, fps_limit: fps };
}

/**
 * Whether browsers can be given what the camera sends, as far as its test tells.
 * @param {CameraTest} test
 */
export function canBePassedOn({ codec, has_b_frames: hasBFrames, keyframe_interval_seconds: keyframe }) {
    return codec === "h264" && hasBFrames !== true && (keyframe ?? 0) <= mostKeyframeSeconds;
}

/**
 * Whether all enabled outputs come from one encoder and share one address, by the server's rule.
 * @param {TransmissionOutput[]} outputs
 */
export function sharesOneEncoder(outputs) {
    const keys = outputs.filter((output) => output.enabled).map((output) => output.path ?? JSON.stringify([
        output.resolution?.width ?? defaultResolution.width, output.resolution?.height ?? defaultResolution.height,
        output.fps_limit ?? defaultFps, output.bitrate_kbps ?? null, output.latency_profile,
        output.resize_mode ?? "contain", output.encoder ?? "cpu", output.placeholder_text ?? true,
        output.codec ?? null, output.max_b_frames ?? null, output.profile ?? null, output.quality ?? null, output.keyframe_interval ?? null,
        output.intra_refresh_period ?? null, output.slices ?? null, output.bitrate_mode ?? "vbr",
        output.max_bitrate_kbps ?? null, output.fit ?? "contain",
        output.audio ?? "auto", output.audio_bitrate_kbps ?? null, output.audio_sample_rate ?? null,
        output.audio_channels ?? null, output.metadata ?? false,
        output.authentication?.enabled ? output.authentication.username : null,
    ]));
    return new Set(keys).size <= 1;
}
