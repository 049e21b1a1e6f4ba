internal import CSRT
import NIOCore
import StreamModel
import Synchronization

/// Between the threads of SRT and the engine: asks it on its event loop, and brings there what comes.
final class SRTDoor: Sendable {
    /// Bytes of one caller that may be on their way to the event loop. What comes beyond is lost, which the stream's counters tell.
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
    fileprivate func answer(_ socket: Int32, _ call: SRTCall) -> Int32 {
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

    func deliver(_ bytes: [UInt8], from id: Int32, _ backlog: SRTBacklog) {
        guard backlog.add(bytes.count, limit: Self.backlogLimit) else { return }
        eventLoop.execute { [engine] in
            backlog.remove(bytes.count)
            engine.assumeIsolated { $0.receiveSRT(bytes, from: id) }
        }
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

/// The socket that is called, closed with its owner.
final class SRTListeningSocket {
    /// Callers that have been let in and wait until they are taken.
    private static let backlog: Int32 = 32

    let id: Int32
    private let library: SRTLibrary
    /// libsrt has a pointer to it, as long as the socket is open.
    private let door: SRTDoor

    /// - Parameters:
    ///   - bothFamilies: whether IPv4 comes to an IPv6 socket as well.
    ///   - latency: milliseconds for which packets wait, so that those that got lost can come again.
    ///   - patience: milliseconds after which a caller that is not heard of is gone.
    init(
        _ address: SocketAddress, bothFamilies: Bool, latency: Int32, patience: Int32, _ library: SRTLibrary,
        door: SRTDoor
    ) throws(SRTFailure) {
        self.library = library
        self.door = door
        id = srt_create_socket()
        guard id >= 0,
            toposync_srt_configure(id, latency, patience, address.protocol == .inet6, bothFamilies) == 0,
            unsafe address.withSockAddr({ unsafe srt_bind(id, $0, Int32($1)) }) == 0
        else { throw SRTFailure.last }
        let status = unsafe toposync_srt_listen_callback(
            id,
            { opaque, socket, _, peer, streamID in
                guard let opaque = unsafe opaque else { return -1 }
                let door = unsafe Unmanaged<SRTDoor>.fromOpaque(opaque).takeUnretainedValue()
                let call = unsafe SRTCall(
                    streamID: streamID.map { unsafe String(cString: $0) } ?? "",
                    address: IPAddress(toposync_srt_address_of(peer)))
                return door.answer(socket, call)
            }, Unmanaged.passUnretained(door).toOpaque())
        guard status == 0, srt_listen(id, Self.backlog) == 0 else { throw SRTFailure.last }
    }

    /// Nobody is being answered any more when this returns.
    deinit { srt_close(id) }

    var port: Int { Int(toposync_srt_port(id)) }

    /// The next caller that has been let in; nil when there is none.
    func accept() -> SRTSocket? {
        let caller = toposync_srt_accept(id)
        return caller >= 0 ? SRTSocket(owning: caller, library) : nil
    }
}
