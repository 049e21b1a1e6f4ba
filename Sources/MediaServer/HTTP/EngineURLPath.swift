import Foundation

/// Paths of URLs on the engine's ports.
enum EngineURLPath {
    /// A path as it is written in a URL, without its percent-encoding; nil when it can name nothing of ours, whose names are ASCII.
    static func decoded(_ urlPath: String) -> String? {
        guard let decoded = urlPath.contains("%") ? urlPath.removingPercentEncoding : urlPath,
            decoded.utf8.allSatisfy({ $0 < 0x80 }), decoded.hasPrefix("/")
        else { return nil }
        return decoded
    }
}
