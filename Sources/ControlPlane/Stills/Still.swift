import Foundation

/// The picture of a transmission.
public struct Still: Hashable, Sendable {
    /// What the picture shows; sent as the header `x-toposync-frame-state`.
    public enum FrameState: String, CaseIterable, Sendable {
        /// What a camera sees now, give or take ``Still/liveAge``.
        case live
        /// What a camera saw some time ago, no longer than the caller allowed.
        case stale
        /// No camera gives a picture.
        case placeholder
    }

    /// A camera's picture is live for so long.
    public static let liveAge: Duration = .seconds(10)

    public var jpeg: Data
    public var state: FrameState
    /// For how long a cache may give it to others who allow the same age, in whole seconds.
    public var maximumCacheSeconds: Int
}

/// What `GET /transmissions/{id}/still.jpg` may ask for in its query.
public enum StillQuery {
    public static let ageRange = 0...3600
    public static let defaultAge = 5
    public static let widthRange = 16...3840
    public static let defaultWidth = 1920
}
