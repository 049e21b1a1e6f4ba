/// The name of a playlist or segment that a player asks for. Nothing else reaches an engine: a name can't leave its
/// folder, and names no other host.
struct MediaFileName: Hashable, Sendable, CustomStringConvertible {
    static let maximumLength = 128
    static let multivariantPlaylist = MediaFileName(description: "index.m3u8")
    /// The stream as one MP4, of the built-in engine. It is no file, because it has no end: who gets it has to be looked at again and
    /// again.
    static let wholeStream = MediaFileName(description: "stream.mp4")
    /// What engines name playlists, segments and initialization segments by.
    private static let extensions: Set<Substring> = ["m3u8", "ts", "mp4", "m4s"]

    let description: String

    private init(description: String) { self.description = description }

    /// Letters, digits, `-` and `_`, then one dot and an extension that we know; nil for everything else.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let dot = text.lastIndex(of: "."), dot > text.startIndex,
            Self.extensions.contains(text[text.index(after: dot)...]), text[..<dot].utf8.allSatisfy(\.isMediaNameByte),
            text != Self.wholeStream.description
        else { return nil }
        description = text
    }
}

/// The part of an address's query that an engine may see.
struct MediaQuery: Sendable {
    /// The session that the engine wrote into its playlist, and the blocking reload of low-latency HLS
    /// (draft-pantos-hls-rfc8216bis §6.2.5).
    private static let names = ["session", "_HLS_msn", "_HLS_part", "_HLS_skip"]
    private static let maximumValueLength = 64

    private var members: [(name: String, value: String)]

    /// Keeps what an engine may see.
    init(_ query: [String: String]) {
        members = Self.names.compactMap { name in
            guard let value = query[name], (1...Self.maximumValueLength).contains(value.utf8.count),
                value.utf8.allSatisfy(\.isMediaNameByte)
            else { return nil }
            return (name, value)
        }
    }

    /// Puts a session in place of the one of the address.
    func with(session: String) -> Self {
        var result = self
        result.members.removeAll { $0.name == "session" }
        result.members.append(("session", session))
        return result
    }

    /// With its question mark; empty when there is nothing.
    var text: String {
        members.isEmpty ? "" : "?" + members.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

extension UInt8 {
    /// `A-Z a-z 0-9 - _`
    var isMediaNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
