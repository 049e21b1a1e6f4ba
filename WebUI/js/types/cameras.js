/**
 * The shapes of the server's API. Cameras, and the pipelines from them into transmissions.
 * @module
 */

/** @typedef {import("./runtime.js").AudioSummary} AudioSummary */
/** @typedef {import("./server.js").CodedMessage} CodedMessage */

/** @typedef {"auto" | "tcp" | "udp"} CameraTransport */

/**
 * @typedef {object} Camera
 * @property {string} id
 * @property {string} name
 * @property {string} url
 * @property {string | null} username
 * @property {boolean} password_set
 * @property {CameraTransport} transport
 * @property {number | null} sound_track of several, counted from 1; null for the first that is understood
 * @property {string | null} microphone heard in place of its own sound, such as `alsa:default`
 */

/**
 * Where a program sends the picture of an input.
 * @typedef {object} CameraInput
 * @property {string} name
 * @property {string} path of the engine
 * @property {string} username
 * @property {string | null} key
 * @property {string} rtsp_url with the key
 * @property {string} rtmp_server what programs such as OBS call so
 * @property {string} rtmp_stream_key with the key
 * @property {string} whip_url of WebRTC
 * @property {string | null} whip_token with the key: what programs such as OBS call the bearer token
 * @property {string} srt_url with the key
 * @property {string} srt_stream_id with the key
 * @property {boolean} srt_passphrase_set whether programs have to encrypt by a passphrase, which is not told
 * @property {boolean} engine_running
 * @property {boolean} receiving whether anything is being sent
 */

/**
 * What a form sends to create or change a camera. Without `password` the stored one stays.
 * @typedef {object} CameraDraft
 * @property {string} name
 * @property {string} url
 * @property {string | null} username
 * @property {string} [password]
 * @property {CameraTransport} transport
 * @property {number | null} sound_track
 * @property {string | null} microphone
 */

/**
 * @typedef {object} CameraTest
 * @property {boolean} ok
 * @property {string} message
 * @property {string | null} message_code what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} message_parameters what it names; also other sentences
 * @property {string | null} codec
 * @property {number | null} width
 * @property {number | null} height
 * @property {number | null} fps
 * @property {number | null} keyframe_interval_seconds
 * @property {boolean | null} has_b_frames
 * @property {AudioSummary | null} audio
 * @property {CodedMessage | null} sound what is heard of it, in a few words
 * @property {CodedMessage[] | null} sound_tracks all tracks of sound that it has
 * @property {string | null} still
 */

/**
 * @typedef {object} PipelineNode
 * @property {string} id
 * @property {string} operator
 * @property {Record<string, unknown>} config
 */

/**
 * @typedef {object} Pipeline
 * @property {string} id
 * @property {string} name
 * @property {boolean} enabled
 * @property {"on_demand" | "always"} run
 * @property {PipelineNode[]} nodes
 * @property {{from: {node: string}, to: {node: string}}[]} [edges]
 */

/**
 * @typedef {object} WizardAnswer
 * @property {string} pipeline_name
 * @property {string[]} warnings
 * @property {CodedMessage[]} warning_messages the same, for pages in other languages
 */

export {};
