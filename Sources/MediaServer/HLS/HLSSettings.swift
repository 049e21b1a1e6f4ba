import EngineContract

/// The HLS settings of the engine's configuration, within bounds.
struct HLSSettings: Sendable, Equatable {
    /// How segments are packed.
    enum Container: Sendable, Equatable {
        case mpegts
        case fmp4
    }

    var container: Container = .mpegts
    /// Segments end at the first keyframe after this time.
    var segmentDuration: Duration = .seconds(1)
    /// Segments in a playlist.
    var segmentCount = 7
    /// Bytes that a segment may have.
    var segmentMaxSize = 50 << 20
    /// How long a muxer lives after the last request for it.
    var muxerCloseAfter: Duration = .seconds(60)
    var allowOrigins: [String] = ["*"]
    /// How long a request for a playlist is held until there is a first segment.
    var firstSegmentTimeout: Duration = .seconds(10)
    /// How long a viewer's session lasts after its last request; as MediaMTX has it.
    var sessionTimeout: Duration = .seconds(30)

    init() {}

    init(_ configuration: EngineConfiguration) {
        container = configuration.hlsVariant == .mpegts ? .mpegts : .fmp4
        segmentDuration = min(max(configuration.hlsSegmentDuration, .milliseconds(100)), .seconds(60))
        // RFC 8216 §6.2.2: the playlist must be three target durations long. The upper bound keeps memory sane.
        segmentCount = min(max(configuration.hlsSegmentCount, 3), 100)
        // Also, a fragment's mdat has a 32-bit size.
        segmentMaxSize = min(max(configuration.hlsSegmentMaxSize, 64 << 10), HLSMuxer.byteLimit)
        muxerCloseAfter = max(configuration.hlsMuxerCloseAfter, .seconds(1))
        allowOrigins = configuration.hlsAllowOrigins
    }

    /// What the user should know about settings that are not served as written.
    static func warnings(_ configuration: EngineConfiguration) -> [String] {
        guard configuration.hls, configuration.hlsVariant == .lowLatency else { return [] }
        return ["hlsVariant lowLatency is served as fmp4; set hlsVariant to mpegts or fmp4."]
    }
}
