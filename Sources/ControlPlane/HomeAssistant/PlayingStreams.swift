import StreamModel
import Synchronization

/// Tells streams that play from those that Home Assistant only names: it answers for a camera that is away as for any other,
/// and then gives no playlist, one without segments, or always the same ones.
final class PlayingStreams: Sendable {
    enum Answer: Hashable, Sendable {
        case playing(HomeAssistantStreams.Path)
        /// There is one, and nothing comes of it.
        case silent
        /// The camera has pictures alone.
        case none
    }

    /// What the stream of a camera had when it was looked at last.
    private struct Seen {
        var newest: HomeAssistantStreams.Path?
        /// Since when nothing newer was seen.
        var since: ContinuousClock.Instant
        var isSilent = false
    }

    /// A stream that had nothing new for so long has ended; that is also how long workers wait for one.
    private static let endedAfter: Duration = .seconds(10)
    /// Less than a worker waits for an answer.
    private static let openingLimit: Duration = .seconds(7)
    /// A camera that was found silent is not asked again for each connection that wants it.
    private static let silenceIsKnownFor: Duration = .seconds(20)
    /// Of a first playlist, which has two segments of six seconds.
    private static let startLimit: Duration = .seconds(30)
    private static let retryInterval: Duration = .seconds(30)
    private static let reloadInterval: Duration = .seconds(1)

    private let streams: HomeAssistantStreams
    private let seen = Mutex<[String: Seen]>([:])

    init(_ streams: HomeAssistantStreams) { self.streams = streams }

    /// Has Home Assistant make the stream of a camera, if it has one, and waits until it plays.
    func stream(of entity: String, within limit: Duration = openingLimit) async throws(SupervisorError) -> Answer {
        let isKnown = seen.withLock {
            $0[entity].map { $0.isSilent && $0.since.duration(to: .now) < Self.silenceIsKnownFor }
        }
        return isKnown == true ? .silent : try await look(at: entity, within: limit)
    }

    /// Returns when a stream that was silent plays.
    func wait(for entity: String) async throws {
        while true {
            if case .playing = try? await look(at: entity, within: Self.startLimit) { return }
            try await Task.sleep(for: Self.retryInterval)
        }
    }

    private func look(at entity: String, within limit: Duration) async throws(SupervisorError) -> Answer {
        guard let playlist = try await streams.playlist(of: entity) else { return .none }
        if await plays(playlist, entity, until: .now + limit) { return .playing(playlist) }
        seen.withLock { $0[entity] = Seen(newest: $0[entity]?.newest, since: .now, isSilent: true) }
        return .silent
    }

    private func plays(
        _ playlist: HomeAssistantStreams.Path, _ entity: String, until deadline: ContinuousClock.Instant
    ) async -> Bool {
        while !Task.isCancelled, .now < deadline {
            switch await streams.newestSegment(of: playlist, within: ContinuousClock.now.duration(to: deadline)) {
            case .failure: return false
            // No token goes there, and whoever reads it finds out what it is.
            case .success(.elsewhere): return true
            case .success(.segment(let newest)) where isNew(newest, of: entity):
                return await streams.isThere(newest)
            case .success(.segment), .success(.none): break
            }
            try? await Task.sleep(for: Self.reloadInterval)
        }
        return false
    }

    /// Whether a segment is not the one that was the newest already when the camera was opened a while ago.
    private func isNew(_ newest: HomeAssistantStreams.Path, of entity: String) -> Bool {
        seen.withLock { seen in
            let now = ContinuousClock.now
            if let known = seen[entity], known.newest == newest {
                return !known.isSilent && known.since.duration(to: now) < Self.endedAfter
            }
            seen[entity] = Seen(newest: newest, since: now)
            return true
        }
    }
}
