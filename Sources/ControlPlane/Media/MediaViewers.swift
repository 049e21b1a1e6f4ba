import StreamModel
import Synchronization

/// Those who watch through this server, each known by its token.
///
/// It is kept only of who has done something: made tokens cost nothing.
final class MediaViewers: Sendable {
    private struct Viewer {
        /// Until when its token is good.
        var expiry: Duration
        /// From when on it is not renewed any more.
        var lastRenewal: Duration
        var hasLeft = false
        var transfers = 0
    }

    private struct State {
        var viewers: [MediaToken.ViewerID: Viewer] = [:]
        var transfers = 0
        var nextSweep: Duration = .zero
    }

    private let state = Mutex(State())

    /// Requests of one viewer at once: a player loads a playlist and some segments.
    static let transferLimitPerViewer = 8
    /// Requests of all at once. There have to be connections left for the pages.
    static let transferLimit = 384
    static let viewerLimit = 4096
    /// However long somebody watches, a leaked address ends at last.
    static let longestLife: Duration = .seconds(24 * 3600)
    private static let sweepInterval: Duration = .seconds(30)

    /// Counts a request of a viewer for as long as what it returns lives.
    func enter(_ token: MediaToken, at now: Duration) throws(ControlPlaneError) -> MediaTransfer {
        try change(token, at: now) { viewer, state throws(ControlPlaneError) in
            guard viewer.transfers < Self.transferLimitPerViewer, state.transfers < Self.transferLimit else {
                throw .tooManyRequests(retryAfterSeconds: 1)
            }
            viewer.transfers += 1
            state.transfers += 1
        }
        return MediaTransfer(viewer: token.viewer, viewers: self)
    }

    fileprivate func leave(_ viewer: MediaToken.ViewerID) {
        state.withLock { state in
            state.transfers -= 1
            state.viewers[viewer]?.transfers -= 1
        }
    }

    /// A viewer goes on watching.
    ///
    /// - Returns: until when its token is good now.
    func renew(_ token: MediaToken, at now: Duration) throws(ControlPlaneError) -> Duration {
        try change(token, at: now) { viewer, _ throws(ControlPlaneError) in
            viewer.expiry = max(viewer.expiry, min(now + MediaToken.lifetime, viewer.lastRenewal))
        }.expiry
    }

    /// Throws when a viewer's token is good no more.
    func check(_ token: MediaToken, at now: Duration) throws(ControlPlaneError) {
        try change(token, at: now) { _, _ throws(ControlPlaneError) in }
    }

    /// A viewer has left: its token opens nothing any more.
    func end(_ token: MediaToken, at now: Duration) throws(ControlPlaneError) {
        try change(token, at: now) { viewer, _ throws(ControlPlaneError) in viewer.hasLeft = true }
    }

    /// How many requests are being answered.
    var transferCount: Int { state.withLock(\.transfers) }

    @discardableResult
    private func change(
        _ token: MediaToken, at now: Duration,
        _ change: (inout Viewer, inout State) throws(ControlPlaneError) -> Void
    ) throws(ControlPlaneError) -> Viewer {
        try state.withLock { state throws(ControlPlaneError) in
            sweep(&state, at: now)
            let known = state.viewers[token.viewer]
            guard known != nil || state.viewers.count < Self.viewerLimit else {
                throw .busy(
                    CodedMessage(
                        "viewers_full", "As many watch through this server as it serves. Try again later."))
            }
            var viewer =
                known
                ?? Viewer(expiry: token.expiry, lastRenewal: token.expiry - MediaToken.lifetime + Self.longestLife)
            guard !viewer.hasLeft, now < viewer.expiry else { throw .mediaTokenIsOver }
            try change(&viewer, &state)
            state.viewers[token.viewer] = viewer
            return viewer
        }
    }

    /// Forgets whose tokens are over: they are refused by what they say themselves.
    private func sweep(_ state: inout State, at now: Duration) {
        guard now >= state.nextSweep else { return }
        state.nextSweep = now + Self.sweepInterval
        state.viewers = state.viewers.filter { $0.value.transfers > 0 || now < $0.value.expiry }
    }
}

/// A request that is being answered; it counts until this is forgotten, however the answer ends.
final class MediaTransfer: Sendable {
    private let viewer: MediaToken.ViewerID
    private let viewers: MediaViewers

    fileprivate init(viewer: MediaToken.ViewerID, viewers: MediaViewers) {
        self.viewer = viewer
        self.viewers = viewers
    }

    deinit { viewers.leave(viewer) }
}

extension ControlPlaneError {
    public static func tooManyRequests(retryAfterSeconds: Int) -> Self {
        .tooManyTries(
            CodedMessage("too_many_requests", "Too many requests at once. Try again in a moment."),
            retryAfterSeconds: retryAfterSeconds)
    }

    /// Says nothing of why: who has no token learns nothing, and who had one opens the stream anew.
    static let mediaTokenIsOver = Self.forbidden(
        CodedMessage("media_address_over", "This address is not valid any more. Open the stream anew."))
}
