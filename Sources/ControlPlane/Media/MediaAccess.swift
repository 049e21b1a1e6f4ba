import StreamModel

/// What tokens open at this moment: an output that is still what it was, for somebody who is still known.
struct MediaAccess: Sendable {
    let store: ConfigurationStore
    let tokens: MediaTokens
    /// Whether whoever was given a token is still known.
    let stillHolds: @Sendable (Identity.Origin) async -> Bool

    var now: Duration { tokens.now }

    /// The output that a token opens; nil when it opens none, or none any more. When its time is over is up to ``MediaViewers``.
    func output(of claim: MediaTokens.Claim) async -> ResolvedOutput? {
        guard let transmission = store.current.transmission(claim.token.transmissionID), transmission.enabled,
            transmission.hostServerID == ServerID.local,
            var output = transmission.servedOutputs.first(where: { $0.outputID == claim.token.outputID }),
            tokens.isGenuine(claim, for: output), await stillHolds(claim.token.holder)
        else { return nil }
        if claim.token.isH264 {
            guard let path = output.h264Path else { return nil }
            output.enginePath = path
        }
        return output
    }
}
