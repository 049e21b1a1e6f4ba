import StreamModel

/// Makes sightings of what steps say picture by picture: when each begins, gets better, and is over.
///
/// A value without a clock: whoever has one tells the time. Durations are measured by the clock that only goes forward; what a
/// sighting is stamped with is the wall clock, which may be set.
struct SightingTracker: Sendable {
    struct Time: Hashable, Sendable {
        var instant: ContinuousClock.Instant
        /// Seconds since 1970.
        var unix: Double
    }

    /// What became of a sighting.
    enum Change: Hashable, Sendable {
        case opened(Sighting)
        case updated(Sighting)
        case closed(Sighting)

        var sighting: Sighting {
            switch self {
            case .opened(let sighting), .updated(let sighting), .closed(let sighting): sighting
            }
        }
    }

    /// A step that says nothing for so long sees nothing; longer than one that looks once a minute is silent.
    static let silenceLimit: Duration = .seconds(75)
    /// A thing that was not seen for so long is gone: detectors miss some pictures.
    static let objectAbsence: Duration = .seconds(5)
    /// How long it has to be still is the gate's to say; a gate that flaps shows one motion nevertheless.
    static let motionAbsence: Duration = .seconds(1)
    /// Better scores of one sighting are told so often at most.
    static let updateInterval: Duration = .seconds(1)
    /// So often it is told at least, so that a log that was not closed knows how long things went on.
    static let renewInterval: Duration = .seconds(30)
    /// New sightings of a pipeline that may come together; then one a second.
    static let burst = 8.0
    /// Sightings at the same time, in all and of one step: cameras see fewer things, and workers are not believed.
    static let openLimit = 1000
    static let openLimitPerSource = 32

    private struct Key: Hashable {
        var source: Observation.Source
        var subject: Observation.Subject

        /// Nil where the step says when it is over.
        var absenceLimit: Duration? {
            switch subject {
            case .motion: SightingTracker.motionAbsence
            case .object: SightingTracker.objectAbsence
            case .track: nil
            }
        }
    }

    private struct Track {
        var sighting: Sighting
        /// Nil while it is seen.
        var missingSince: Time?
        var heardAt: Time
        var toldAt: ContinuousClock.Instant
        /// It got better since it was told.
        var hasNews = false
    }

    /// How many new sightings a pipeline may still begin (a token bucket).
    private struct Allowance {
        var left = SightingTracker.burst
        var at: ContinuousClock.Instant

        mutating func take(at now: ContinuousClock.Instant) -> Bool {
            refill(at: now)
            guard left >= 1 else { return false }
            left -= 1
            return true
        }

        mutating func refill(at now: ContinuousClock.Instant) {
            left = min(SightingTracker.burst, left + at.duration(to: now) / .seconds(1))
            at = now
        }

        var isFull: Bool { left >= SightingTracker.burst }
    }

    private var tracks: [Key: Track] = [:]
    private var allowances: [String: Allowance] = [:]
    private var nextID: Int

    init(nextID: Int) { self.nextID = nextID }

    /// Whether nothing is expected to happen as time passes.
    var isIdle: Bool { tracks.isEmpty && allowances.isEmpty }

    /// What goes on, the newest first.
    var open: [Sighting] { tracks.values.map(\.sighting).sorted { $0.id > $1.id } }

    // MARK: What happens

    /// Takes what a step says.
    mutating func take(_ observation: Observation, at place: SightingPlace, _ now: Time) -> [Change] {
        var changes: [Change] = []
        for (key, track) in tracks where key.source == observation.source {
            tracks[key]?.heardAt = now
            guard observation.lookedFor.contains(key.subject.kind), observation.seen[key.subject] == nil else {
                continue
            }
            let missing = track.missingSince ?? now
            tracks[key]?.missingSince = missing
            if key.absenceLimit == nil, !observation.awaited.contains(key.subject) {
                changes += close(key, endedAtUnix: missing.unix)
            }
        }
        changes.sort { $0.sighting.id < $1.sighting.id }
        let bestFirst = observation.seen.sorted {
            ($1.value.score, $0.key.label ?? "") < ($0.value.score, $1.key.label ?? "")
        }
        return bestFirst.reduce(into: changes) { changes, seen in
            changes += see(Key(source: observation.source, subject: seen.key), seen.value, at: place, now)
        }
    }

    /// Looks at what has become of things as time went by; belongs once or twice a second while ``isIdle`` is false.
    mutating func look(_ now: Time) -> [Change] {
        var changes: [Change] = []
        for (key, track) in tracks {
            if let missing = track.missingSince, let limit = key.absenceLimit,
                missing.instant.duration(to: now.instant) >= limit
            {
                changes += close(key, endedAtUnix: missing.unix)
            } else if track.heardAt.instant.duration(to: now.instant) >= Self.silenceLimit {
                changes += close(key, endedAtUnix: track.heardAt.unix)
            } else {
                changes += tell(key, now)
            }
        }
        for pipeline in allowances.keys {
            allowances[pipeline]?.refill(at: now.instant)
            if allowances[pipeline]?.isFull == true { allowances[pipeline] = nil }
        }
        return changes.sorted { $0.sighting.id < $1.sighting.id }
    }

    /// Nobody looks at the pictures of these pipelines any more.
    mutating func end(pipelines: Set<String>, _ now: Time) -> [Change] {
        end(now) { pipelines.contains($0.pipelineID) }
    }

    /// A step has ended.
    mutating func end(_ source: Observation.Source, _ now: Time) -> [Change] { end(now) { $0 == source } }

    private mutating func end(_ now: Time, where isOver: (Observation.Source) -> Bool) -> [Change] {
        tracks.filter { isOver($0.key.source) }
            .sorted { $0.value.sighting.id < $1.value.sighting.id }
            .flatMap { key, track in close(key, endedAtUnix: (track.missingSince ?? now).unix) }
    }

    /// There is a picture now.
    mutating func tookStill(of id: Int) -> [Change] {
        guard let key = tracks.first(where: { $0.value.sighting.id == id })?.key, var track = tracks[key],
            !track.sighting.hasStill
        else { return [] }
        track.sighting.hasStill = true
        tracks[key] = track
        return [.updated(track.sighting)]
    }

    /// The best score until now; nil when it is over.
    func score(of id: Int) -> Double? { tracks.values.first { $0.sighting.id == id }?.sighting.score }

    // MARK: One of them

    private mutating func see(
        _ key: Key, _ appearance: Observation.Appearance, at place: SightingPlace, _ now: Time
    ) -> [Change] {
        guard var track = tracks[key] else { return begin(key, appearance, at: place, now) }
        track.heardAt = now
        track.missingSince = nil
        track.sighting.seenAtUnix = max(track.sighting.startedAtUnix, now.unix)
        if appearance.score > track.sighting.score {
            track.sighting.score = appearance.score
            track.sighting.box = appearance.box
            track.hasNews = true
        }
        tracks[key] = track
        return tell(key, now)
    }

    private mutating func begin(
        _ key: Key, _ appearance: Observation.Appearance, at place: SightingPlace, _ now: Time
    ) -> [Change] {
        guard tracks.count < Self.openLimit,
            tracks.count(where: { $0.key.source == key.source }) < Self.openLimitPerSource,
            allowances[key.source.pipelineID, default: Allowance(at: now.instant)].take(at: now.instant)
        else { return [] }
        let sighting = Sighting(
            id: nextID, kind: key.subject.kind, label: key.subject.label, trackingID: key.subject.trackingID,
            place: place, startedAtUnix: now.unix,
            seenAtUnix: now.unix, score: appearance.score, box: appearance.box)
        nextID += 1
        tracks[key] = Track(sighting: sighting, heardAt: now, toldAt: now.instant)
        return [.opened(sighting)]
    }

    private mutating func tell(_ key: Key, _ now: Time) -> [Change] {
        guard var track = tracks[key] else { return [] }
        let silent = track.toldAt.duration(to: now.instant)
        guard silent >= (track.hasNews ? Self.updateInterval : Self.renewInterval) else { return [] }
        track.toldAt = now.instant
        track.hasNews = false
        if track.missingSince == nil {
            track.sighting.seenAtUnix = max(track.sighting.startedAtUnix, now.unix)
        }
        tracks[key] = track
        return [.updated(track.sighting)]
    }

    private mutating func close(_ key: Key, endedAtUnix unix: Double) -> [Change] {
        guard var sighting = tracks.removeValue(forKey: key)?.sighting else { return [] }
        // The clock may have been set back meanwhile.
        sighting.endedAtUnix = max(sighting.startedAtUnix, unix)
        sighting.seenAtUnix = max(sighting.startedAtUnix, unix)
        return [.closed(sighting)]
    }
}
