/// What a player asks of a playlist by its query (RFC 8216bis §6.2.5).
public struct DeliveryDirectives: Sendable, Equatable {
    /// What has to be in the playlist before it is sent.
    public var awaited: Awaited?
    /// `_HLS_skip`: segments that the player has already may be left out.
    public var maySkip: Bool

    public enum Awaited: Sendable, Equatable {
        /// `_HLS_msn` alone: the whole segment.
        case segment(Int)
        /// `_HLS_msn` and `_HLS_part`: a part, or what follows the segment when it has fewer.
        case part(Int, ofSegment: Int)
    }

    public init(awaited: Awaited? = nil, maySkip: Bool = false) {
        self.awaited = awaited
        self.maySkip = maySkip
    }

    /// Reads the values of the query's `_HLS_msn`, `_HLS_part` and `_HLS_skip`; nil for one that it does not have.
    ///
    /// - Throws: for what can't be met, which is answered by 400.
    public init(
        mediaSequenceNumber: Substring?, part: Substring?, skip: Substring?
    ) throws(DeliveryDirectiveError) {
        // `v2` leaves out date ranges as well, of which we have none; another value means nothing to us.
        maySkip = skip == "YES" || skip == "v2"
        switch (mediaSequenceNumber, part) {
        case (nil, nil): awaited = nil
        case (nil, _?): throw .partWithoutSegment
        case (let number?, let part):
            guard let segment = Self.number(number) else { throw .noNumber(name: "_HLS_msn") }
            guard let part else {
                awaited = .segment(segment)
                return
            }
            guard let index = Self.number(part) else { throw .noNumber(name: "_HLS_part") }
            awaited = .part(index, ofSegment: segment)
        }
    }

    /// A decimal-integer (RFC 8216 §4.2), which has no sign; more than 2^53 would be beyond every playlist.
    private static func number(_ text: Substring) -> Int? {
        guard (1...16).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

public enum DeliveryDirectiveError: Error, Equatable, CustomStringConvertible {
    case partWithoutSegment
    case noNumber(name: String)

    public var description: String {
        switch self {
        case .partWithoutSegment: "_HLS_part needs _HLS_msn, the number of the segment that it is a part of."
        case .noNumber(let name): "\(name) has to be a whole number."
        }
    }
}
