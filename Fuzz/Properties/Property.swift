/// What must hold for any input of one group of parsers: it never traps, costs linear time and bounded memory (which the
/// fuzzer watches), and what was accepted is the same when it is written and read again.
struct Property: Sendable {
    /// The fuzzer's target, and its folder in the corpus.
    let name: String
    /// Bytes of an input at most: what the peer may send at once, or a little more.
    let longestInput: Int
    let check: @Sendable (ArraySlice<UInt8>) throws(Violation) -> Void

    static let all: [Property] = [
        .rtsp, .headers, .url, .sdp, .rtp, .rtcp, .depacketizer, .sound, .soundHeaders, .nalUnits, .parameterSets,
        .timestamps, .lines, .stun, .framing, .srtp, .whep, .rtmp, .transportStream, .streamID,
        .workerMessages, .models, .multicastRange,
    ]
}

/// A property that does not hold.
struct Violation: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

func require(_ condition: Bool, _ description: @autoclosure () -> String) throws(Violation) {
    guard condition else { throw Violation(description()) }
}

/// Takes an input apart into choices and pieces.
struct InputReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func uint32() -> UInt32 { bytes(4).reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func int64() -> Int64 { Int64(bitPattern: bytes(8).reduce(0) { $0 << 8 | UInt64($1) }) }
}
