import ConnectionLimits

/// Counts the requests that are held until something is there: blocking reloads and hinted parts of low-latency HLS.
struct HLSHeldRequests {
    /// Of one path, and of one client on it, except this machine, which may be a proxy in front of everybody.
    static let limit = 1024
    static let limitPerClient = 128

    private struct Place: Hashable {
        var path: String
        var client: ClientNetwork
    }

    private var countByPath: [String: Int] = [:]
    private var countByPlace: [Place: Int] = [:]

    /// - Returns: false when as many are held as may be.
    mutating func enter(path: String, client: ClientNetwork?) -> Bool {
        let count = countByPath[path] ?? 0
        guard count < Self.limit else { return false }
        if let place = Self.place(path, client) {
            let countOfClient = countByPlace[place] ?? 0
            guard countOfClient < Self.limitPerClient else { return false }
            countByPlace[place] = countOfClient + 1
        }
        countByPath[path] = count + 1
        return true
    }

    mutating func leave(path: String, client: ClientNetwork?) {
        if let place = Self.place(path, client) { Self.decrement(&countByPlace, place) }
        Self.decrement(&countByPath, path)
    }

    func count(path: String) -> Int { countByPath[path] ?? 0 }

    private static func place(_ path: String, _ client: ClientNetwork?) -> Place? {
        client.flatMap { $0.isLoopback ? nil : Place(path: path, client: $0) }
    }

    private static func decrement<Key>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
