/**
 * The shapes of the server's API. What a user configures of a transmission: its outputs and destinations.
 * @module
 */

/**
 * @typedef {object} Resolution
 * @property {number} width
 * @property {number} height
 */

/**
 * Who may watch an output. The password is write-only: an answer has `password_set` instead.
 * @typedef {object} OutputAuthentication
 * @property {boolean} enabled
 * @property {string | null} [username]
 * @property {string | null} [password]
 * @property {boolean} [password_set]
 */

/** @typedef {"hls" | "rtsp" | "webrtc"} OutputProtocol */

/** @typedef {"normal" | "low" | "ultra_low"} LatencyProfile */

/** @typedef {"auto" | "off" | "copy" | "aac" | "opus" | "mp3" | "pcmu" | "pcma" | "silence"} AudioChoice */

/** @typedef {"auto" | "cpu" | "vaapi" | "qsv" | "nvenc" | "v4l2m2m" | "videotoolbox"} EncoderChoice */

/**
 * What an output or a destination asks of its picture.
 * @typedef {object} PictureSettings
 * @property {Resolution | null} [resolution]
 * @property {number | null} [fps_limit]
 * @property {number | null} [bitrate_kbps]
 * @property {LatencyProfile} [latency_profile]
 * @property {EncoderChoice} [encoder]
 * @property {boolean} [placeholder_text]
 * @property {"h264" | "h265" | null} [codec]
 * @property {"baseline" | "main" | "high" | null} [profile]
 * @property {"fastest" | "fast" | "balanced" | "good" | "best" | null} [quality]
 * @property {number | null} [keyframe_interval]
 * @property {number | null} [intra_refresh_period]
 * @property {number | null} [max_b_frames]
 * @property {number | null} [slices]
 * @property {"vbr" | "cbr"} [bitrate_mode]
 * @property {number | null} [max_bitrate_kbps]
 * @property {"contain" | "cover" | "stretch"} [fit]
 */

/**
 * What an output has besides.
 * @typedef {object} OutputMembers
 * @property {string} id
 * @property {OutputProtocol} protocol
 * @property {boolean} enabled
 * @property {AudioChoice} [audio]
 * @property {number | null} [audio_bitrate_kbps]
 * @property {number | null} [audio_sample_rate] Hz
 * @property {number | null} [audio_channels]
 * @property {boolean} [metadata] whether viewers see the JSON that travels with pictures
 * @property {OutputAuthentication | null} [authentication]
 * @property {string} [path]
 * @property {string} [resize_mode]
 */

/** @typedef {OutputMembers & PictureSettings} TransmissionOutput */

/**
 * @typedef {object} Transmission
 * @property {string} id
 * @property {string} name
 * @property {boolean} enabled
 * @property {string} path
 * @property {string} [group] what it is shown together with
 * @property {"gray" | "black"} placeholder
 * @property {"latest" | "priority_latest"} arbitration
 * @property {TransmissionOutput[]} outputs
 * @property {StreamDestination[]} [destinations] where it is sent besides
 * @property {string} [host_server_id]
 */

/**
 * Where a transmission is sent. No answer has its secrets, but whether there are any.
 * @typedef {object} DestinationMembers
 * @property {string} id
 * @property {string} name
 * @property {"rtmp" | "rtmps" | "srt" | "rtsp"} kind
 * @property {boolean} active
 * @property {string} address
 * @property {string} [key]
 * @property {boolean} [key_set]
 * @property {"caller" | "listener"} [srt_mode]
 * @property {number} [srt_latency_ms]
 * @property {string} [srt_passphrase]
 * @property {boolean} [srt_passphrase_set]
 * @property {string} [srt_stream_id]
 * @property {boolean} [srt_stream_id_set]
 * @property {"auto" | "off"} [audio]
 * @property {boolean} [silent_audio]
 * @property {number | null} [audio_bitrate_kbps]
 */

/** @typedef {DestinationMembers & PictureSettings} StreamDestination */

export {};
