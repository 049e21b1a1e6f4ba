import EngineContract
import Logging
import NIOCore

/// The sockets of SRT. Confined to the thread that made it.
final class SRTLine {
    /// How it listens.
    struct Settings: Sendable {
        static let key = "srtAddress"

        var address: ListenAddress
        var latency: Duration
        var readTimeout: Duration
        var logger: Logger

        init(_ configuration: EngineConfiguration, logger: Logger) throws(MediaServerError) {
            address = try ListenAddress(configuration.srtAddress, key: Self.key)
            latency = configuration.srtLatency
            readTimeout = configuration.readTimeout
            self.logger = logger
        }
    }

    /// Milliseconds between two looks at what the engine wants. libsrt itself looks up each ten (`CGlobEvent::waitForEvent`).
    private static let pause: Int64 = 50
    /// Messages that are read of a caller at once, so that the others have their turn.
    private static let messagesPerTurn = 64

    private let door: SRTDoor
    private let poll: SRTPoll
    private let listener: SRTListeningSocket
    private var callers: [Int32: Caller] = [:]
    private var buffer = [UInt8](repeating: 0, count: SRTSocket.messageLimit)

    private struct Caller {
        let socket: SRTSocket
        let backlog = SRTBacklog()
        /// Whether something that came before is lost.
        var isAfterLoss = false
    }

    init(_ settings: Settings, _ door: SRTDoor) throws(MediaServerError) {
        self.door = door
        let address = settings.address
        let local: SocketAddress
        do {
            local = try SocketAddress.makeAddressResolvingHost(address.bindHost, port: address.port)
        } catch {
            throw MediaServerError(error, key: Settings.key, address: address)
        }
        do throws(SRTFailure) {
            let library = try SRTLibrary()
            poll = try SRTPoll(library)
            listener = try SRTListeningSocket(
                local, bothFamilies: address.host == nil, latency: settings.latency.wholeMilliseconds,
                patience: settings.readTimeout.wholeMilliseconds, library, door: door)
            try poll.watch(listener.id)
        } catch {
            throw MediaServerError(error, key: Settings.key, address: address)
        }
    }

    var port: Int { listener.port }

    /// Serves callers until the door says that it is over.
    func run() throws(SRTFailure) {
        while true {
            let wishes = door.takeWishes()
            if wishes.isStopping { return }
            for id in wishes.hangUps { callers[id] = nil }
            for id in try poll.wait(milliseconds: Self.pause) {
                if id == listener.id { accept() } else { read(id) }
            }
        }
    }

    private func accept() {
        while let socket = listener.accept() {
            // One that is not kept is closed with its owner.
            guard let call = socket.call, (try? poll.watch(socket.id)) != nil, door.admit(call, as: socket.id) else {
                continue
            }
            callers[socket.id] = Caller(socket: socket)
        }
    }

    private func read(_ id: Int32) {
        guard let socket = callers[id]?.socket else { return }
        var bytes: [UInt8] = []
        for _ in 0..<Self.messagesPerTurn {
            switch socket.receive(into: &buffer) {
            case .message(let byteCount, let isAfterLoss):
                if isAfterLoss {
                    deliver(bytes, of: id)
                    bytes = []
                    callers[id]?.isAfterLoss = true
                }
                bytes += buffer.prefix(byteCount)
            case .nothing: return deliver(bytes, of: id)
            case .end:
                deliver(bytes, of: id)
                callers[id] = nil
                return door.ended(id)
            }
        }
        deliver(bytes, of: id)
    }

    private func deliver(_ bytes: [UInt8], of id: Int32) {
        guard !bytes.isEmpty, let caller = callers[id] else { return }
        let isTaken = door.deliver(bytes, afterLoss: caller.isAfterLoss, from: id, caller.backlog)
        callers[id]?.isAfterLoss = !isTaken
    }
}

extension Duration {
    /// As libsrt takes it, which is below 24 days.
    fileprivate var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = min(max(self, .zero), .seconds(86_400)).components
        return Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
