/// A thing that `vision.track` knows again from picture to picture.
public struct TrackedObject: Hashable, Sendable, Codable {
    /// What no field of a detection says.
    public struct Metadata: Hashable, Sendable, Codable {
        public enum State: String, Hashable, Sendable, Codable {
            /// Seen in the picture that was looked at last.
            case confirmed
            /// Not seen in it, and not yet gone.
            case lost
        }

        /// How often it was seen.
        public var hits: Int
        public var state: State

        public init(hits: Int, state: State) {
            self.hits = hits
            self.state = state
        }
    }

    /// So many are followed at a time.
    public static let limit = 128

    /// `trk:CAMERA:…`; no other thing ever has the same.
    public var trackingID: String
    /// The tracker's own number of it.
    public var sourceTrackingID: String
    public var cameraID: String
    /// As it was seen last.
    public var detection: Detection
    /// How it is known again.
    public var trackerID: String
    public var metadata: Metadata
    /// The centres of where it was, the newest last; empty in reports.
    public var trail: [PicturePoint]

    public init(
        trackingID: String, sourceTrackingID: String, cameraID: String, detection: Detection, trackerID: String,
        metadata: Metadata, trail: [PicturePoint]
    ) {
        self.trackingID = trackingID
        self.sourceTrackingID = sourceTrackingID
        self.cameraID = cameraID
        self.detection = detection
        self.trackerID = trackerID
        self.metadata = metadata
        self.trail = trail
    }

    enum CodingKeys: String, CodingKey {
        case metadata
        case trackingID = "tracking_id"
        case sourceTrackingID = "source_tracking_id"
        case cameraID = "camera_id"
        case trackerID = "tracker_id"
        case trail = "trail01"
    }

    // The members of the detection are its own, as in the reference's packets.

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        trackingID = try container.decode(String.self, forKey: .trackingID)
        sourceTrackingID = try container.decode(String.self, forKey: .sourceTrackingID)
        cameraID = try container.decode(String.self, forKey: .cameraID)
        detection = try Detection(from: decoder)
        trackerID = try container.decode(String.self, forKey: .trackerID)
        metadata = try container.decode(Metadata.self, forKey: .metadata)
        trail = try container.decode([PicturePoint].self, forKey: .trail)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(trackingID, forKey: .trackingID)
        try container.encode(sourceTrackingID, forKey: .sourceTrackingID)
        try container.encode(cameraID, forKey: .cameraID)
        try detection.encode(to: encoder)
        try container.encode(trackerID, forKey: .trackerID)
        try container.encode(metadata, forKey: .metadata)
        try container.encode(trail, forKey: .trail)
    }
}
