import NIOCore
import StreamProtocols
import Synchronization

/// Somebody who gets a stream as one MP4, by a connection: what it was delivered waits here, within bounds, until the connection takes it.
///
/// Unchecked: all that changes is used on its event loop, that of the connection, alone.
final class MP4Viewer: StreamReader, @unchecked Sendable {
    let eventLoop: any EventLoop
    let form = ReaderForm.samples
    private let codecs: MP4Codecs
    private let counts = ReaderCounts()
    private let hasNoTrack = Atomic(false)
    private var muxer: MP4Muxer
    /// Nil before the beginning.
    private var gates: ReaderGates?
    private var pieces: [ByteBuffer] = []
    private var byteCount = 0
    private let limits: ViewerLimits
    private var bound: QueueBound
    private var hasEnded = false
    /// Who waits for more.
    private var waiter: EventLoopPromise<[ByteBuffer]?>?
    private var first: EventLoopPromise<String?>?

    init(codecs: MP4Codecs, eventLoop: any EventLoop, limits: ViewerLimits) {
        self.codecs = codecs
        self.eventLoop = eventLoop
        self.limits = limits
        bound = QueueBound(limit: limits.queuedByteCount)
        muxer = MP4Muxer(codecs: codecs)
    }

    /// Whether the stream was there, and carries nothing that the viewer plays.
    var playsNothing: Bool { hasNoTrack.load(ordering: .relaxed) }

    // MARK: The connection

    /// The media type, as soon as there is something to send; nil when the stream has ended before or when it takes too long.
    func contentType(within patience: Duration) async -> String? {
        let result = eventLoop.flatSubmit { [self] in
            let promise = eventLoop.makePromise(of: String?.self)
            guard !hasEnded, pieces.isEmpty else {
                promise.succeed(muxer.contentType)
                return promise.futureResult
            }
            let timer = eventLoop.scheduleTask(in: TimeAmount(patience)) { self.tellFirst() }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            first = promise
            return promise.futureResult
        }
        return try? await result.get()
    }

    /// What is to be sent next, as soon as there is something; nil at the end.
    func next() async throws -> [ByteBuffer]? {
        try await eventLoop.flatSubmit { [self] in
            let promise = eventLoop.makePromise(of: [ByteBuffer]?.self)
            waiter = promise
            flush()
            return promise.futureResult
        }.get()
    }

    /// The connection is gone.
    func stop() {
        eventLoop.execute { [self] in
            pieces = []
            // Nobody takes it any more; what is not given back would be missed by all viewers for ever.
            note(0)
            end()
        }
    }

    private func end() {
        hasEnded = true
        gates = nil
        flush()
        tellFirst()
    }

    private func tellFirst() {
        first?.succeed(muxer.contentType)
        first = nil
    }

    // MARK: StreamReader

    var outboundByteCount: Int { counts.outboundByteCount }

    func tracks(of formats: [RTPFormat]) -> Set<Int> {
        let (video, audio) = codecs.tracks(of: formats)
        if video == nil, audio == nil { hasNoTrack.store(true, ordering: .relaxed) }
        return Set([video, audio].compactMap(\.self))
    }

    func begin(_ start: StreamStart) {
        guard !hasEnded else { return }
        muxer.begin(start.formats)
        if gates == nil {
            gates = ReaderGates(tracks: tracks(of: start.formats).sorted(), pictureTracks: start.pictureTracks)
        }
        bound.begin(groupByteCount: start.group.reduce(0) { $0 + $1.unit.byteCount })
        for delivery in start.group { deliver(delivery) }
    }

    func deliver(_ delivery: Delivery) {
        let unit = delivery.unit
        let isCongested =
            bound.isExceeded(queued: byteCount, isIdle: byteCount == 0 && waiter != nil)
            || byteCount > 0 && limits.queues.isExceeded
        guard gates?.admit(unit, isCongested: isCongested) == true else { return }
        for piece in muxer.append(unit.sample, of: unit.media, track: unit.track) {
            pieces.append(piece)
            note(byteCount + piece.readableBytes)
        }
    }

    func deliver(_ report: StreamReport) {}

    func flush() {
        if !pieces.isEmpty { tellFirst() }
        guard let waiter, !pieces.isEmpty || hasEnded else { return }
        self.waiter = nil
        counts.sent(byteCount)
        let taken = pieces
        pieces = []
        note(0)
        waiter.succeed(taken.isEmpty ? nil : taken)
    }

    func streamEnded(_ goodbyes: [StreamReport]) { end() }

    private func note(_ newByteCount: Int) {
        limits.queues.changed(from: byteCount, to: newByteCount)
        byteCount = newByteCount
    }
}
