/// Tells an engine that hangs from one that is slow: it has to leave several requests in a row unanswered, and for a while.
struct EngineWatch: Sendable {
    /// Between two requests.
    static let interval: Duration = .seconds(2)
    /// Between two requests while none is answered.
    static let suspiciousInterval: Duration = .milliseconds(500)
    static let silenceLimit: Duration = .seconds(5)
    /// Requests without an answer; a machine that slept has a long silence and only one of them.
    static let requestLimit = 3

    private var silentSince: Duration?
    private var unanswered = 0

    mutating func recordAnswer() {
        silentSince = nil
        unanswered = 0
    }

    /// - Parameters:
    ///   - sent: when the request was sent, on any clock that only goes forward.
    ///   - now: when it was given up.
    /// - Returns: whether the engine hangs.
    mutating func recordSilence(sent: Duration, now: Duration) -> Bool {
        let since = silentSince ?? sent
        silentSince = since
        unanswered += 1
        return unanswered >= Self.requestLimit && now - since >= Self.silenceLimit
    }

    /// The pause before the next request.
    var pause: Duration { unanswered > 0 ? Self.suspiciousInterval : Self.interval }
}
