import ControlPlane
import StreamModel

/// The schemas of everything that the API takes and answers.
enum Schemas {
    static let all: [String: JSONValue] = [
        model, requests, answers, refusals, seenEvents, accounts, backups, homeAssistant, vision,
    ].reduce(into: [:]) { result, part in
        result.merge(part) { $1 }
    }

    private static let playbackURL: JSONValue = [
        "type": "string",
        "description": "Where a page watches it; relative to the folder that `api` is in. Whoever has it may watch.",
    ]

    private static let h264PlaybackURL: JSONValue = [
        "type": "string",
        "description":
            "The same in H.264, for a browser that plays a stream of H.265 in no way; null where there is none.",
    ]

    // MARK: What users configure

    private static let output = ObjectShape(of: TransmissionOutput.self)
    private static let transmission = ObjectShape(of: Transmission.self)
    private static let destination = ObjectShape(of: StreamDestination.self)
    private static let camera = ObjectShape(of: Camera.self)
    private static let pipeline = ObjectShape(of: Pipeline.self)
    private static let settings = ObjectShape(of: StreamingSettings.self)

    /// Members that the server chooses, and answers always have.
    private static let managed: [String: JSONValue] = [
        "id": Schema.string, "created_at": Schema.timestamp, "updated_at": Schema.timestamp,
    ]

    private static let outputs = [
        "outputs": Schema.list(Schema.reference("TransmissionOutput")),
        "destinations": Schema.list(Schema.reference("StreamDestination")),
    ]

    private static let cameraURL: [String: JSONValue] = [
        "url": [
            "type": "string",
            "description":
                "rtsp://…, rtsps://…, http(s)://…, file:///…, /dev/videoN, input:name, or demo: for the built-in picture",
        ]
    ]

    private static let graph: [String: JSONValue] = [
        "schema_version": ["const": .integer(PipelineGraph.schemaVersion)],
        "nodes": Schema.list(Schema.reference("PipelineNode")),
        "edges": Schema.list(Schema.reference("PipelineEdge")),
    ]

    private static let enginePorts = Schema.object(settings["engine"]["preferred_ports"])

    private static let engineLists: [String: JSONValue] = [
        "webrtc_ice_servers": Schema.list(["anyOf": [Schema.string, Schema.reference("ICEServer")]]),
        "webrtc_additional_hosts": Schema.list(Schema.string),
    ]

    private static func webhook(isAnswer: Bool) -> JSONValue {
        Schema.object(
            settings["events"]["webhooks"],
            refining: [
                "id": Schema.string,
                "kinds": ["type": "array", "items": Schema.choice(EventKind.self), "minItems": 1],
            ], without: isAnswer ? ["secret"] : [])
    }

    private static let model: [String: JSONValue] = [
        "Resolution": Schema.object(output["resolution"]),
        "OutputAuthentication": Schema.object(output["authentication"]),
        "ICEServer": Schema.object(WebRTCICEServer.shape),
        "TransmissionOutput": Schema.object(
            output,
            refining: [
                "id": Schema.string, "resolution": Schema.nullable(Schema.reference("Resolution")),
                "authentication": Schema.nullable(Schema.reference("OutputAuthentication")),
            ],
            // Kept as they are sent, as in the reference.
            adding: ["path": Schema.string, "resize_mode": Schema.choice(ResizeMode.self)]),
        "StreamDestination": Schema.object(
            destination,
            refining: [
                "id": Schema.string, "resolution": Schema.nullable(Schema.reference("Resolution")),
                "address": [
                    "type": "string",
                    "description":
                        "rtmp://… or rtmps://… without the key, srt://host:port, or rtsp://…; answers mask a password in it",
                ],
            ]),
        "Transmission": Schema.object(transmission, refining: managed.merging(outputs) { $1 }),
        "Camera": Schema.object(
            camera, refining: managed.merging(cameraURL) { $1 }, without: ["password"],
            required: camera.members.keys.filter { $0 != "password" }),
        "PipelineNode": Schema.object(pipeline["nodes"]),
        "PipelineEdge": Schema.object(
            pipeline["edges"],
            refining: [
                "from": Schema.reference("PipelinePort"), "to": Schema.reference("PipelinePort"),
                "drop_policy": ["const": "drop_oldest"],
            ], required: ["from", "to"]),
        "PipelinePort": Schema.object(pipeline["edges"]["from"]),
        "Pipeline": Schema.object(
            pipeline, refining: managed.merging(graph) { $1 }, required: Array(pipeline.members.keys)),
        "Settings": Schema.answer([
            "transmissions": Schema.list(Schema.reference("Transmission")),
            "engine": Schema.answer(Schema.members(settings["engine"], refining: engineLists)),
            "camera_ingest": Schema.answer(Schema.members(settings["camera_ingest"])),
            "events": Schema.answer(
                Schema.members(settings["events"], refining: ["webhooks": Schema.list(webhook(isAnswer: true))])),
            "mqtt": Schema.answer(Schema.members(settings["mqtt"], without: ["password"])),
        ]),
    ]

    // MARK: What requests send

    private static let chosenByServer: Set = ["id", "created_at", "updated_at", "password_set"]

    private static let requests: [String: JSONValue] = [
        "SettingsPatch": Schema.object(
            settings,
            refining: [
                "transmissions": Schema.list(Schema.reference("Transmission")),
                "engine": Schema.object(settings["engine"], refining: engineLists),
                "camera_ingest": Schema.object(settings["camera_ingest"]),
                "events": Schema.object(
                    settings["events"], refining: ["webhooks": Schema.list(webhook(isAnswer: false))]),
                "mqtt": Schema.object(settings["mqtt"]),
            ], allowsOthers: false),
        "TransmissionCreate": Schema.object(
            Transmission.creationShape, refining: outputs, without: chosenByServer, allowsOthers: false),
        "TransmissionOrder": Schema.object(
            ["transmission_ids": Schema.list(Schema.string)], required: ["transmission_ids"], allowsOthers: false),
        "DestinationSwitch": Schema.object(DestinationSwitch.shape),
        "PictureMetadata": [
            "type": "object",
            "description": .string("Any JSON object; without white space, \(MetadataPost.byteLimit) bytes at most."),
        ],
        "CameraCreate": Schema.object(camera, refining: cameraURL, without: chosenByServer),
        "HeartbeatRequest": Schema.object(
            HeartbeatRequest.shape,
            refining: [
                "playback_session_id": [
                    "type": "string", "minLength": .integer(HeartbeatRequest.sessionLengthRange.lowerBound),
                    "maxLength": .integer(HeartbeatRequest.sessionLengthRange.upperBound),
                ]
            ]),
        "CameraTest": Schema.object(
            Schema.members(camera, refining: cameraURL, without: chosenByServer).merging(["camera_id": Schema.string]) {
                $1
            }),
        "PipelineCreate": Schema.object(
            pipeline, refining: graph, without: chosenByServer, required: ["nodes", "edges"]),
        "WizardRequest": Schema.object(WizardRequest.shape),
    ]

    // MARK: What answers say

    /// An event of `/api/events`: everything in the first one, in later ones only what changed.
    private static let stateEvent = Schema.object(
        [
            "at_unix": Schema.number, "revision": Schema.integer,
            "engine": [
                "type": "object", "description": "EngineStatus without uptime_seconds, urls, log_tail, download",
            ],
            "output_keys": Schema.list(Schema.string), "outputs": Schema.list(Schema.reference("RuntimeOutput")),
            "download": Schema.reference("EngineDownload"), "workers": Schema.list(["type": "object"]),
            "destinations": Schema.list(Schema.reference("RuntimeDestination")),
            "findings": Schema.list([
                "type": "object",
                "description":
                    "pipeline_id, node_id, camera_id, at_unix, and findings: what that step found last in the pictures; or the problem: why it can't look",
            ]),
            "events": Schema.answer([
                "version": Schema.integer, "open": Schema.list(Schema.reference("SeenEvent")),
            ]),
        ], required: ["at_unix"])

    private static let answers: [String: JSONValue] = [
        "Health": Schema.answer(["status": ["const": "ok"], "extension": Schema.string]),
        // A parameter may be such a sentence itself.
        "CodedMessage": Schema.answer([
            "code": Schema.string, "text": Schema.string, "parameters": ["type": "object"],
        ]),
        "Network": Schema.answer([
            "is_open": Schema.boolean,
            "addresses": Schema.list(
                Schema.answer(["interface": Schema.string, "address": Schema.string, "url": Schema.string])),
            "problem": Schema.nullable(Schema.string), "problem_code": Schema.nullable(Schema.string),
            "problem_parameters": ["type": "object"],
        ]),
        "Deleted": Schema.answer(["deleted": Schema.boolean]),
        "EngineStatus": Schema.answer([
            "running": Schema.boolean, "state": Schema.string, "kind": Schema.choice(EngineKind.self),
            "pid": Schema.nullable(Schema.integer), "uptime_seconds": Schema.nullable(Schema.number),
            "started_at_unix": Schema.nullable(Schema.number), "bind_host": Schema.string, "ports": enginePorts,
            "last_error": Schema.nullable(Schema.string), "last_error_code": Schema.nullable(Schema.string),
            "last_error_parameters": ["type": "object"], "mediamtx_version": Schema.string,
            "platform": Schema.nullable(Schema.string), "binary_path": Schema.nullable(Schema.string),
            "config_path": Schema.nullable(Schema.string), "log_path": Schema.nullable(Schema.string),
            "test_path": Schema.string,
            "urls": Schema.answer([
                "rtsp_url": Schema.string, "hls_url": Schema.string, "webrtc_url": Schema.string,
                "rtsps_url": Schema.nullable(Schema.string),
            ]),
            "warnings": Schema.list(Schema.string), "warning_messages": Schema.list(Schema.reference("CodedMessage")),
            "restart_count": Schema.integer,
            "enabled": Schema.boolean, "log_tail": Schema.list(Schema.string),
            "orphan_pids": Schema.list(Schema.integer), "version": Schema.nullable(Schema.string),
            "webrtc_hosts": Schema.list(
                Schema.answer(["host": Schema.string, "source": Schema.choice(WebRTCHost.Source.self)])),
            "webrtc_offers_page_address": Schema.boolean,
            "download": Schema.nullable(
                Schema.answer([
                    "state": Schema.choice(EngineDownload.State.self), "version": Schema.string,
                    "bytes": Schema.integer, "total_bytes": Schema.nullable(Schema.integer),
                    "bytes_per_second": Schema.nullable(Schema.number),
                ])),
        ]),
        "EngineDownload": Schema.answer(
            installProgress.merging([
                "version": Schema.string, "platform": Schema.nullable(Schema.string),
                "asset": Schema.nullable(Schema.string), "archive_sha256": Schema.nullable(Schema.string),
                "binary_path": Schema.nullable(Schema.string),
            ]) { $1 }),
        "CameraInput": Schema.answer([
            "name": Schema.string, "path": Schema.string, "username": Schema.string,
            "key": Schema.nullable(Schema.string), "rtsp_url": Schema.string,
            "rtmp_server": Schema.string, "rtmp_stream_key": Schema.string,
            "whip_url": Schema.string, "whip_token": Schema.nullable(Schema.string),
            "srt_url": Schema.string, "srt_stream_id": Schema.string, "srt_passphrase_set": Schema.boolean,
            "engine_running": Schema.boolean, "receiving": Schema.boolean,
        ]),
        "TransmissionURLs": Schema.answer([
            "transmission_id": Schema.string, "engine_running": Schema.boolean,
            "outputs": Schema.list(
                Schema.answer([
                    "output_id": Schema.string, "protocol": Schema.choice(OutputProtocol.self),
                    "resolved_engine_path": Schema.string, "url": Schema.string,
                    "rtsps_url": Schema.nullable(Schema.string), "requires_auth": Schema.boolean,
                    "auth_username": Schema.nullable(Schema.string), "problem": Schema.nullable(Schema.string),
                    "problem_code": Schema.nullable(Schema.string), "problem_parameters": ["type": "object"],
                    "playback_url": Schema.nullable(playbackURL), "h264_playback_url": Schema.nullable(h264PlaybackURL),
                    "playback_expires_in_seconds": Schema.nullable(Schema.integer),
                ])),
            "warnings": Schema.list(Schema.string), "warning_messages": Schema.list(Schema.reference("CodedMessage")),
        ]),
        "AllURLs": Schema.answer([
            "engine_running": Schema.boolean, "transmissions": Schema.list(Schema.reference("TransmissionURLs")),
        ]),
        "Demand": Schema.answer([
            "transmission_id": Schema.string, "demand_signal": Schema.boolean, "viewer_count_total": Schema.integer,
            "outputs": Schema.list(
                Schema.answer([
                    "output_id": Schema.string, "output_key": Schema.string, "viewer_count": Schema.integer,
                ])),
        ]),
        "Playback": Schema.answer([
            "playback_url": playbackURL, "h264_playback_url": Schema.nullable(h264PlaybackURL),
            "playback_expires_in_seconds": Schema.integer,
        ]),
        "PlaybackRenewal": Schema.answer(["playback_expires_in_seconds": Schema.integer]),
        "PlaybackEnd": Schema.answer(["ended": ["const": true]]),
        "SessionDescription": Schema.string, "CandidateFragment": Schema.string,
        "Heartbeat": Schema.answer([
            "transmission_id": Schema.string, "playback_session_id": Schema.string, "leased_outputs": Schema.integer,
            "ttl_seconds": Schema.integer,
        ]),
        "HeartbeatEnd": Schema.answer(["ended": Schema.boolean]),
        "ForcedKeyframe": Schema.answer(["forced": ["const": true]]),
        // False where nobody watches an output that carries it: then it goes nowhere.
        "PostedMetadata": Schema.answer(["watched": Schema.boolean]),
        "Prime": Schema.answer([
            "transmission_id": Schema.string, "primed": Schema.boolean, "primed_outputs": Schema.integer,
        ]),
        "RuntimeOutputs": Schema.answer([
            "updated_at_unix": Schema.number, "outputs": Schema.list(Schema.reference("RuntimeOutput")),
        ]),
        "RuntimeOutput": Schema.answer([
            "output_key": Schema.string, "output_id": Schema.string, "transmission_id": Schema.string,
            "protocol": Schema.choice(OutputProtocol.self), "resolved_engine_path": Schema.string,
            "viewer_count": Schema.integer, "demand_signal": Schema.boolean, "publisher_running": Schema.boolean,
            "publisher_pid": Schema.nullable(Schema.integer), "publisher_frames_sent": Schema.integer,
            "publisher_last_error": Schema.nullable(Schema.string),
            "publisher_last_error_code": Schema.nullable(Schema.string),
            "publisher_last_error_parameters": ["type": "object"],
            "publisher_active_codec": Schema.nullable(Schema.string),
            "publisher_hardware_accelerated": Schema.boolean, "publisher_restart_count": Schema.integer,
            "frames_in": Schema.integer, "frames_out": Schema.integer, "frames_dropped": Schema.integer,
            "camera_packets_lost": Schema.integer, "camera_pictures_broken": Schema.integer,
            "frames_repeated": Schema.integer, "bytes_out": Schema.integer, "encode_seconds": Schema.number,
            "encode_ms": Schema.nullable(Schema.number), "delay_ms": Schema.nullable(Schema.number),
            "fps": Schema.nullable(Schema.number), "bitrate_kbps": Schema.nullable(Schema.number),
            "mode": Schema.nullable(Schema.choice(RenditionMode.self)),
            "mode_reason": Schema.nullable(Schema.string), "mode_reason_code": Schema.nullable(Schema.string),
            "mode_reason_parameters": ["type": "object"],
            "audio": Schema.nullable(
                Schema.answer([
                    "codec": Schema.string, "sample_rate": Schema.integer, "channels": Schema.integer,
                    "bitrate_kbps": Schema.nullable(Schema.number),
                ])),
            "sound": Schema.nullable(Schema.string), "sound_code": Schema.nullable(Schema.string),
            "sound_parameters": ["type": "object"], "no_signal_since_unix": Schema.nullable(Schema.number),
            "state": Schema.choice(OutputState.self), "message": Schema.string, "message_code": Schema.string,
            "message_parameters": ["type": "object"],
        ]),
        "RuntimeDestinations": Schema.answer([
            "updated_at_unix": Schema.number, "destinations": Schema.list(Schema.reference("RuntimeDestination")),
        ]),
        "RuntimeDestination": Schema.answer([
            "destination_key": Schema.string, "destination_id": Schema.string, "transmission_id": Schema.string,
            "kind": Schema.choice(DestinationKind.self), "state": Schema.choice(DestinationState.self),
            "retry_at_unix": Schema.nullable(Schema.number), "sending_since_unix": Schema.nullable(Schema.number),
            "bitrate_kbps": Schema.nullable(Schema.number), "bytes_sent": Schema.integer,
            "frames_sent": Schema.integer, "frames_dropped": Schema.integer, "failure_count": Schema.integer,
            "message": Schema.string, "message_code": Schema.string, "message_parameters": ["type": "object"],
        ]),
        "StateEvent": stateEvent,
        "WizardResult": Schema.answer([
            "pipeline_name": Schema.string, "transmission_id": Schema.string, "camera_id": Schema.string,
            "preset_id": Schema.choice(PipelinePreset.self), "engine_running": Schema.boolean,
            "warnings": Schema.list(Schema.string), "warning_messages": Schema.list(Schema.reference("CodedMessage")),
        ]),
        "Microphones": Schema.answer([
            "microphones": Schema.list(Schema.answer(["address": Schema.string, "name": Schema.string]))
        ]),
        "CameraTestResult": Schema.object(
            [
                "ok": Schema.boolean, "message": Schema.string, "message_code": Schema.string,
                "message_parameters": ["type": "object"], "codec": Schema.nullable(Schema.string),
                "width": Schema.nullable(Schema.integer), "height": Schema.nullable(Schema.integer),
                "fps": Schema.nullable(Schema.number), "keyframe_interval_seconds": Schema.nullable(Schema.number),
                "has_b_frames": Schema.nullable(Schema.boolean),
                "audio": Schema.nullable(
                    Schema.answer(["codec": Schema.string, "sample_rate": Schema.integer, "channels": Schema.integer])),
                "sound": Schema.nullable(Schema.reference("CodedMessage")),
                "sound_tracks": Schema.nullable(Schema.list(Schema.reference("CodedMessage"))),
                "still": Schema.nullable(Schema.string),
            ], required: ["ok", "message", "message_code", "message_parameters"]),
    ]

    private static let refusals: [String: JSONValue] = [
        // With a code where pages say the sentence in their own language.
        "Failure": Schema.object(
            ["detail": Schema.string, "code": Schema.string, "parameters": ["type": "object"]], required: ["detail"]),
        "ValidationFailure": Schema.answer([
            "detail": Schema.list(
                Schema.object(
                    [
                        "type": Schema.string, "msg": Schema.string, "input": [:],
                        "loc": Schema.list(["type": ["string", "integer"]]), "code": Schema.string,
                        "parameters": ["type": "object"],
                    ], required: ["type", "msg", "input", "loc"]))
        ]),
    ]
}
