/// Ends what viewers are sent without asking again as soon as the access ends that it was begun with.
///
/// One rule for all of it: it lives no longer than its token would be taken. A request is looked at when it comes; this looks at
/// what needs no further request whenever an output or an account changes, and when a token's time is over. The engine can't: it
/// knows all of them as one reader, which this server is.
actor MediaRelays {
    private let viewers: MediaViewers
    private let access: MediaAccess
    private lazy var reviews = Reconciler { [weak self] in await self?.review() }
    private var timer: Task<Void, Never>?

    /// So long before its time is over it is seen whether a viewer that this server renews still watches.
    private static let renewalLead: Duration = .seconds(60)

    init(viewers: MediaViewers, access: MediaAccess) {
        self.viewers = viewers
        self.access = access
    }

    deinit { timer?.cancel() }

    /// Something is sent from now on.
    ///
    /// - Throws: 403, having ended it, when its viewer's access ended while it was begun.
    func begin(_ relay: MediaRelay, of claim: MediaTokens.Claim) async throws(ControlPlaneError) {
        do throws(ControlPlaneError) {
            end(try viewers.begin(relay, of: claim, at: access.now))
        } catch {
            end([relay])
            throw error
        }
        // A change that came before it was remembered has not ended it.
        guard await access.output(of: claim) != nil else {
            end(viewers.end(claim.token))
            throw .mediaTokenIsOver
        }
        setTimer()
    }

    /// A viewer has left.
    func end(_ token: MediaToken) { end(viewers.end(token)) }

    /// Somebody's access may have ended.
    func accessChanged() { reviews.wake() }

    /// Waits until everything that was told before has been looked at.
    func settle() async { await reviews.settle() }

    private func review() async {
        var isDue: [RelayedViewer] = []
        for viewer in viewers.relayed {
            if await access.output(of: viewer.claim) == nil {
                end(viewers.end(viewer.claim.token))
            } else if access.now >= viewer.expiry - Self.lead(viewer) {
                isDue.append(viewer)
            }
        }
        await withTaskGroup { group in
            for viewer in isDue { group.addTask { await self.lookAtTime(of: viewer) } }
        }
        setTimer()
    }

    private static func lead(_ viewer: RelayedViewer) -> Duration {
        viewer.claim.token.isRenewedByPlayer ? .zero : renewalLead
    }

    private func lookAtTime(of viewer: RelayedViewer) async {
        let token = viewer.claim.token
        if !token.isRenewedByPlayer {
            for relay in viewer.relays {
                guard await relay.isThere() else { continue }
                _ = try? viewers.renew(token, at: access.now)
                break
            }
        }
        // Also a player may have renewed it meanwhile.
        if (try? viewers.check(token, at: access.now)) == nil { end(viewers.end(token)) }
    }

    private func setTimer() {
        timer?.cancel()
        let now = access.now
        let looks = viewers.relayed.map { viewer in
            let early = viewer.expiry - Self.lead(viewer)
            // One that could not be renewed is looked at once more at its end.
            return early > now ? early : viewer.expiry
        }
        guard let next = looks.min() else { return }
        timer = Task { [weak self] in
            guard (try? await Task.sleep(for: next - now)) != nil else { return }
            await self?.accessChanged()
        }
    }

    /// Nobody waits: an engine that hangs must not keep what is sent by another way.
    private func end(_ relays: [MediaRelay]) {
        for relay in relays { Task { await relay.end() } }
    }
}
