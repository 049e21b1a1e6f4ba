import Foundation
import StreamModel

/// Keeps the newest stills for those who take one that is not quite new, and lets requests at the same time share one.
actor StillCache {
    typealias Instant = ContinuousClock.Instant

    struct Key: Hashable {
        var transmissionID: String
        var maximumWidth: Int
    }

    private struct Picture {
        var jpeg: Data
        var takenAt: Instant
    }

    /// The last placeholder does not displace the last picture, which somebody may still prefer.
    private struct Entry {
        var live: Picture?
        var placeholder: Picture?

        var byteCount: Int { (live?.jpeg.count ?? 0) + (placeholder?.jpeg.count ?? 0) }
        var newest: Instant? { [live?.takenAt, placeholder?.takenAt].compactMap(\.self).max() }
    }

    /// Stills that are taken at the same time.
    static let pendingLimit = 16
    static let entryLimit = 256
    static let byteLimit = 32 << 20
    /// A camera may be back at any moment, so a placeholder is not kept for longer, whatever age the caller allows.
    static let placeholderAge: Duration = .seconds(5)

    private let now: @Sendable () -> Instant
    private let take: @Sendable (Key) async -> StillResult
    private var entries: [Key: Entry] = [:]
    private var pending: [Key: Task<StillResult, Never>] = [:]

    /// - Parameter take: has a worker take a picture.
    init(now: @escaping @Sendable () -> Instant = { .now }, take: @escaping @Sendable (Key) async -> StillResult) {
        self.now = now
        self.take = take
    }

    /// A picture that is not older than `maximumAge`.
    ///
    /// - Throws: ``ControlPlaneError/busy(_:)`` when none can be taken.
    func still(_ key: Key, maximumAge: Duration) async throws(ControlPlaneError) -> Still {
        if let kept = kept(key, maximumAge) { return kept }
        let result = await newStill(key)
        guard let result else {
            throw .busy(
                CodedMessage(
                    "pictures_busy",
                    "\(Self.pendingLimit) pictures are being taken already. Try again in a few seconds.",
                    ["limit": .integer(Self.pendingLimit)]))
        }
        guard let jpeg = result.jpeg else {
            let reason = (result.message ?? "").redactingCredentials
            throw .busy(
                CodedMessage(
                    "no_picture_taken", "No picture could be taken. \(reason)", ["reason": .string(reason)]))
        }
        let now = now()
        return Self.still(Picture(jpeg: jpeg, takenAt: now), isLive: result.isLive, maximumAge, at: now)
    }

    /// A picture that is there already, at once, of the width that comes nearest; nil when there is none.
    func lastKnown(_ key: Key, maximumAge: Duration) -> Still? {
        let widths = entries.keys.filter { $0.transmissionID == key.transmissionID }.map(\.maximumWidth)
        // Too wide comes last: it only costs bytes.
        let nearestFirst = widths.sorted {
            ($0 > key.maximumWidth ? 1 : 0, abs($0 - key.maximumWidth))
                < ($1 > key.maximumWidth ? 1 : 0, abs($1 - key.maximumWidth))
        }
        for width in nearestFirst {
            let key = Key(transmissionID: key.transmissionID, maximumWidth: width)
            if let kept = kept(key, maximumAge) { return kept }
        }
        return nil
    }

    /// - Returns: nil when too many are being taken.
    private func newStill(_ key: Key) async -> StillResult? {
        if let running = pending[key] { return await running.value }
        guard pending.count < Self.pendingLimit else { return nil }
        let task = Task { await self.taken(key) }
        pending[key] = task
        return await task.value
    }

    private func taken(_ key: Key) async -> StillResult {
        let result = await take(key)
        pending[key] = nil
        if let jpeg = result.jpeg {
            let picture = Picture(jpeg: jpeg, takenAt: now())
            if result.isLive {
                entries[key] = Entry(live: picture)
            } else {
                entries[key, default: Entry()].placeholder = picture
            }
            makeRoom()
        }
        return result
    }

    private func makeRoom() {
        var byteCount = entries.values.reduce(0) { $0 + $1.byteCount }
        guard entries.count > Self.entryLimit || byteCount > Self.byteLimit else { return }
        for (key, entry) in entries.sorted(by: { ($0.value.newest ?? now()) < ($1.value.newest ?? now()) }) {
            guard entries.count > Self.entryLimit || byteCount > Self.byteLimit else { return }
            entries[key] = nil
            byteCount -= entry.byteCount
        }
    }

    private func kept(_ key: Key, _ maximumAge: Duration) -> Still? {
        guard let entry = entries[key] else { return nil }
        let now = now()
        if let live = entry.live, live.takenAt.duration(to: now) < maximumAge {
            return Self.still(live, isLive: true, maximumAge, at: now)
        }
        let placeholderAge = min(maximumAge, Self.placeholderAge)
        if let placeholder = entry.placeholder, placeholder.takenAt.duration(to: now) < placeholderAge {
            return Self.still(placeholder, isLive: false, maximumAge, at: now)
        }
        return nil
    }

    private static func still(_ picture: Picture, isLive: Bool, _ maximumAge: Duration, at now: Instant) -> Still {
        let age = picture.takenAt.duration(to: now)
        let rest = (isLive ? maximumAge : min(maximumAge, placeholderAge)) - age
        return Still(
            jpeg: picture.jpeg, state: !isLive ? .placeholder : age <= Still.liveAge ? .live : .stale,
            maximumCacheSeconds: max(0, Int(rest.components.seconds)))
    }
}
