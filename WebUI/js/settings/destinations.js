/** @typedef {import("../core/types.js").StreamDestination} StreamDestination */

/**
 * What a service takes, so that nobody has to look it up. Nothing here is asked of a service: addresses can be changed.
 * @typedef {object} DestinationPreset
 * @property {string} id
 * @property {string} name
 * @property {StreamDestination["kind"]} kind
 * @property {string} address
 */

/** @type {readonly DestinationPreset[]} */
export const destinationPresets = [
    { id: "youtube", name: "YouTube", kind: "rtmps", address: "rtmps://a.rtmps.youtube.com/live2" },
    { id: "twitch", name: "Twitch", kind: "rtmps", address: "rtmps://live.twitch.tv/app" },
    { id: "facebook", name: "Facebook", kind: "rtmps", address: "rtmps://live-api-s.facebook.com:443/rtmp" },
    { id: "cloudflare", name: "Cloudflare Stream", kind: "rtmps", address: "rtmps://live.cloudflare.com:443/live" },
];
export const customPreset = "custom";

/**
 * A new destination. It is sent nothing before it is switched on.
 * @param {string} id
 * @param {string} presetId
 * @returns {StreamDestination}
 */
export function newDestination(id, presetId) {
    const preset = destinationPresets.find((other) => other.id === presetId);
    return {
        id, name: preset?.name ?? "", kind: preset?.kind ?? "rtmp", active: false, address: preset?.address ?? "",
        // Where it has to be encoded; a camera that sends no more is passed on as it is.
        fps_limit: preset ? 30 : null,
    };
}

/**
 * Whether a stream is named by a key there.
 * @param {string} kind
 */
export function hasKey(kind) {
    return kind === "rtmp" || kind === "rtmps";
}

/**
 * The same as a request: what an answer has besides is left out, and a secret that nobody typed stays as it is.
 * @param {StreamDestination} destination
 */
export function withoutReadOnlyMembers(destination) {
    const { key_set: _key, srt_passphrase_set: _phrase, srt_stream_id_set: _stream, ...rest } = destination;
    return rest;
}
