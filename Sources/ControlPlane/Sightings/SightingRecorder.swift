import Foundation
import GRDB
import Logging
import StreamModel

/// Keeps the log of what pipelines see: tells the tracker what workers say and what time it is, has pictures taken, and writes down
/// what became of it, once a second at most.
actor SightingRecorder {
    /// Takes a picture of what a transmission shows, if that is the pipeline's: nil when there is none.
    typealias TakePicture = @Sendable (_ transmissionID: String, _ pipelineName: String) async -> Data?

    /// Tells others what became of a sighting.
    typealias Tell = @Sendable (_ change: SightingTracker.Change, _ hasNewStill: Bool) async -> Void

    private enum Input: Sendable {
        case report(FindingReport)
        case ended(pipelines: Set<String>)
    }

    /// As wide as a picture in the log is at most, and as large.
    static let pictureWidth = 320
    private static let pictureByteLimit = 128 << 10
    /// Taken at the same time, in all and for one pipeline; what begins meanwhile has none.
    private static let pictureLimit = 16
    private static let picturesPerPipeline = 2
    /// What shows better after so long is taken once more: what comes in is seen at the edge first.
    private static let secondPictureAfter: Duration = .seconds(1)
    private static let lookInterval: Duration = .seconds(1)
    private static let pruneInterval: Duration = .seconds(60)
    /// The same while nothing happens: what is old goes nevertheless.
    private static let oldInterval: Duration = .seconds(3600)
    private static let retryInterval: Duration = .seconds(10)
    /// Reports that wait, and changes that could not be written yet.
    private static let waitingLimit = 1000

    private let log: SightingLog
    private let logger: Logger
    private let settings: @Sendable () -> EventSettings
    /// Where a step stands; nil when there is no such thing.
    private let place: @Sendable (Observation.Source) -> SightingPlace?
    private let tell: Tell
    private let onChange: @Sendable () -> Void
    private let inputs: AsyncStream<Input>
    private let sink: AsyncStream<Input>.Continuation
    private let newsToTell: AsyncStream<(SightingTracker.Change, Bool)>
    private let news: AsyncStream<(SightingTracker.Change, Bool)>.Continuation

    private var tracker: SightingTracker?
    private var takePicture: TakePicture?
    private var changed: [Int: Sighting] = [:]
    private var pictures: [Int: Data] = [:]
    /// By pipeline.
    private var picturesBeingTaken: [String: Int] = [:]
    private var nextLook: Task<Void, Never>?
    private var prunedAt: ContinuousClock.Instant?
    private var isFailing = false
    /// Increases with each change of the log.
    private(set) var version = 0
    private lazy var writer = Reconciler { [weak self] in await self?.writeOut() }

    /// - Parameters:
    ///   - tell: is told of changes in their order.
    ///   - onChange: called when the log is another one; it must not block.
    init(
        database: DatabaseQueue, logger: Logger, settings: @escaping @Sendable () -> EventSettings,
        place: @escaping @Sendable (Observation.Source) -> SightingPlace?, tell: @escaping Tell = { _, _ in },
        onChange: @escaping @Sendable () -> Void
    ) {
        log = SightingLog(database: database)
        self.logger = logger
        self.settings = settings
        self.place = place
        self.tell = tell
        self.onChange = onChange
        (inputs, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.waitingLimit))
        (newsToTell, news) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.waitingLimit))
    }

    // MARK: What comes in

    /// Takes what a worker says of a picture, bounded. Returns at once.
    nonisolated func take(_ report: FindingReport) { sink.yield(.report(report)) }

    /// Nobody looks at pictures for these pipelines any more. Returns at once.
    nonisolated func ended(pipelines: Set<String>) {
        if !pipelines.isEmpty { sink.yield(.ended(pipelines: pipelines)) }
    }

    /// Works until the task is cancelled.
    func run(_ takePicture: @escaping TakePicture) async {
        self.takePicture = takePicture
        while tracker == nil {
            do {
                tracker = SightingTracker(nextID: try await log.begin())
            } catch {
                noteFailure(error)
                guard (try? await Task.sleep(for: Self.retryInterval)) != nil else { return }
            }
        }
        for await input in inputs {
            switch input {
            case .report(let report):
                if let observation = Observation(report) {
                    guard let place = place(observation.source) else { continue }
                    perform(tracker?.take(observation, at: place, Self.now))
                } else {
                    perform(tracker?.end(Observation.Source(report), Self.now))
                }
            case .ended(let pipelines):
                perform(tracker?.end(pipelines: pipelines, Self.now))
            }
        }
    }

    /// Tells others of what happens until the task is cancelled.
    nonisolated func tellOthers() async {
        for await (change, hasNewStill) in newsToTell { await tell(change, hasNewStill) }
    }

    /// Removes what is too old now and then, until the task is cancelled.
    func keepPruned() async {
        repeat {
            do { try await prune() } catch { noteFailure(error) }
        } while (try? await Task.sleep(for: Self.oldInterval)) != nil
    }

    /// Nobody sees anything any more: ends what goes on, and writes it down.
    func end() async {
        nextLook?.cancel()
        if let tracker {
            perform(self.tracker?.end(pipelines: Set(tracker.open.map(\.place.pipelineID)), Self.now))
        }
        nextLook?.cancel()
        await settle()
    }

    // MARK: What goes out

    /// What goes on now, the newest first.
    var open: [Sighting] { tracker?.open ?? [] }

    /// The newest that a query is about, newest first.
    func sightings(_ query: SightingQuery) async throws -> [Sighting] {
        await settle()
        return try await log.sightings(query)
    }

    /// Nil when there is none, or it has no picture.
    func still(of id: Int) async throws -> (sighting: Sighting, jpeg: Data)? {
        await settle()
        guard let sighting = try await log.sighting(id), let jpeg = try await log.still(of: id) else { return nil }
        return (sighting, jpeg)
    }

    /// What was seen before each camera.
    func summary() async throws -> SightingSummary {
        await settle()
        return try await log.summary()
    }

    /// Removes everything that is over.
    func removeEnded() async throws {
        await settle()
        try await log.removeEnded()
        noteChange()
    }

    // MARK: Following

    private static var now: SightingTracker.Time {
        SightingTracker.Time(instant: .now, unix: Date().timeIntervalSince1970)
    }

    private func perform(_ changes: [SightingTracker.Change]?, hasNewStill: Bool = false) {
        for change in changes ?? [] {
            changed[change.sighting.id] = change.sighting
            news.yield((change, hasNewStill))
            if case .opened(let sighting) = change { picture(sighting) }
        }
        if changes?.isEmpty == false { noteChange() }
        scheduleLook()
    }

    private func noteChange() {
        version += 1
        onChange()
    }

    private func scheduleLook() {
        guard nextLook == nil, tracker?.isIdle == false || !changed.isEmpty || !pictures.isEmpty else { return }
        nextLook = Task {
            guard (try? await Task.sleep(for: Self.lookInterval)) != nil else { return }
            self.nextLook = nil
            self.perform(self.tracker?.look(Self.now))
            await self.settle()
        }
    }

    private func picture(_ sighting: Sighting) {
        let pipelineID = sighting.place.pipelineID
        guard let transmissionID = sighting.place.transmissionID, let takePicture,
            picturesBeingTaken[pipelineID, default: 0] < Self.picturesPerPipeline,
            picturesBeingTaken.values.reduce(0, +) < Self.pictureLimit
        else { return }
        picturesBeingTaken[pipelineID, default: 0] += 1
        Task {
            defer {
                let left = self.picturesBeingTaken[pipelineID, default: 1] - 1
                self.picturesBeingTaken[pipelineID] = left > 0 ? left : nil
            }
            self.keep(await takePicture(transmissionID, sighting.place.pipelineName), of: sighting)
            guard (try? await Task.sleep(for: Self.secondPictureAfter)) != nil,
                let score = self.tracker?.score(of: sighting.id), score > sighting.score
            else { return }
            self.keep(await takePicture(transmissionID, sighting.place.pipelineName), of: sighting)
        }
    }

    private func keep(_ jpeg: Data?, of sighting: Sighting) {
        guard let jpeg, jpeg.count <= Self.pictureByteLimit, pictures.count < Self.pictureLimit else { return }
        pictures[sighting.id] = jpeg
        noteChange()
        perform(tracker?.tookStill(of: sighting.id), hasNewStill: true)
    }

    // MARK: Writing

    /// Waits until everything until now is written.
    private func settle() async {
        writer.wake()
        await writer.settle()
    }

    private func writeOut() async {
        let (sightings, jpegs) = (changed, pictures)
        (changed, pictures) = ([:], [:])
        do {
            if !sightings.isEmpty || !jpegs.isEmpty {
                try await log.write(sightings.values.sorted { $0.id < $1.id }, stills: jpegs)
            }
            if !sightings.isEmpty { try await prune() }
            isFailing = false
        } catch {
            noteFailure(error)
            // What came meanwhile is newer.
            changed.merge(sightings) { newer, _ in newer }
            if changed.count > Self.waitingLimit {
                for id in changed.keys.sorted().prefix(changed.count - Self.waitingLimit) { changed[id] = nil }
            }
        }
    }

    private func prune() async throws {
        if let prunedAt, prunedAt.duration(to: .now) < Self.pruneInterval { return }
        prunedAt = .now
        try await log.prune(settings(), nowUnix: Self.now.unix)
    }

    private func noteFailure(_ error: any Error) {
        guard !isFailing else { return }
        isFailing = true
        logger.error("Events can't be written down: \(ConfigurationStore.controlPlaneError(error).message.text)")
    }
}
