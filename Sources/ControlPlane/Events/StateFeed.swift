import ConnectionLimits
import StreamModel
import Synchronization

/// The newest state of all that pages show, and who follows it.
///
/// Each part carries the version at which it changed last, and a follower asks for what is newer than what it knows. So there
/// is no queue that a slow follower could fill: what changed several times while it was busy, it is told once.
final class StateFeed: Sendable {
    /// Followers at once. A page that gets no place goes on by asking now and then.
    static let followerLimit = 64
    /// Of one client, so that none takes the places of all others; this machine itself is only bound by ``followerLimit``.
    static let followerLimitPerClient = 16

    private struct Entry {
        var value: JSONValue
        var version: Int
    }

    private struct Follower {
        var client: ClientNetwork?
        var wakes: AsyncStream<Void>.Continuation
    }

    private struct State {
        var version = 0
        var entries: [StatePart: Entry] = [:]
        var followers: [Int: Follower] = [:]
        var nextFollower = 0

        /// Forgets outputs that are gone.
        mutating func keepOutputs(_ keys: Set<JSONValue>) {
            entries = entries.filter { part, _ in
                guard case .output(let key) = part else { return true }
                return keys.contains(.string(key))
            }
        }
    }

    private let state = Mutex(State())

    /// Whether anybody follows: else nobody needs to look at what changed.
    var hasFollowers: Bool { state.withLock { !$0.followers.isEmpty } }

    /// Puts in what parts are now.
    func publish(_ parts: [StatePart: JSONValue]) {
        let woken = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            let changed = parts.filter { state.entries[$0.key]?.value != $0.value }
            guard !changed.isEmpty else { return [] }
            state.version += 1
            for (part, value) in changed { state.entries[part] = Entry(value: value, version: state.version) }
            if let keys = changed[.outputKeys] { state.keepOutputs(Set(keys.arrayValue ?? [])) }
            return state.followers.values.map(\.wakes)
        }
        for follower in woken { follower.yield() }
    }

    /// - Parameter client: nil when it has no IP address.
    /// - Returns: nil when there are ``followerLimit`` already, or ``followerLimitPerClient`` of the client.
    func enter(_ role: Role, from client: ClientNetwork?) -> StateFollower? {
        let (wakes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            let mayHaveAll = client?.isLoopback != false
            guard state.followers.count < Self.followerLimit,
                mayHaveAll || state.followers.values.count(where: { $0.client == client }) < Self.followerLimitPerClient
            else { return nil }
            state.nextFollower += 1
            state.followers[state.nextFollower] = Follower(client: client, wakes: continuation)
            return state.nextFollower
        }
        return id.map { StateFollower(feed: self, id: $0, role: role, wakes: wakes, continuation) }
    }

    /// An element of ``StateFollower/wakes`` for everybody although nothing changed.
    func wakeFollowers() {
        for wakes in state.withLock({ $0.followers.values.map(\.wakes) }) { wakes.yield() }
    }

    func leave(_ id: Int) {
        state.withLock { $0.followers[id] = nil }
    }

    /// What is newer than a version, as far as it concerns a role; nil when nothing is.
    func news(since version: Int, for role: Role) -> StateNews? {
        state.withLock { state in
            let parts = state.entries.filter { $0.value.version > version && role.includes($0.key.audience) }
            guard !parts.isEmpty else { return nil }
            return StateNews(version: state.version, isWhole: version == 0, parts: parts.mapValues(\.value))
        }
    }
}

/// What a follower did not know yet.
public struct StateNews: Sendable {
    /// What it knows when it has read this.
    public var version: Int
    /// Whether it is the whole state, instead of what changed.
    public var isWhole: Bool
    var parts: [StatePart: JSONValue]

    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        var outputs: [(key: String, value: JSONValue)] = []
        for (part, value) in parts {
            switch part {
            case .revision: members["revision"] = value
            case .engine: members["engine"] = value
            case .download: members["download"] = value
            case .workers: members["workers"] = value
            case .destinations: members["destinations"] = value
            case .findings: members["findings"] = value
            case .events: members["events"] = value
            case .outputKeys: members["output_keys"] = value
            case .output(let key): outputs.append((key, value))
            }
        }
        if !outputs.isEmpty { members["outputs"] = .array(outputs.sorted { $0.key < $1.key }.map(\.value)) }
        return .object(members)
    }
}

/// A place among those who follow the state; given up when nobody holds it any more.
public final class StateFollower: Sendable {
    private let feed: StateFeed
    private let id: Int
    private let role: Role
    private let continuation: AsyncStream<Void>.Continuation
    /// One element or more after something changed; ends by ``end()``.
    public let wakes: AsyncStream<Void>

    init(
        feed: StateFeed, id: Int, role: Role, wakes: AsyncStream<Void>, _ continuation: AsyncStream<Void>.Continuation
    ) {
        self.feed = feed
        self.id = id
        self.role = role
        self.wakes = wakes
        self.continuation = continuation
    }

    deinit { feed.leave(id) }

    /// What is newer than a version (0: everything); nil when nothing is.
    public func news(since version: Int) -> StateNews? { feed.news(since: version, for: role) }

    /// An element of ``wakes`` although nothing changed.
    public func wake() { continuation.yield() }

    public func end() { continuation.finish() }
}
