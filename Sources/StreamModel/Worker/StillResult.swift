import Foundation

/// What became of the wish for a picture of a transmission.
public struct StillResult: Hashable, Sendable, Codable {
    /// A JPEG (ITU-T T.81); nil when none could be made.
    public var jpeg: Data?
    /// Whether it shows a writer's picture, and not the placeholder.
    public var isLive: Bool
    /// One sentence that says why there is none.
    public var message: String?

    enum CodingKeys: String, CodingKey {
        case jpeg, message
        case isLive = "is_live"
    }

    public init(jpeg: Data, isLive: Bool) {
        self.jpeg = jpeg
        self.isLive = isLive
    }

    /// No picture.
    public init(failure message: String) {
        isLive = false
        self.message = message
    }
}
