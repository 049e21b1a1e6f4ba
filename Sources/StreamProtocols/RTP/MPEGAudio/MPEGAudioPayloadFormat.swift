/// MPEG-1 and MPEG-2 audio in RTP (RFC 2250 §3.2, §3.5): whole frames, or a piece of one.
public struct MPEGAudioPayloadFormat: FramePayloadFormat {
    /// Two bytes of zero, and where the piece begins in its frame.
    private static let headerSize = 4

    private var partial: PartialFrame?

    public init() {}

    public mutating func frames(in packet: RTPPacket) throws(RTPPayloadError) -> [ArraySlice<UInt8>] {
        var reader = ByteReader(packet.payload)
        guard reader.skip(2), let offset = reader.readUInt16() else { throw .malformed("MPEG audio has no header") }
        guard offset == 0 else { return try pieces(reader.rest, offset: Int(offset), packet) }
        partial = nil
        var frames: [ArraySlice<UInt8>] = []
        while !reader.isAtEnd {
            guard let header = MPEGAudioHeader(reader.rest) else {
                // What is behind whole frames is padding.
                guard frames.isEmpty else { break }
                throw .malformed("a frame of MPEG audio does not begin with a header")
            }
            guard let frame = reader.readBytes(header.frameByteCount) else {
                guard frames.isEmpty else { break }
                var begun = try PartialFrame(rtpTimestamp: packet.timestamp, byteCount: header.frameByteCount)
                try begun.append(reader.rest)
                partial = begun
                return []
            }
            frames.append(frame)
        }
        return frames
    }

    private mutating func pieces(
        _ piece: ArraySlice<UInt8>, offset: Int, _ packet: RTPPacket
    ) throws(RTPPayloadError) -> [ArraySlice<UInt8>] {
        guard partial?.rtpTimestamp == packet.timestamp, partial?.bytes.count == offset else {
            throw .malformed("a piece of a frame of MPEG audio does not continue the one before")
        }
        // In place: a copy would make every piece copy the ones before it.
        try partial?.append(piece)
        guard let frame = partial?.whole else { return [] }
        partial = nil
        return [frame]
    }

    public mutating func drop() -> Bool { partial.take() != nil }

    public func duration(of frame: ArraySlice<UInt8>) -> Int64 {
        MediaFormat.mp3(nil).duration(of: frame, clockRate: MPEGAudioFormat.clockRate)
    }

    public func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload] {
        let size = maxSize - Self.headerSize
        return stride(from: 0, to: min(frame.count, Int(UInt16.max)), by: size).map { start in
            var bytes: [UInt8] = [0, 0]
            bytes.appendBigEndian(UInt16(truncatingIfNeeded: start))
            bytes.append(contentsOf: frame.dropFirst(start).prefix(size))
            return FramePayload(bytes: bytes[...], marker: false)
        }
    }
}
