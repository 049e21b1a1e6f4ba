/**
 * The shapes that the server's API answers with, and those that it takes.
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

/** @typedef {"rtsp" | "hls" | "webrtc" | "rtmp" | "api"} PortName */
/** @typedef {Record<PortName, number>} EnginePorts */

/** @typedef {"auto" | "builtin" | "mediamtx"} EngineKind */

/**
 * How the installation of MediaMTX goes. The engine's status has only the members up to `bytes_per_second`.
 * @typedef {object} EngineDownload
 * @property {"idle" | "preparing" | "downloading" | "waiting" | "verifying" | "unpacking" | "installed" | "failed"
 *     | "cancelled"} state
 * @property {string} version
 * @property {number} bytes
 * @property {number | null} total_bytes
 * @property {number | null} bytes_per_second
 * @property {string | null} [platform]
 * @property {string | null} [archive_sha256]
 * @property {string | null} [error]
 * @property {string | null} [error_code] what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} [error_parameters] what it names
 */

/**
 * @typedef {object} EngineStatus
 * @property {string} [state]
 * @property {EngineDownload | null} [download]
 * @property {boolean} running
 * @property {number | null} uptime_seconds
 * @property {number | null} [started_at_unix]
 * @property {string} bind_host
 * @property {EnginePorts} ports
 * @property {string | null} last_error
 * @property {string | null} [last_error_code] what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} [last_error_parameters] what it names
 * @property {string} mediamtx_version
 * @property {string} [kind]
 * @property {string | null} [version]
 * @property {string[]} warnings
 * @property {CodedMessage[]} warning_messages the same, for pages in other languages
 * @property {number} restart_count
 * @property {boolean} [enabled]
 * @property {string[]} [log_tail]
 * @property {number[]} [orphan_pids]
 * @property {WebRTCHost[]} [webrtc_hosts]
 * @property {boolean} [webrtc_offers_page_address] whether browsers look for it at the address of this page, too
 */

/**
 * Where browsers look for the engine's WebRTC media, and who says so.
 * @typedef {object} WebRTCHost
 * @property {string} host
 * @property {"settings" | "environment" | "supervisor" | "interface"} source
 */

/**
 * A STUN or TURN server. The password is write-only: an answer has `password_set` instead.
 * @typedef {object} ICEServer
 * @property {string} url
 * @property {string | null} [username]
 * @property {string} [password]
 * @property {boolean} [password_set]
 */

/**
 * @typedef {object} EngineSettings
 * @property {boolean} enabled
 * @property {EngineKind} [kind]
 * @property {boolean} expose_to_lan
 * @property {EnginePorts} preferred_ports
 * @property {(string | ICEServer)[]} [webrtc_ice_servers]
 * @property {string[]} [webrtc_additional_hosts]
 */

/**
 * @typedef {object} StreamingSettings
 * @property {EngineSettings} engine
 */

/**
 * @typedef {object} Network
 * @property {boolean} is_open whether others than this machine can reach the server
 * @property {{interface: string, address: string, url: string}[]} addresses
 * @property {string | null} problem why others can't, though the server listens for them
 * @property {string | null} problem_code what the sentence says, for pages in other languages
 * @property {Record<string, string | number>} problem_parameters what it names
 */

/**
 * @typedef {object} HomeAssistant
 * @property {boolean} available whether outputs can be added to it as cameras
 * @property {boolean} is_add_on whether the server is an add-on of it
 * @property {string | null} reason why they can't
 * @property {string | null} reason_code
 * @property {Record<string, unknown>} reason_parameters
 */

/**
 * @typedef {object} HomeAssistantCamera
 * @property {string} entity_id
 * @property {string} name
 * @property {string} url its address as a camera here
 * @property {boolean} has_stream whether Home Assistant has more of it than pictures one by one
 */

/**
 * @typedef {object} HomeAssistantCameras
 * @property {boolean} is_add_on whether the server is an add-on of Home Assistant
 * @property {string | null} reason why it does not tell its cameras
 * @property {string | null} reason_code
 * @property {Record<string, unknown>} reason_parameters
 * @property {HomeAssistantCamera[]} cameras
 */

/**
 * @typedef {object} AddedCamera
 * @property {string | null} entity_id
 * @property {string} name
 */

/** @typedef {{added: string[], changed: string[], removed: string[]}} RestoreChanges names */

/**
 * What a restore changes.
 * @typedef {object} RestoreReport
 * @property {boolean} applied
 * @property {number} revision
 * @property {string | null} created_at
 * @property {string | null} product_version
 * @property {boolean} contains_secrets
 * @property {RestoreChanges} cameras
 * @property {RestoreChanges} transmissions
 * @property {RestoreChanges} pipelines
 * @property {boolean} settings_changed
 * @property {{code: string, parameters: Record<string, string>, text: string}[]} notes
 */

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


/**
 * Who has signed in with this browser.
 * @typedef {object} Session
 * @property {"open" | "account"} access whether the server asks for a name
 * @property {{name: string, role: "viewer" | "admin"} | null} user
 * @property {boolean} can_sign_out whether this browser has signed in here, and not by Home Assistant
 * @property {boolean} takes_home_assistant_users whether users of Home Assistant sign in with their password
 * @property {boolean} setup_required whether the administrator's password has yet to be set
 */

/**
 * @typedef {object} User
 * @property {string} id
 * @property {string} name
 * @property {"viewer" | "admin"} role
 */

/**
 * A token of a program.
 * @typedef {object} Token
 * @property {string} id
 * @property {string} name
 * @property {"viewer" | "admin"} role
 * @property {number | null} last_used_at_unix
 */

/**
 * A browser that is signed in.
 * @typedef {object} SessionEntry
 * @property {string} id
 * @property {string} user
 * @property {number} last_seen_at_unix
 * @property {string} address
 * @property {string} user_agent
 * @property {boolean} is_current
 * @property {boolean} is_of_home_assistant whether the user is one of Home Assistant
 */

export {};

/**
 * A sentence of the server, with what a page needs to say the same in its own language.
 * @typedef {object} CodedMessage
 * @property {string} code
 * @property {string} text in English
 * @property {Record<string, unknown>} parameters what it names; also other sentences
 */
