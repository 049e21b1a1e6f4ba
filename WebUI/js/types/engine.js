/**
 * The shapes of the server's API. The engine: how it is, and its settings.
 * @module
 */

/** @typedef {import("./server.js").CodedMessage} CodedMessage */

/** @typedef {"rtsp" | "hls" | "webrtc" | "rtmp" | "srt" | "api"} PortName */

/** @typedef {Record<PortName, number>} EnginePorts */

/** @typedef {"auto" | "builtin" | "mediamtx"} EngineKind */

/**
 * How far the installation of something is.
 * @typedef {object} InstallProgress
 * @property {"idle" | "preparing" | "downloading" | "waiting" | "verifying" | "unpacking" | "installed" | "failed"
 *     | "cancelled"} state
 * @property {number} bytes
 * @property {number | null} total_bytes
 * @property {number | null} bytes_per_second
 * @property {string | null} [error]
 * @property {string | null} [error_code] what the sentence says, for pages in other languages
 * @property {Record<string, unknown>} [error_parameters] what it names
 */

/**
 * How the installation of MediaMTX goes. The engine's status has no error, and only the first of these members.
 * @typedef {InstallProgress & {version: string, platform?: string | null, archive_sha256?: string | null}} EngineDownload
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
 * @typedef {object} MulticastSettings
 * @property {boolean} enabled
 * @property {string} range of groups, such as 239.255.42.0/24
 * @property {number} ttl
 * @property {number} port
 * @property {boolean} source_specific
 * @property {string} interface its name or address; empty is the system's choice
 * @property {boolean} announce by SAP
 */

/**
 * How programs send to inputs by SRT. The passphrase is write-only.
 * @typedef {object} SRTSettings
 * @property {string} [passphrase]
 * @property {boolean} passphrase_set
 * @property {number} latency_ms
 */

/**
 * @typedef {object} EngineSettings
 * @property {boolean} enabled
 * @property {EngineKind} [kind]
 * @property {boolean} expose_to_lan
 * @property {EnginePorts} preferred_ports
 * @property {(string | ICEServer)[]} [webrtc_ice_servers]
 * @property {string[]} [webrtc_additional_hosts]
 * @property {MulticastSettings} [multicast]
 * @property {SRTSettings} [srt]
 */

/**
 * @typedef {object} Webhook
 * @property {string} id
 * @property {string} url
 * @property {boolean} secret_set
 * @property {boolean} active
 * @property {("motion" | "object")[]} kinds
 */

/**
 * How it goes with a webhook.
 * @typedef {object} WebhookState
 * @property {string} id
 * @property {"unused" | "working" | "retrying" | "failed"} state
 * @property {number} waiting
 * @property {number} delivered
 * @property {number} lost
 * @property {CodedMessage | null} problem
 */

/**
 * @typedef {object} EventSettings
 * @property {number} keep_days
 * @property {number} max_count
 * @property {number} max_megabytes
 * @property {Webhook[]} webhooks
 */

/**
 * The password is write-only: an answer has `password_set` instead.
 * @typedef {object} MqttSettings
 * @property {boolean} enabled
 * @property {string} host empty for the broker that Home Assistant knows of
 * @property {number} port
 * @property {boolean} tls
 * @property {string} ca_file
 * @property {string} user
 * @property {boolean} password_set
 * @property {string} topic_prefix
 * @property {boolean} discovery
 * @property {string} discovery_prefix
 */

/**
 * How it goes with the broker.
 * @typedef {object} MqttStatus
 * @property {"off" | "connecting" | "connected" | "failed"} state
 * @property {string | null} broker
 * @property {boolean} from_supervisor
 * @property {number | null} since_unix
 * @property {CodedMessage | null} problem
 * @property {number} published
 * @property {number} waiting
 * @property {number} lost
 */

/**
 * @typedef {object} StreamingSettings
 * @property {EngineSettings} engine
 * @property {EventSettings} events
 * @property {MqttSettings} mqtt
 */

export {};
