internal import CSRT
import NIOCore
import StreamModel
import Synchronization

/// Between the threads of SRT and the engine: asks it on its event loop, and brings there what comes.
final class SRTDoor: Sendable {
    /// Bytes of one caller that may be on their way to the event loop. What comes beyond is lost.
    private static let backlogLimit = 8 << 20

    private let engine: MediaEngine
    private let eventLoop: any EventLoop
    /// Sockets that are to be closed by the thread which owns them.
    private let wishes = Mutex(Wishes())

    struct Wishes: Sendable {
        var hangUps: Set<Int32> = []
        var isStopping = false
    }

    init(_ engine: MediaEngine, on eventLoop: any EventLoop) {
        self.engine = engine
        self.eventLoop = eventLoop
    }

    // MARK: Callers

    /// The answer to a caller, while its handshake waits for it on a thread of libsrt: 0 lets it in. The event loop never waits for that
    /// thread.
    func answer(_ socket: Int32, _ call: SRTCall) -> Int32 {
        guard let decision = ask({ $0.decideSRT(call) }) else { return refuse(socket, .down) }
        switch decision {
        case .failure(let refusal): return refuse(socket, refusal.reason)
        case .success(let passphrase):
            guard let passphrase else { return 0 }
            let bytes = [UInt8](passphrase.exposed.utf8)
            // The rest is libsrt's matter: the handshake goes on where the caller has the same one.
            let status = unsafe toposync_srt_set_passphrase(socket, bytes, Int32(bytes.count))
            return status == 0 ? 0 : refuse(socket, .internalError)
        }
    }

    private func refuse(_ socket: Int32, _ reason: SRTRefusal.Reason) -> Int32 {
        srt_setrejectreason(socket, reason.rawValue)
        return -1
    }

    /// - Returns: whether a caller whose handshake has ended may stay.
    func admit(_ call: SRTCall, as id: Int32) -> Bool {
        ask { [self] engine in engine.admitSRT(call, as: id, hangUp: { self.hangUp(id) }) } ?? false
    }

    /// - Parameter isAfterLoss: whether something that came before them is lost.
    /// - Returns: whether there was room for them.
    func deliver(_ bytes: [UInt8], afterLoss isAfterLoss: Bool, from id: Int32, _ backlog: SRTBacklog) -> Bool {
        guard backlog.add(bytes.count, limit: Self.backlogLimit) else { return false }
        eventLoop.execute { [engine] in
            backlog.remove(bytes.count)
            engine.assumeIsolated { $0.receiveSRT(bytes, afterLoss: isAfterLoss, from: id) }
        }
        return true
    }

    func ended(_ id: Int32) {
        eventLoop.execute { [engine] in engine.assumeIsolated { $0.endedSRT(id) } }
    }

    /// Waits for the engine. Never called on the event loop.
    ///
    /// - Returns: nil when the event loop runs no more.
    private func ask<Value: Sendable>(_ question: @escaping @Sendable (isolated MediaEngine) -> Value) -> Value? {
        try? eventLoop.submit { [engine] in engine.assumeIsolated(question) }.wait()
    }

    // MARK: Wishes

    private func hangUp(_ id: Int32) { wishes.withLock { _ = $0.hangUps.insert(id) } }

    func stop() { wishes.withLock { $0.isStopping = true } }

    func takeWishes() -> Wishes {
        wishes.withLock { wishes in
            defer { wishes.hangUps = [] }
            return wishes
        }
    }
}

/// How much of a caller is on its way.
final class SRTBacklog: Sendable {
    private let byteCount = Atomic<Int>(0)

    func add(_ count: Int, limit: Int) -> Bool {
        // Only one thread adds.
        guard byteCount.load(ordering: .relaxed) + count <= limit else { return false }
        byteCount.add(count, ordering: .relaxed)
        return true
    }

    func remove(_ count: Int) { byteCount.subtract(count, ordering: .relaxed) }
}
