/// The times that the pictures of the past get, for one who joins: all of them just before the last one's. Browsers show pictures
/// at the pace of their times, and would stay behind for as long as the past was.
struct PastTimestamps {
    /// A millisecond at 90 kHz: each is later than the one before.
    private static let step: UInt32 = 90

    /// Of each track, that of the next picture.
    private var next: [Int: UInt32] = [:]

    init(_ pictures: [Delivery]) {
        for picture in pictures.reversed() {
            guard let timestamp = picture.packets?.rtpTimestamp else { continue }
            // RFC 3550 §5.1: timestamps are modulo 2³².
            next[picture.unit.track] = next[picture.unit.track].map { $0 &- Self.step } ?? timestamp
        }
    }

    /// Of the next picture; nil where it has no packets.
    mutating func next(for picture: Delivery) -> UInt32? {
        guard picture.packets != nil, let timestamp = next[picture.unit.track] else { return nil }
        next[picture.unit.track] = timestamp &+ Self.step
        return timestamp
    }
}
