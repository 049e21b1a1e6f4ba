import Foundation
import StreamProtocols

/// What the URI of a request is about: a path, and perhaps one track of it.
struct RTSPTarget: Equatable {
    /// The name of the path, without slashes at its ends.
    var path: String
    /// Without the question mark; empty when there is none.
    var query: String
    /// The URI of the whole presentation, for `Content-Base` and `RTP-Info`, without a slash at the end.
    var baseURI: String
    /// The number in `trackID=`; nil when the URI is the presentation's.
    var track: Int?

    /// Takes a URI apart. A track's control attribute may come before a query or, because many clients simply append it
    /// to the URL that they were given, behind it.
    ///
    /// - Returns: nil when the text is not an RTSP URL.
    init?(uri: String) {
        var base = uri
        if let (head, number, tail) = Self.splitTrack(uri) {
            base = head + tail
            track = number
        }
        while base.hasSuffix("/"), base.utf8.count > 8 { base.removeLast() }
        guard let url = try? RTSPURL(parsing: base) else { return nil }
        var path = url.path
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
        query = url.query ?? ""
        baseURI = base
    }

    /// Whether its client wants to be told of a group that the stream is sent to. This name for it is MediaMTX's.
    var asksForMulticast: Bool {
        query.split(separator: "&").contains { $0 == "vlcmulticast" || $0.hasPrefix("vlcmulticast=") }
    }

    private static func splitTrack(_ uri: String) -> (head: String, track: Int, tail: String)? {
        guard let marker = uri.range(of: "/trackID=", options: .backwards) else { return nil }
        let rest = uri[marker.upperBound...]
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number < 256 else { return nil }
        let tail = rest[digits.endIndex...]
        guard tail.isEmpty || tail.hasPrefix("?") || tail == "/" else { return nil }
        return (String(uri[..<marker.lowerBound]), number, tail == "/" ? "" : String(tail))
    }
}
