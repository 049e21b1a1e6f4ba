import StreamProtocols

/// What viewers of low-latency HLS ask for ahead of its time: it is held until it is there (RFC 8216bis §6.2.5.2 and §6.2.6).
extension HLSDelivery {
    /// However long segments are: a proxy in front of us waits longer for an answer.
    private static let longestHold: Duration = .seconds(15)

    /// Returns when the playlist has what a viewer waits for.
    func hold(
        _ entry: HLSPathMuxer, _ key: HLSSession.Key, _ client: HLSClient, until awaited: DeliveryDirectives.Awaited
    ) async throws(HLSRefusal) {
        guard !entry.muxer.has(awaited) else { return }
        guard !entry.muxer.isTooFarAhead(awaited) else { throw .tooFarAhead }
        try await hold(entry, key, client) { $0.has(awaited) }
    }

    /// Returns when there is a part of that name, or never will be.
    func hold(
        _ entry: HLSPathMuxer, _ key: HLSSession.Key, _ client: HLSClient, untilPart name: String
    ) async throws(HLSRefusal) {
        guard entry.muxer.rhythm != nil, entry.muxer.nextPartName == name else { return }
        try await hold(entry, key, client) { $0.nextPartName != name }
    }

    private func hold(
        _ entry: HLSPathMuxer, _ key: HLSSession.Key, _ client: HLSClient, until isThere: (HLSMuxer) -> Bool
    ) async throws(HLSRefusal) {
        let path = entry.path
        guard held.enter(path: path, client: client.network) else { throw .tooManyViewers }
        defer { held.leave(path: path, client: client.network) }
        // RFC 8216bis §6.2.5.2: three target durations.
        let deadline =
            clock.now + min(.seconds(entry.muxer.targetDurationSeconds * 3), Self.longestHold)
        repeat {
            await waitForChange(of: entry, after: entry.changeCount, until: deadline)
            entry.lastRequest = clock.now
            if session(key)?.isKicked == true { throw .sessionClosed }
            if case .ended(let refusal) = entry.state { throw refusal }
            if Task.isCancelled { throw .closing }
            if isThere(entry.muxer) { return }
        } while clock.now < deadline
        throw .notInTime(path: path)
    }
}
