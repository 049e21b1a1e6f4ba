/// AAC in LATM in RTP (RFC 6416 §4) with its configuration in the description: audioMuxElements, or a piece of one, of which the
/// last has the marker.
public struct LATMPayloadFormat: FramePayloadFormat {
    private let frameDuration: Int64
    private var partial: PartialFrame?

    /// - Parameter frameDuration: in units of the clock.
    public init(frameDuration: Int64) { self.frameDuration = frameDuration }

    public mutating func frames(in packet: RTPPacket) throws(RTPPayloadError) -> [ArraySlice<UInt8>] {
        if let partial, partial.rtpTimestamp != packet.timestamp { self.partial = nil }
        guard packet.marker else {
            if partial == nil { partial = try PartialFrame(rtpTimestamp: packet.timestamp, byteCount: nil) }
            // In place: a copy would make every piece copy the ones before it.
            try partial?.append(packet.payload)
            return []
        }
        try partial?.append(packet.payload)
        var reader = ByteReader(partial.take().map { $0.bytes[...] } ?? packet.payload)
        var frames: [ArraySlice<UInt8>] = []
        while !reader.isAtEnd {
            guard let frame = Self.frame(&reader) else { throw .malformed("a frame of AAC in LATM is cut off") }
            frames.append(frame)
        }
        return frames
    }

    /// PayloadLengthInfo and PayloadMux (ISO/IEC 14496-3 §1.7.3.1): the length is a sum of bytes, of which the last is not 255.
    private static func frame(_ reader: inout ByteReader) -> ArraySlice<UInt8>? {
        var length = 0
        while let byte = reader.readUInt8() {
            length += Int(byte)
            if byte != 255 { return reader.readBytes(length) }
        }
        return nil
    }

    public mutating func drop() -> Bool { partial.take() != nil }

    public func duration(of frame: ArraySlice<UInt8>) -> Int64 { frameDuration }

    public func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload] {
        var element = [UInt8](repeating: 255, count: frame.count / 255)
        element.append(UInt8(frame.count % 255))
        element.append(contentsOf: frame)
        return stride(from: 0, to: element.count, by: maxSize).map { start in
            FramePayload(
                bytes: element.dropFirst(start).prefix(maxSize), marker: start + maxSize >= element.count)
        }
    }
}
