/// The most that a peer may send in one RTSP message. The defaults leave room for everything that real clients and
/// cameras send, and keep a connection below 150 kB.
public struct RTSPLimits: Sendable, Equatable {
    /// Bytes in one line, the request line included; URLs with tokens are the longest in practice.
    public var lineByteCount: Int
    /// Bytes in the start line and all headers together.
    public var headByteCount: Int
    public var headerCount: Int
    /// Bytes in a body; session descriptions are a few kB at most.
    public var bodyByteCount: Int

    public init(
        lineByteCount: Int = 8192,
        headByteCount: Int = 32_768,
        headerCount: Int = 100,
        bodyByteCount: Int = 65_536
    ) {
        self.lineByteCount = lineByteCount
        self.headByteCount = headByteCount
        self.headerCount = headerCount
        self.bodyByteCount = bodyByteCount
    }
}
