import ConnectionLimits

/// The sessions of all paths.
struct HLSSessionTable {
    /// More viewers than one engine serves; beyond it the one longest idle is forgotten.
    static let maximumCount = 4096
    /// Sessions of one client at once, except this machine, which may be a proxy in front of everybody.
    static let maximumCountPerClient = 512

    private var sessions: [HLSSession.Key: HLSSession] = [:]
    private var countByClient: [ClientNetwork: Int] = [:]

    /// How long a session lasts after its last request.
    private let timeout: Duration
    /// When expired sessions are looked for again; not at every insertion, which would make many viewers expensive.
    private var nextSweep: Duration?

    init(timeout: Duration) {
        self.timeout = timeout
    }

    /// The session that `key` finds, unless it has expired.
    func session(_ key: HLSSession.Key, at now: Duration) -> HLSSession? {
        sessions[key].flatMap { isExpired($0, at: now) ? nil : $0 }
    }

    /// Those that play, the oldest first.
    func playing(at now: Duration) -> [HLSSession] {
        sessions.values.filter { $0.isPlaying && !$0.isKicked && !isExpired($0, at: now) }
            .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    /// - Returns: false when the client has too many sessions to get another one.
    mutating func insert(_ session: HLSSession, at now: Duration) -> Bool {
        if nextSweep.map({ now >= $0 }) ?? true {
            nextSweep = now + timeout / 10
            for (key, other) in sessions where isExpired(other, at: now) { remove(key) }
        }
        remove(session.key)
        if let client = session.client, !client.isLoopback {
            let count = countByClient[client] ?? 0
            guard count < Self.maximumCountPerClient else { return false }
            countByClient[client] = count + 1
        }
        if sessions.count >= Self.maximumCount { evict() }
        sessions[session.key] = session
        return true
    }

    mutating func remove(_ key: HLSSession.Key) {
        guard let client = sessions.removeValue(forKey: key)?.client, let count = countByClient[client] else { return }
        countByClient[client] = count > 1 ? count - 1 : nil
    }

    mutating func update(_ key: HLSSession.Key, _ change: (inout HLSSession) -> Void) {
        guard var session = sessions[key] else { return }
        change(&session)
        sessions[key] = session
    }

    mutating func updateAll(_ change: (inout HLSSession) -> Void) {
        for key in sessions.keys { update(key, change) }
    }

    private func isExpired(_ session: HLSSession, at now: Duration) -> Bool {
        !session.isConnected && now - session.lastSeen >= timeout
    }

    /// Forgets a client that never played, else the one that was seen longest ago, and of those with a connection, which ends with
    /// it, only where there are no others.
    private mutating func evict() {
        let victim = sessions.values.min { left, right in
            if left.isConnected != right.isConnected { return right.isConnected }
            return left.isPlaying == right.isPlaying ? left.lastSeen < right.lastSeen : !left.isPlaying
        }
        if let victim { remove(victim.key) }
    }
}
