/// Where and as whom a rendition is published.
public struct PublishTarget: Hashable, Sendable, Codable {
    /// The engine path.
    public var path: String
    /// `127.0.0.1:8554`
    public var host: String
    public var port: Int
    public var username: String
    /// In clear: it crosses only the worker's standard input.
    public var password: String
    /// What its viewers hear.
    public var sound: PathSound
    /// Whether they see the JSON that travels with the pictures.
    public var metadata: Bool

    public init(
        path: String, host: String, port: Int, username: String, password: String,
        sound: PathSound = PathSound(.auto, for: [.rtsp]), metadata: Bool = false
    ) {
        self.path = path
        self.host = host
        self.port = port
        self.username = username
        self.password = password
        self.sound = sound
        self.metadata = metadata
    }

    /// The same, whatever is heard and told there: both change without disturbing who watches.
    public var place: PublishTarget {
        var target = self
        target.sound = PathSound(.off, for: [])
        target.metadata = false
        return target
    }
}

/// What the viewers of a path hear.
public struct PathSound: Hashable, Sendable, Codable {
    public var settings: AudioSettings
    /// How they reach it.
    public var protocols: Set<OutputProtocol>
    /// Whether the engine leaves the holes of a sound open: by HLS, players that wait for sound show no pictures meanwhile.
    public var leavesHoles: Bool

    enum CodingKeys: String, CodingKey {
        case settings, protocols
        case leavesHoles = "leaves_holes"
    }

    public init(_ settings: AudioSettings, for protocols: Set<OutputProtocol>, leavesHoles: Bool = false) {
        self.settings = settings
        self.protocols = protocols
        self.leavesHoles = leavesHoles
    }
}

/// Who of those that watch by WebRTC a rendition is for. Not every browser takes H.265.
public enum WebRTCAudience: String, Hashable, Sendable, Codable {
    /// All of them.
    case everybody
    /// Those who take what the others get, where that is H.265; the rest has a rendition of its own.
    case takersOfH265 = "takers_of_h265"
    /// The rest.
    case rest
}

/// One encoding of a transmission, the paths that it is published on, and the destinations that it is sent to.
public struct RenditionSpec: Hashable, Sendable, Codable, Identifiable {
    /// `<transmission id>:<first engine path>`, or `<transmission id>:push:<first destination>` without any path
    public var id: String
    public var transmissionID: String
    public var encoding: Encoding
    public var targets: [PublishTarget]
    /// Those that are active.
    public var destinations: [StreamDestination]
    public var webRTC: WebRTCAudience

    enum CodingKeys: String, CodingKey {
        case id, encoding, targets, destinations
        case transmissionID = "transmission_id"
        case webRTC = "webrtc"
    }

    public init(
        id: String, transmissionID: String, encoding: Encoding, targets: [PublishTarget],
        destinations: [StreamDestination] = [], webRTC: WebRTCAudience = .everybody
    ) {
        self.id = id
        self.transmissionID = transmissionID
        self.encoding = encoding
        self.targets = targets
        self.destinations = destinations
        self.webRTC = webRTC
    }
}

/// Everything that a worker runs: one island of pipelines, transmissions and renditions.
public struct WorkerConfiguration: Hashable, Sendable, Codable {
    public var cameras: [Camera]
    public var pipelines: [Pipeline]
    public var transmissions: [Transmission]
    public var renditions: [RenditionSpec]
    /// What cameras sent when they were read last, by their id: libav's short name of the codec.
    public var cameraCodecs: [String: String] = [:]
    /// How cameras had to be read last, by their id.
    public var cameraAccess: [String: CameraAccess] = [:]
    /// What sound cameras sent when they were read last, by their id, as a worker described it; empty without sound.
    public var cameraSounds: [String: String] = [:]
    public var vision = VisionAssets()

    enum CodingKeys: String, CodingKey {
        case cameras, pipelines, transmissions, renditions, vision
        case cameraCodecs = "camera_codecs"
        case cameraAccess = "camera_access"
        case cameraSounds = "camera_sounds"
    }

    public init(
        cameras: [Camera], pipelines: [Pipeline], transmissions: [Transmission], renditions: [RenditionSpec]
    ) {
        self.cameras = cameras
        self.pipelines = pipelines
        self.transmissions = transmissions
        self.renditions = renditions
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        cameras = try container.decode([Camera].self, forKey: .cameras)
        pipelines = try container.decode([Pipeline].self, forKey: .pipelines)
        transmissions = try container.decode([Transmission].self, forKey: .transmissions)
        renditions = try container.decode([RenditionSpec].self, forKey: .renditions)
        cameraCodecs = try container.decode([String: String].self, forKey: .cameraCodecs)
        cameraAccess = try container.decode([String: CameraAccess].self, forKey: .cameraAccess)
        cameraSounds = try container.decode([String: String].self, forKey: .cameraSounds)
        vision = try container.decodeIfPresent(VisionAssets.self, forKey: .vision) ?? VisionAssets()
    }
}

/// What the control plane tells a worker: one JSON object a line on its standard input, named by `command`.
///
/// A worker ends when its standard input ends.
public enum WorkerCommand: Hashable, Sendable {
    /// Run this; what is equal to what already runs goes on undisturbed.
    case configure(WorkerConfiguration)
    /// The ids of all renditions that are wanted from now on, and of the transmissions whose pictures are wanted even when
    /// none of their renditions is; everything else stops.
    case demand(renditions: Set<String>, transmissions: Set<String> = [])
    /// What stands before the entity of a camera of Home Assistant where it is read; comes before what needs it.
    case reachHomeAssistant(Secret)
    /// The next picture of a rendition becomes a keyframe.
    case forceKeyframe(rendition: String)
    /// JSON for the next picture that comes into a transmission, in place of what waits for that: the text of one object.
    case postMetadata(transmissionID: String, json: String)
    /// Open a camera, look at it and answer with ``WorkerEvent/cameraTested(requestID:_:)``.
    case testCamera(requestID: String, camera: Camera)
    /// Take a picture of what a wanted transmission shows, waiting a few seconds for a live one, and answer with
    /// ``WorkerEvent/stillTaken(requestID:_:)``.
    case takeStill(requestID: String, transmissionID: String, maximumWidth: Int)
    case shutdown
}

extension WorkerCommand: Codable {
    private enum CodingKeys: String, CodingKey {
        case command, configuration, renditions, transmissions, rendition, camera, address, json
        case requestID = "request_id"
        case transmissionID = "transmission_id"
        case maximumWidth = "maximum_width"
    }

    private enum Name: String, Codable {
        case configure, demand, shutdown
        case forceKeyframe = "force_keyframe"
        case postMetadata = "post_metadata"
        case reachHomeAssistant = "reach_home_assistant"
        case testCamera = "test_camera"
        case takeStill = "take_still"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Name.self, forKey: .command) {
        case .configure: self = .configure(try container.decode(WorkerConfiguration.self, forKey: .configuration))
        case .demand:
            self = .demand(
                renditions: try container.decode(Set<String>.self, forKey: .renditions),
                transmissions: try container.decode(Set<String>.self, forKey: .transmissions))
        case .reachHomeAssistant:
            self = .reachHomeAssistant(Secret(try container.decode(String.self, forKey: .address)))
        case .forceKeyframe: self = .forceKeyframe(rendition: try container.decode(String.self, forKey: .rendition))
        case .postMetadata:
            self = .postMetadata(
                transmissionID: try container.decode(String.self, forKey: .transmissionID),
                json: try container.decode(String.self, forKey: .json))
        case .testCamera:
            self = .testCamera(
                requestID: try container.decode(String.self, forKey: .requestID),
                camera: try container.decode(Camera.self, forKey: .camera))
        case .takeStill:
            self = .takeStill(
                requestID: try container.decode(String.self, forKey: .requestID),
                transmissionID: try container.decode(String.self, forKey: .transmissionID),
                maximumWidth: try container.decode(Int.self, forKey: .maximumWidth))
        case .shutdown: self = .shutdown
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .configure(let configuration):
            try container.encode(Name.configure, forKey: .command)
            try container.encode(configuration, forKey: .configuration)
        case .demand(let renditions, let transmissions):
            try container.encode(Name.demand, forKey: .command)
            try container.encode(renditions.sorted(), forKey: .renditions)
            try container.encode(transmissions.sorted(), forKey: .transmissions)
        case .reachHomeAssistant(let address):
            try container.encode(Name.reachHomeAssistant, forKey: .command)
            try container.encode(address.exposed, forKey: .address)
        case .forceKeyframe(let rendition):
            try container.encode(Name.forceKeyframe, forKey: .command)
            try container.encode(rendition, forKey: .rendition)
        case .postMetadata(let transmissionID, let json):
            try container.encode(Name.postMetadata, forKey: .command)
            try container.encode(transmissionID, forKey: .transmissionID)
            try container.encode(json, forKey: .json)
        case .testCamera(let requestID, let camera):
            try container.encode(Name.testCamera, forKey: .command)
            try container.encode(requestID, forKey: .requestID)
            try container.encode(camera, forKey: .camera)
        case .takeStill(let requestID, let transmissionID, let maximumWidth):
            try container.encode(Name.takeStill, forKey: .command)
            try container.encode(requestID, forKey: .requestID)
            try container.encode(transmissionID, forKey: .transmissionID)
            try container.encode(maximumWidth, forKey: .maximumWidth)
        case .shutdown:
            try container.encode(Name.shutdown, forKey: .command)
        }
    }
}
