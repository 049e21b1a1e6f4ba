/** @typedef {import("../types/outputs.js").PictureSettings} PictureSettings */
/** @typedef {import("../types/outputs.js").StreamDestination} StreamDestination */

/**
 * What a service takes, so that nobody has to look it up. Nothing here is asked of a service: addresses can be changed.
 * @typedef {object} DestinationPreset
 * @property {string} id
 * @property {string} name
 * @property {StreamDestination["kind"]} kind
 * @property {string} address
 * @property {PictureSettings} picture
 */

/** Where it has to be encoded; a camera that sends no more is passed on as it is. */
const asTheCameraSends = { fps_limit: 30 };
/**
 * For services that ask for a constant bitrate and a keyframe each two seconds: no camera is believed to send that, so it is
 * encoded, at 720p.
 * @param {number} kbps
 * @returns {PictureSettings}
 */
function constant(kbps) {
    return { fps_limit: 30, bitrate_mode: "cbr", bitrate_kbps: kbps, keyframe_interval: 60 };
}

/** @type {readonly DestinationPreset[]} */
export const destinationPresets = [
    {
        id: "youtube", name: "YouTube", kind: "rtmps", address: "rtmps://a.rtmps.youtube.com/live2",
        // https://support.google.com/youtube/answer/2853702
        picture: constant(4000),
    },
    {
        id: "twitch", name: "Twitch", kind: "rtmps", address: "rtmps://live.twitch.tv/app",
        // https://help.twitch.tv/s/article/broadcasting-guidelines
        picture: constant(3000),
    },
    {
        id: "facebook", name: "Facebook", kind: "rtmps", address: "rtmps://live-api-s.facebook.com:443/rtmp", picture: asTheCameraSends,
    },
    {
        id: "cloudflare", name: "Cloudflare Stream", kind: "rtmps", address: "rtmps://live.cloudflare.com:443/live",
        picture: asTheCameraSends,
    },
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
        ...preset?.picture,
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
 * Whether an address names a host alone where a key has to stand behind an application.
 * @param {string} kind
 * @param {string} address
 */
export function lacksApplication(kind, address) {
    const [, rest = ""] = address.split("://");
    return hasKey(kind) && rest.split(/[?#]/)[0].split("/").filter(Boolean).length === 1;
}

/**
 * The same as a request: what an answer has besides is left out, and a secret that nobody typed stays as it is.
 * @param {StreamDestination} destination
 */
export function withoutReadOnlyMembers(destination) {
    const { key_set: _key, srt_passphrase_set: _phrase, srt_stream_id_set: _stream, ...rest } = destination;
    return rest;
}
