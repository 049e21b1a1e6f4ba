/// How the frames of a sound format lie in RTP payloads.
public protocol FramePayloadFormat: Sendable {
    /// Takes the packet that follows the one before, and gives the frames that it completes.
    mutating func frames(in packet: RTPPacket) throws(RTPPayloadError) -> [ArraySlice<UInt8>]

    /// A packet is missing: gives up what was held.
    ///
    /// - Returns: whether there was something.
    mutating func drop() -> Bool

    /// How long a frame lasts, in units of the clock: the next one in the same packet begins so much later.
    func duration(of frame: ArraySlice<UInt8>) -> Int64

    /// The payloads of one frame, each of at most `maxSize` bytes.
    func payloads(of frame: ArraySlice<UInt8>, maxSize: Int) -> [FramePayload]
}

/// A payload that carries a frame or a piece of one.
public struct FramePayload: Sendable, Equatable {
    public var bytes: ArraySlice<UInt8>
    public var marker: Bool
    /// How much later than its frame it begins, in units of the clock.
    public var offset: Int64 = 0
}

extension FramePayloadFormat {
    /// Formats that hold nothing back.
    public mutating func drop() -> Bool { false }
}

/// A frame of sound that comes in pieces.
struct PartialFrame: Sendable {
    /// Bytes in a frame: of all formats, AAC with 48 channels has the largest, 48 × 768.
    static let byteLimit = 1 << 16

    let rtpTimestamp: UInt32
    /// nil when only its last piece tells.
    let byteCount: Int?
    private(set) var bytes: [UInt8] = []

    init(rtpTimestamp: UInt32, byteCount: Int?) throws(RTPPayloadError) {
        if let byteCount, byteCount > Self.byteLimit {
            throw .sampleTooLarge(byteCount: byteCount, limit: Self.byteLimit)
        }
        self.rtpTimestamp = rtpTimestamp
        self.byteCount = byteCount
    }

    mutating func append(_ piece: ArraySlice<UInt8>) throws(RTPPayloadError) {
        let total = bytes.count + piece.count
        guard total <= Self.byteLimit else { throw .sampleTooLarge(byteCount: total, limit: Self.byteLimit) }
        bytes.append(contentsOf: piece)
    }

    /// The whole frame; nil while pieces are missing.
    var whole: ArraySlice<UInt8>? {
        guard let byteCount, bytes.count >= byteCount else { return nil }
        return bytes.prefix(byteCount)
    }
}
