import NIOCore
import StreamModel

/// The candidates in an engine's answer to an offer (RFC 8839 §5.1).
enum AnswerCandidates {
    /// The address that a browser used for us, when it can be one at which it finds the engine's media as well; a name can
    /// not, since candidates are addresses.
    static func address(ofPage host: String?) -> String? {
        guard let host, let address = try? SocketAddress(ipAddress: host, port: 0), let text = address.ipAddress,
            NetworkInterfaces.isReachable(text), !["0.0.0.0", "::"].contains(text)
        else { return nil }
        return text
    }

    /// An answer in which each port of the engine's own interfaces is also found at a further address: that of the machine
    /// around its container, or of the router in front of it, which an engine can't know by itself.
    static func adding(_ address: String, to answer: String) -> String {
        var result: [Substring] = []
        var known: [[Substring]] = []
        var lineEnd: Substring = ""
        func addCopies() {
            let isThere = known.contains { $0[4] == address }
            var seen: Set<[Substring]> = []
            for candidate in known where !isThere && seen.insert([candidate[1], candidate[2], candidate[5]]).inserted {
                var copy = candidate
                // Another address has another foundation (RFC 8445 §5.1.1.3), and comes after those that an engine is sure of.
                copy[0] = "page\(candidate[2])"
                copy[3] = Substring(String(max((UInt32(candidate[3]) ?? 1) / 2, 1)))
                copy[4] = Substring(address)
                result.append("\(prefix)\(copy.joined(separator: " "))\(lineEnd)")
            }
            known = []
        }
        // Bytes that are a line feed alone: with a carriage return, both are one character.
        let lines = answer.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Substring.init)
        for line in lines {
            let fields = line.hasPrefix(prefix) ? Self.fields(line.dropFirst(prefix.count)) : nil
            if let fields {
                lineEnd = line.unicodeScalars.last == "\r" ? "\r" : ""
                if fields[7] == "host" { known.append(fields) }
            } else {
                addCopies()
            }
            result.append(line)
        }
        addCopies()
        return result.joined(separator: "\n")
    }

    private static let prefix = "a=candidate:"

    /// Foundation, component, transport, priority, address, port, `typ`, the type, and what follows.
    private static func fields(_ text: Substring) -> [Substring]? {
        let fields = text.split { $0.isWhitespace }
        return fields.count >= 8 && fields[6] == "typ" ? fields : nil
    }
}
