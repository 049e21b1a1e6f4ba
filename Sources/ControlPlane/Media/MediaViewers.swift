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
        /// What it is sent without asking again, the oldest first.
        var relays: [MediaRelay] = []
        /// What it began the first of them with.
        var claim: MediaTokens.Claim?

        init(of token: MediaToken) {
            expiry = token.expiry
            lastRenewal = token.expiry - MediaToken.lifetime + MediaViewers.longestLife
        }
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
    /// What one viewer is sent at the same time without asking again: a player on a bad line begins anew, and forgets the former.
    static let relayLimitPerViewer = 8
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

    /// A viewer that is known has left, or may not stay: its token opens nothing any more.
    ///
    /// - Returns: what it is still sent.
    func end(_ token: MediaToken) -> [MediaRelay] {
        state.withLock { state in
            let relays = state.viewers[token.viewer]?.relays ?? []
            state.viewers[token.viewer]?.hasLeft = true
            state.viewers[token.viewer]?.relays = []
            return relays
        }
    }

    // MARK: What goes on without being asked for

    /// Remembers what a viewer is sent from now on.
    ///
    /// - Returns: what there is no room for any more.
    func begin(
        _ relay: MediaRelay, of claim: MediaTokens.Claim, at now: Duration
    ) throws(ControlPlaneError) -> [MediaRelay] {
        var surplus: [MediaRelay] = []
        try change(claim.token, at: now) { viewer, _ throws(ControlPlaneError) in
            viewer.claim = claim
            viewer.relays.append(relay)
            surplus = Array(viewer.relays.dropLast(Self.relayLimitPerViewer))
            viewer.relays.removeFirst(surplus.count)
        }
        return surplus
    }

    /// It is over.
    func forget(relay name: String, of viewer: MediaToken.ViewerID) {
        state.withLock { $0.viewers[viewer]?.relays.removeAll { $0.name == name } }
    }

    func hasRelay(named name: String, of viewer: MediaToken.ViewerID) -> Bool {
        state.withLock { $0.viewers[viewer]?.relays.contains { $0.name == name } ?? false }
    }

    /// Those who are sent something without asking again.
    var relayed: [RelayedViewer] {
        state.withLock { state in
            state.viewers.values.compactMap { viewer in
                guard let claim = viewer.claim, !viewer.relays.isEmpty else { return nil }
                return RelayedViewer(claim: claim, expiry: viewer.expiry, relays: viewer.relays)
            }
        }
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
            var viewer = known ?? Viewer(of: token)
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
        state.viewers = state.viewers.filter {
            $0.value.transfers > 0 || !$0.value.relays.isEmpty || now < $0.value.expiry
        }
    }
}

/// Somebody who is sent something without asking again.
struct RelayedViewer: Sendable {
    /// What it was begun with.
    var claim: MediaTokens.Claim
    /// Until when its token is good.
    var expiry: Duration
    var relays: [MediaRelay]
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
