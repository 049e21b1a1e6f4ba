/// One elementary stream of a transport stream's program.
public struct TSElementaryStream: Sendable, Equatable {
    /// The packet identifier, 0x0010…0x1FFE (ISO/IEC 13818-1 §2.4.3.3).
    public var pid: UInt16
    public var type: TSStreamType
    /// The stream_id of its PES packets (ISO/IEC 13818-1 Table 2-22).
    public var streamID: UInt8
    /// What comes before each frame of AAC.
    var adts: ADTSHeader?

    /// - Returns: nil for a format that is not carried in transport streams, or not by many players.
    public init?(_ format: MediaFormat, pid: UInt16 = TSMuxer.firstStreamPID) {
        self.pid = pid
        // The first stream of its kind.
        let (video, audio): (UInt8, UInt8) = (0xE0, 0xC0)
        switch format {
        case .h264: (type, streamID) = (.h264, video)
        case .h265: (type, streamID) = (.h265, video)
        case .aac(let configuration):
            guard let header = ADTSHeader(configuration) else { return nil }
            (type, streamID) = (.aac, audio)
            adts = header
        case .mp3(let format): (type, streamID) = (format?.version == .mpeg1 ? .mpeg1Audio : .mpeg2Audio, audio)
        case .opus, .g711, .generic: return nil
        }
    }
}

/// stream_type (ISO/IEC 13818-1 Table 2-34).
public enum TSStreamType: UInt8, Sendable {
    /// ISO/IEC 11172-3 audio.
    case mpeg1Audio = 0x03
    /// ISO/IEC 13818-3 audio, which has the one before within it.
    case mpeg2Audio = 0x04
    /// ISO/IEC 13818-7 audio with ADTS transport syntax.
    case aac = 0x0F
    /// AVC video as in ISO/IEC 14496-10.
    case h264 = 0x1B
    /// HEVC video as in ISO/IEC 23008-2.
    case h265 = 0x24
}
