/// One elementary stream of a transport stream's program.
public struct TSElementaryStream: Sendable, Equatable {
    /// The packet identifier, 0x0010…0x1FFE (ISO/IEC 13818-1 §2.4.3.3).
    public var pid: UInt16
    public var type: TSStreamType
    /// The stream_id of its PES packets (ISO/IEC 13818-1 Table 2-22).
    public var streamID: UInt8

    public init(pid: UInt16, type: TSStreamType, streamID: UInt8) {
        self.pid = pid
        self.type = type
        self.streamID = streamID
    }
}

/// stream_type (ISO/IEC 13818-1 Table 2-34).
public enum TSStreamType: UInt8, Sendable {
    /// AVC video as in ISO/IEC 14496-10.
    case h264 = 0x1B
    /// HEVC video as in ISO/IEC 23008-2.
    case h265 = 0x24
}
