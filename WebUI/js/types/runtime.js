/**
 * The shapes of the server's API. How it goes with what was configured, and where it is watched.
 * @module
 */

/** @typedef {import("./outputs.js").OutputProtocol} OutputProtocol */
/** @typedef {import("./server.js").CodedMessage} CodedMessage */

/**
 * How it goes with a destination.
 * @typedef {object} RuntimeDestination
 * @property {string} transmission_id
 * @property {string} destination_id
 * @property {"off" | "connecting" | "sending" | "waiting"} state
 * @property {string} message
 * @property {string} message_code what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} message_parameters what it names
 * @property {number | null} bitrate_kbps
 * @property {number} bytes_sent
 * @property {number} frames_dropped
 */

/**
 * @typedef {object} OutputURL
 * @property {string} output_id
 * @property {OutputProtocol} protocol
 * @property {string} resolved_engine_path
 * @property {string} url
 * @property {boolean} requires_auth
 * @property {string | null} auth_username
 * @property {string | null} rtsps_url the same by TLS, where the engine serves that
 * @property {string | null} [problem] why nobody can watch it there
 * @property {string | null} problem_code what the sentence says, for pages in other languages
 * @property {Record<string, string | number>} problem_parameters what it names
 * @property {string | null} playback_url where this page watches it, relative to the page; null when it can't, or has to ask
 *     for it with a password
 * @property {string | null} h264_playback_url the same in H.264, for a browser that could not play it otherwise
 * @property {number | null} playback_expires_in_seconds
 */

/**
 * @typedef {object} TransmissionURLs
 * @property {string} transmission_id
 * @property {boolean} engine_running
 * @property {OutputURL[]} outputs
 * @property {string[]} warnings
 * @property {CodedMessage[]} warning_messages the same, for pages in other languages
 */

/**
 * What a step of a pipeline has found last.
 * @typedef {object} FindingReport
 * @property {string} pipeline_id
 * @property {string} node_id
 * @property {string} camera_id
 * @property {number} at_unix
 * @property {{motion?: MotionFinding | null}} [findings] missing while the step can't look
 * @property {CodedMessage} [problem] why it can't look, and what to do
 */

/**
 * @typedef {object} MotionFinding
 * @property {boolean} active whether the picture passes
 * @property {boolean} hold_active whether it passes for what moved before, while not enough moves now
 * @property {number} score the part of the picture that moves, 0…1
 * @property {[number, number, number, number][]} bboxes01 where: left, top, right, bottom, as parts of the picture
 */

/** @typedef {"working" | "warming" | "action_required"} OutputState */

/** @typedef {{codec: string, sample_rate: number, channels: number}} AudioSummary */

/**
 * @typedef {object} RuntimeOutput
 * @property {string} output_key
 * @property {string} output_id
 * @property {string} transmission_id
 * @property {OutputProtocol} protocol
 * @property {string} resolved_engine_path
 * @property {number} viewer_count
 * @property {boolean} publisher_running
 * @property {number} publisher_frames_sent
 * @property {string | null} publisher_last_error
 * @property {string | null} publisher_last_error_code what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} publisher_last_error_parameters what it names
 * @property {string | null} publisher_active_codec
 * @property {number} publisher_restart_count
 * @property {number} frames_in
 * @property {number} frames_out
 * @property {number} frames_dropped
 * @property {number} frames_repeated
 * @property {number} bytes_out
 * @property {number} camera_packets_lost of the cameras that it shows, since their worker began to read them
 * @property {number} camera_pictures_broken the same
 * @property {number | null} encode_ms
 * @property {number | null} delay_ms
 * @property {number | null} fps
 * @property {number | null} bitrate_kbps
 * @property {"copy" | "encode" | null} mode
 * @property {string | null} mode_reason
 * @property {string | null} mode_reason_code what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} mode_reason_parameters what it names; also other sentences
 * @property {AudioSummary & {bitrate_kbps: number | null} | null} audio what its viewers hear
 * @property {string | null} sound a sentence about it, or why they hear nothing
 * @property {string | null} sound_code what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} sound_parameters what it names; also other sentences
 * @property {number | null} no_signal_since_unix since when viewers see the placeholder because no camera gives a picture
 * @property {OutputState} state
 * @property {string} message one sentence, whatever the state is
 * @property {string} message_code what the sentence says, for pages in other languages
 * @property {Record<string, string | number | CodedMessage>} message_parameters what it names
 */

/**
 * @typedef {object} RuntimeOutputs
 * @property {number} updated_at_unix
 * @property {RuntimeOutput[]} outputs
 */

export {};

/**
 * Something that a pipeline saw before a camera.
 * @typedef {object} SeenEvent
 * @property {number} id larger than that of each one before
 * @property {"motion" | "object"} kind
 * @property {string | null} label of an object
 * @property {string | null} tracking_id of an object that was followed
 * @property {string} camera_id
 * @property {string} camera_name
 * @property {string | null} transmission_id the one that showed it
 * @property {number} started_at_unix
 * @property {number | null} ended_at_unix null while it goes on
 * @property {number} score 0 to 1
 * @property {boolean} has_still
 */

/**
 * @typedef {object} EventLog
 * @property {SeenEvent[]} events the newest first
 * @property {number | null} next_before asks for those before them; null when there are none
 */

/**
 * @typedef {object} EventsState
 * @property {number} version another one when the log is another one
 * @property {SeenEvent[]} open those that go on, the newest first
 */
