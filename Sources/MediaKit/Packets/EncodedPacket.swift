internal import CLibAV

/// One encoded picture or block of sound. Immutable, and cheap to share between any number of readers.
@safe public final class EncodedPacket: Sendable {
    public enum MediaKind: String, Sendable {
        case video, audio
    }

    public let kind: MediaKind
    /// Equal to `streamIndex` of the stream's info.
    public let streamIndex: Int
    /// Whether decoding can begin here.
    public let isKeyframe: Bool
    public let timeBase: MediaTimeBase
    /// When to show it; nil when the source gave no timestamp.
    public let presentationTime: MediaTime?
    /// When to decode it; differs from ``presentationTime`` only in streams with reordered pictures.
    public let decodeTime: MediaTime?
    public let duration: MediaTime?
    /// When it was received, or was due in the case of a paced file.
    public let arrivalTime: MonotonicInstant

    // Never written after init; freed in deinit.
    private nonisolated(unsafe) let pointer: UnsafeMutablePointer<AVPacket>

    /// Takes over `packet`, whose data must be reference counted (`av_packet_make_refcounted`).
    init(
        adopting packet: UnsafeMutablePointer<AVPacket>,
        kind: MediaKind,
        timeBase: MediaTimeBase,
        arrivalTime: MonotonicInstant
    ) {
        self.kind = kind
        self.streamIndex = unsafe Int(packet.pointee.stream_index)
        self.isKeyframe = unsafe packet.pointee.flags & AV_PKT_FLAG_KEY != 0
        self.timeBase = timeBase
        self.presentationTime = unsafe MediaTime(libav: packet.pointee.pts, timeBase: timeBase)
        self.decodeTime = unsafe MediaTime(libav: packet.pointee.dts, timeBase: timeBase)
        self.duration =
            unsafe packet.pointee.duration > 0 ? MediaTime(ticks: packet.pointee.duration, timeBase: timeBase) : nil
        self.arrivalTime = arrivalTime
        unsafe self.pointer = unsafe packet
    }

    /// Copies `bytes` into a packet of its own. All times are converted to the time base of `presentationTime`.
    ///
    /// - Parameter isReordered: whether pictures may come in another order than shown, so that the decoding time is not
    ///   the time of presentation; unknown then, unless `decodeTime` says it.
    public convenience init(
        bytes: [UInt8],
        kind: MediaKind = .video,
        streamIndex: Int = 0,
        isKeyframe: Bool,
        presentationTime: MediaTime?,
        decodeTime: MediaTime? = nil,
        duration: MediaTime? = nil,
        isReordered: Bool = false,
        arrivalTime: MonotonicInstant = .now
    ) throws(MediaError) {
        let timeBase = presentationTime?.timeBase ?? decodeTime?.timeBase ?? .mpeg
        guard let size = CInt(exactly: bytes.count), size <= CInt.max - AV_INPUT_BUFFER_PADDING_SIZE else {
            throw MediaError(kind: .invalidData, operation: "make packet", reason: "\(bytes.count) bytes are too many")
        }
        guard let packet = unsafe av_packet_alloc() else { throw .outOfMemory("make packet") }
        let code = unsafe av_new_packet(packet, size)
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVPacket>? = unsafe packet
            unsafe av_packet_free(&doomed)
            throw MediaError(libav: code, operation: "make packet")
        }
        unsafe UnsafeMutableRawBufferPointer(start: packet.pointee.data, count: bytes.count).copyBytes(from: bytes)
        unsafe packet.pointee.pts = presentationTime?.rescaled(to: timeBase).ticks ?? toposync_av_no_timestamp
        let decodeTime = decodeTime ?? (isReordered ? nil : presentationTime)
        unsafe packet.pointee.dts = decodeTime?.rescaled(to: timeBase).ticks ?? toposync_av_no_timestamp
        unsafe packet.pointee.duration = duration?.rescaled(to: timeBase).ticks ?? 0
        unsafe packet.pointee.stream_index = CInt(clamping: streamIndex)
        unsafe packet.pointee.flags = isKeyframe ? AV_PKT_FLAG_KEY : 0
        unsafe self.init(adopting: packet, kind: kind, timeBase: timeBase, arrivalTime: arrivalTime)
    }

    deinit {
        var doomed: UnsafeMutablePointer<AVPacket>? = unsafe pointer
        unsafe av_packet_free(&doomed)
    }

    public var byteCount: Int { unsafe Int(pointer.pointee.size) }

    /// Lends the encoded bytes for the time of the call.
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        let bytes = unsafe UnsafeRawBufferPointer(start: pointer.pointee.data, count: byteCount)
        return try unsafe body(bytes.bytes)
    }

    /// A copy of the encoded bytes.
    public var bytes: [UInt8] {
        defer { withExtendedLifetime(self) {} }
        return unsafe Array(UnsafeBufferPointer(start: pointer.pointee.data, count: byteCount))
    }

    /// Lends the packet for calls that only read it or take a reference.
    func withPointer<R, E: Error>(_ body: (UnsafePointer<AVPacket>) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(UnsafePointer(pointer))
    }
}
