/// AAC in RTP (RFC 3640): frames behind a section of AU-headers, or a piece of one. It is sent as AAC-hbr.
public struct AACPayloadFormat: FramePayloadFormat {
    /// AU-headers-length, and one AU-header of AAC-hbr.
    private static let headerSize = 4
    /// The size has 13 bits.
    private static let longestFrame = (1 << 13) - 1

    private let sizeLength: Int
    private let indexLength: Int
    private let indexDeltaLength: Int
    private let frameDuration: Int64
    private var partial: PartialFrame?

    /// - Parameters:
    ///   - frameDuration: in units of the clock.
    public init(sizeLength: Int, indexLength: Int, indexDeltaLength: Int, frameDuration: Int64) {
        // Of no bits there would be headers without end.
        self.sizeLength = max(sizeLength, 1)
        self.indexLength = indexLength
        self.indexDeltaLength = indexDeltaLength
        self.frameDuration = frameDuration
    }

    public mutating func frames(in packet: RTPPacket) throws(RTPPayloadError) -> [ArraySlice<UInt8>] {
        var reader = ByteReader(packet.payload)
        guard let bitCount = reader.readUInt16(), let headers = reader.readBytes((Int(bitCount) + 7) / 8) else {
            throw .malformed("the AU-headers are longer than the packet")
        }
        let sizes = try sizes(headers, bitCount: Int(bitCount))
        if let size = sizes.first, sizes.count == 1, size > reader.rest.count {
            return try piece(reader.rest, byteCount: size, packet)
        }
        partial = nil
        var frames: [ArraySlice<UInt8>] = []
        frames.reserveCapacity(sizes.count)
        for size in sizes {
            guard let frame = reader.readBytes(size) else { throw .malformed("a frame of AAC is cut off") }
            frames.append(frame)
        }
        return frames
    }

    /// The sizes of the frames in a packet.
    private func sizes(_ headers: ArraySlice<UInt8>, bitCount: Int) throws(RTPPayloadError) -> [Int] {
        var bits = BitReader(headers)
        var sizes: [Int] = []
        while bits.position < bitCount {
            let isFirst = sizes.isEmpty
            guard let size = bits.read(sizeLength), let index = bits.read(isFirst ? indexLength : indexDeltaLength)
            else { throw .malformed("an AU-header is cut off") }
            // AU-Index, or how many frames of another packet belong between this one and the one before (§3.2.1.1).
            guard index == 0 || isFirst else { throw .interleaved }
            sizes.append(Int(size))
        }
        guard !sizes.isEmpty else { throw .malformed("there is no AU-header") }
        return sizes
    }

    /// §3.2.3: pieces of one frame have its timestamp and its whole size.
    private mutating func piece(
        _ piece: ArraySlice<UInt8>, byteCount: Int, _ packet: RTPPacket
    ) throws(RTPPayloadError) -> [ArraySlice<UInt8>] {
        if partial?.rtpTimestamp != packet.timestamp || partial?.byteCount != byteCount {
            partial = try PartialFrame(rtpTimestamp: packet.timestamp, byteCount: byteCount)
        }
        // In place: a copy would make every piece copy the ones before it.
        try partial?.append(piece)
        guard let frame = partial?.whole else { return [] }
        partial = nil
        return [frame]
    }

    public mutating func drop() -> Bool { partial.take() != nil }

    public func duration(of frame: ArraySlice<UInt8>) -> Int64 { frameDuration }

    public func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload] {
        guard frame.count <= Self.longestFrame else { return [] }
        let size = maxSize - Self.headerSize
        return stride(from: 0, to: frame.count, by: size).map { start in
            // 16 bits of headers: the size of the whole frame, and the index 0.
            var bytes: [UInt8] = [0, 16]
            bytes.appendBigEndian(UInt16(truncatingIfNeeded: frame.count << 3))
            bytes.append(contentsOf: frame.dropFirst(start).prefix(size))
            // §3.1: the marker says that a frame ends here.
            return FramePayload(bytes: bytes[...], marker: start + size >= frame.count)
        }
    }
}
