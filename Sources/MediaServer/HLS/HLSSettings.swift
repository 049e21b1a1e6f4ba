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
    /// How long the parts of segments are about, in fragmented MP4; nil without parts.
    var partDuration: Duration?
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

    /// ``partDuration`` where there are parts.
    private var configuredPartDuration: Duration = .milliseconds(200)

    init() {}

    init(_ configuration: EngineConfiguration) {
        configuredPartDuration = min(max(configuration.hlsPartDuration, .milliseconds(50)), .seconds(2))
        use(configuration.hlsVariant)
        segmentDuration = min(max(configuration.hlsSegmentDuration, .milliseconds(100)), .seconds(60))
        // RFC 8216 §6.2.2: the playlist must be three target durations long. The upper bound keeps memory sane.
        segmentCount = min(max(configuration.hlsSegmentCount, 3), 100)
        // Also, a fragment's mdat has a 32-bit size.
        segmentMaxSize = min(max(configuration.hlsSegmentMaxSize, 64 << 10), HLSMuxer.byteLimit)
        muxerCloseAfter = max(configuration.hlsMuxerCloseAfter, .seconds(1))
        allowOrigins = configuration.hlsAllowOrigins
    }

    /// Packs in the way of a path that has one of its own.
    mutating func use(_ variant: HLSVariant) {
        container = variant == .mpegts ? .mpegts : .fmp4
        partDuration = variant == .lowLatency ? configuredPartDuration : nil
    }
}
