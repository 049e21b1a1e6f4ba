/// What a viewer is sent without asking for it again: a session of WebRTC in the engine, or a WebSocket.
struct MediaRelay: Sendable {
    /// Names it among those of its viewer.
    var name: String
    /// Ends it; it may be over already.
    var end: @Sendable () async -> Void
    /// Whether it goes on: a viewer that has gone tells nobody.
    var isThere: @Sendable () async -> Bool
}

/// Keeps a WebSocket among what its viewer is sent, until nobody holds this any more.
public final class MediaHold: Sendable {
    private let name: String
    private let viewer: MediaToken.ViewerID
    private let viewers: MediaViewers

    init(_ name: String, of viewer: MediaToken.ViewerID, in viewers: MediaViewers) {
        self.name = name
        self.viewer = viewer
        self.viewers = viewers
    }

    deinit { viewers.forget(relay: name, of: viewer) }
}
