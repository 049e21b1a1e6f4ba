import Logging
import NIOCore
import StreamProtocols

/// All HLS of an engine: a muxer for each requested path, and the viewers' sessions.
///
/// It runs on the engine's event loop, so that a picture goes from the publisher's socket into a segment without a
/// change of thread; whoever is on that loop reaches it by `assumeIsolated`.
actor HLSDelivery {
    nonisolated let settings: HLSSettings
    let clock: EngineClock
    let source: any HLSSource
    let logger: Logger
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe clock.eventLoop.executor.asUnownedSerialExecutor() }

    var sessions: HLSSessionTable
    var held = HLSHeldRequests()
    private var muxers: [String: HLSPathMuxer] = [:]
    /// Tasks of muxers that are closed and still tell the engine so.
    private var closingTasks: [ObjectIdentifier: Task<Void, Never>] = [:]
    private var nextWaiterID = 0
    /// No muxer of this engine has used a higher number in a playlist.
    private var highestNumber = 0
    private(set) var isClosing = false

    init(
        source: any HLSSource,
        settings: HLSSettings,
        clock: EngineClock,
        logger: Logger
    ) {
        self.source = source
        self.settings = settings
        self.clock = clock
        self.logger = logger
        sessions = HLSSessionTable(timeout: settings.sessionTimeout)
    }

    /// The paths that have a muxer.
    var paths: Set<String> { Set(muxers.keys) }

    /// Paths that are served at once.
    static let muxerLimit = 256
    /// Bytes of the segments of all paths, beside the newest of each.
    static let byteLimit = 1 << 30

    /// Ends every muxer and every request that waits for one. Whoever calls it again waits for the same end.
    func shutdown() async {
        isClosing = true
        for entry in Array(muxers.values) { close(entry, .closing) }
        while let task = closingTasks.values.first { await task.value }
    }

    // MARK: Muxers for requests

    /// The muxer of a path if there is one; using it keeps it alive.
    func existingMuxer(path: String) -> HLSPathMuxer? {
        let entry = muxers[path]
        entry?.lastRequest = clock.now
        return entry
    }

    /// The muxer of a path as soon as a player can begin. Makes one when there is none, which may start a publisher.
    func readyMuxer(path: String) async throws(HLSRefusal) -> HLSPathMuxer {
        guard !isClosing else { throw .closing }
        guard muxers[path] != nil || muxers.count < Self.muxerLimit else { throw .tooManyViewers }
        let entry = await muxer(path: path)
        var deadline: Duration?
        while true {
            entry.lastRequest = clock.now
            let changeCount = entry.changeCount
            switch entry.state {
            case .ended(let refusal):
                throw refusal
            case .attaching:
                // The engine bounds how long it looks for a publisher.
                break
            case .attached where entry.muxer.isReady:
                return entry
            case .attached:
                deadline = deadline ?? clock.now + settings.firstSegmentTimeout
            }
            if Task.isCancelled { throw .closing }
            if let deadline, clock.now >= deadline { throw .noPicture(path: path) }
            await waitForChange(of: entry, after: changeCount, until: deadline)
        }
    }

    /// Returns when more than `changeCount` things have happened to the muxer, at the deadline, or when the request is
    /// given up.
    func waitForChange(
        of entry: HLSPathMuxer,
        after changeCount: Int,
        until deadline: Duration?
    ) async {
        nextWaiterID += 1
        let waiter = nextWaiterID
        let path = entry.path
        // Owned by this call, which cancels it before it returns.
        let timer = deadline.map { [clock] deadline in
            Task {
                try? await clock.sleep(until: deadline)
                self.resumeWaiter(waiter, path: path)
            }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // All of these may have come while the task was on its way here, and would not come again.
                let isDue = deadline.map { clock.now >= $0 } ?? false
                if entry.changeCount != changeCount || isDue || Task.isCancelled {
                    continuation.resume()
                } else {
                    entry.addWaiter(waiter, continuation)
                }
            }
        } onCancel: {
            // Ends at once: it only brings the cancellation onto the event loop.
            Task { await self.resumeWaiter(waiter, path: path) }
        }
        timer?.cancel()
    }

    /// A closed muxer has let everybody go already, so that the path is enough to find a waiter.
    private func resumeWaiter(_ waiter: Int, path: String) {
        muxers[path]?.resumeWaiter(waiter)
    }

    // MARK: Life of a muxer

    /// The muxer of a path, packed as its settings say.
    private func muxer(path: String) async -> HLSPathMuxer {
        if let entry = muxers[path] { return entry }
        var settings = settings
        if let variant = await source.hlsVariant(ofPath: path) { settings.use(variant) }
        return muxers[path] ?? startMuxer(path: path, settings)
    }

    private func startMuxer(path: String, _ settings: HLSSettings) -> HLSPathMuxer {
        let muxer = HLSMuxer(settings: settings, namePrefix: Self.randomName(), firstNumber: firstNumber())
        let entry = HLSPathMuxer(path: path, muxer: muxer, delivery: self, now: clock.now)
        muxers[path] = entry
        // Owned by the entry, ended by close(_:_:) and awaited by shutdown().
        entry.task = Task { await self.live(entry) }
        return entry
    }

    /// Attaches to the stream, and detaches when nobody has asked for it for a while.
    private func live(_ entry: HLSPathMuxer) async {
        let path = entry.path
        do {
            let attachment = try await source.attachHLS(entry, to: path)
            if !entry.hasEnded {
                entry.state = .attached
                entry.resumeWaiters()
                logger.debug("HLS muxer created", metadata: ["path": "\(path)"])
            }
            await waitUntilUnused(entry)
            close(entry, .noStream(path: path))
            await source.detachHLS(attachment)
            logger.debug("HLS muxer closed", metadata: ["path": "\(path)"])
        } catch {
            close(entry, error)
        }
        closingTasks[ObjectIdentifier(entry)] = nil
    }

    private func waitUntilUnused(_ entry: HLSPathMuxer) async {
        while !entry.hasEnded {
            let now = clock.now
            let lastUse = entry.isWaitedFor ? now : entry.lastRequest
            let end = lastUse + settings.muxerCloseAfter
            if now >= end { return }
            do {
                try await clock.sleep(until: end)
            } catch {
                return
            }
        }
    }

    /// The last viewer of a path is known to have gone: nobody is waited for, so that the stream ends as soon as it does
    /// for viewers with a connection.
    func closeUnwatchedMuxer(path: String) {
        guard let entry = muxers[path], !entry.isWaitedFor,
            !sessions.playing(at: clock.now).contains(where: { $0.key.path == path })
        else { return }
        close(entry, .noStream(path: path))
    }

    /// Takes a muxer out of service, if it is in service; its task detaches it from the stream.
    func close(_ entry: HLSPathMuxer, _ refusal: HLSRefusal) {
        guard !entry.hasEnded else { return }
        entry.state = .ended(refusal)
        muxers[entry.path] = nil
        highestNumber = max(highestNumber, entry.muxer.nextSequenceNumber)
        if let task = entry.task {
            closingTasks[ObjectIdentifier(entry)] = task
            task.cancel()
        }
        entry.resumeWaiters()
    }

    // MARK: The stream

    func handle(_ event: HLSMuxer.Event, _ entry: HLSPathMuxer) {
        switch event {
        case .partCompleted:
            entry.resumeWaiters()
        case .segmentCompleted:
            boundSegments()
            entry.resumeWaiters()
        case .segmentTooLarge(let byteCount):
            // Its next part never comes.
            entry.resumeWaiters()
            guard !entry.hasWarnedOfSize else { return }
            entry.hasWarnedOfSize = true
            let limit = settings.segmentMaxSize
            logger.warning(
                """
                An HLS segment of \(byteCount) bytes is above hlsSegmentMaxSize (\(limit)) and is left out; \
                let the publisher send keyframes more often, or raise the limit.
                """,
                metadata: ["path": "\(entry.path)"]
            )
        }
    }

    /// Takes old segments from the paths with the largest while all together take too much.
    private func boundSegments() {
        var byteCount = muxers.values.reduce(0) { $0 + $1.muxer.byteCount }
        while byteCount > Self.byteLimit,
            let largest = muxers.values.max(by: { $0.muxer.byteCount < $1.muxer.byteCount }),
            let removed = largest.muxer.removeOldest()
        {
            byteCount -= removed
        }
    }

    // MARK: Names

    /// Higher than any number of an earlier muxer, of this run of the engine or of one before: half seconds since 2024,
    /// which stay within 31 bits until 2058.
    private func firstNumber() -> Int {
        let startOf2024: Int64 = 1_704_067_200_000
        let halfSeconds = (clock.wallTime.millisecondsSinceEpoch - startOf2024) / 500
        highestNumber = max(highestNumber + 1, Int(clamping: halfSeconds))
        return highestNumber
    }

    /// 64 random bits in hexadecimal.
    static func randomName() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
