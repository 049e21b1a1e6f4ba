import ConnectionLimits
import EngineContract
import Logging
import StreamModel
import StreamProtocols

/// Decides on callers of SRT, and holds those that publish. Confined to the engine's event loop.
final class SRTServer {
    /// Callers at once, and from one address.
    static let limit = 64
    static let limitPerClient = 16

    /// What a caller was allowed.
    struct Admission {
        var access: AccessRequest
        /// With which what it sends is encrypted; nil is in the clear.
        var passphrase: Secret?
    }

    private unowned let core: EngineCore
    private let counter: ConnectionCounter
    private var heldBack = SRTHeldBack()
    /// By the sockets of libsrt.
    private var connections: [Int32: SRTConnection] = [:]

    init(_ core: EngineCore) {
        self.core = core
        counter = ConnectionCounter(
            "SRT", total: Self.limit, perNetwork: Self.limitPerClient, logger: core.logger)
    }

    // MARK: Permission

    /// Whether a caller may publish what it names, before its handshake ends.
    func decide(_ call: SRTCall) throws(SRTRefusal) -> Admission {
        do throws(SRTRefusal) {
            return try admission(call)
        } catch {
            core.logRepeatable(.info, "SRT \(call.address?.description ?? "?") refused: \(error.sentence)")
            throw error
        }
    }

    private func admission(_ call: SRTCall) throws(SRTRefusal) -> Admission {
        let id: SRTStreamID
        do throws(SRTStreamIDError) {
            id = try SRTStreamID(call.streamID)
        } catch {
            throw SRTRefusal(error)
        }
        guard id.mode == .publish else {
            throw SRTRefusal(.badMode, "it asks to read; by SRT programs only send, and streams are read by RTSP")
        }
        if let problem = PathName.problem(with: id.path) { throw SRTRefusal(.badRequest, problem.text) }
        let access = AccessRequest(
            action: .publish, path: id.path, address: call.address,
            credentials: id.credentials.map { .password(user: $0.user, password: $0.password) } ?? .none)
        try checkPermission(access, id.credentials)
        let client = call.address.map { ClientNetwork($0) }
        guard counter.enter(client) else { throw SRTRefusal(.overload, "there are too many callers already") }
        counter.leave(client)
        do throws(PathError) {
            let passphrase = try core.withPath(named: id.path) { (path) throws(PathError) -> Secret? in
                try path.checkPublishing()
                return path.entry.configuration.srtPublishPassphrase
            }
            return Admission(access: access, passphrase: passphrase)
        } catch {
            throw SRTRefusal(error)
        }
    }

    private func checkPermission(_ access: AccessRequest, _ credentials: BasicCredentials?) throws(SRTRefusal) {
        let now = core.clock.now
        guard !heldBack.holds(access.address, at: access.path, now: now) else {
            throw SRTRefusal(.overload, "it tries again too soon after a wrong name or key")
        }
        let isSafe = credentials.map { $0.user.isStreamSafe && $0.password.isStreamSafe } ?? true
        if isSafe, case .allowed = core.access.decide(access) {
            return heldBack.know(access.address, at: access.path)
        }
        let delay = core.noteFailedLogin(access, protocolName: "SRT")
        heldBack.hold(access.address, at: access.path, until: now + delay, now: now)
        var reading = access
        reading.action = .read
        if isSafe, case .allowed(let user) = core.access.decide(reading), !user.isEmpty {
            throw SRTRefusal(.forbidden, "its name and key let it read, and not publish")
        }
        throw SRTRefusal(.unauthorized, "the name or the key is wrong: copy both anew")
    }

    // MARK: Connections

    /// Takes a caller whose handshake has ended. Everything is asked once more: meanwhile others may have come.
    ///
    /// - Parameters:
    ///   - id: of its socket.
    ///   - hangUp: closes the socket, later.
    /// - Returns: whether it may stay.
    func admit(_ call: SRTCall, as id: Int32, hangUp: @escaping @Sendable () -> Void) -> Bool {
        guard let admission = try? decide(call) else { return false }
        // It may have become wanted since the handshake.
        guard admission.passphrase == nil || call.isEncrypted else { return false }
        let connection = SRTConnection(
            id: core.makeID(), call, admission, core: core,
            onEnd: { [weak self] in
                self?.remove(id)
                hangUp()
            })
        guard counter.enter(connection.client) else { return false }
        connections[id] = connection
        return true
    }

    /// Something of a caller has come.
    func receive(_ bytes: [UInt8], afterLoss isAfterLoss: Bool, from id: Int32) {
        connections[id]?.receive(bytes, afterLoss: isAfterLoss)
    }

    /// The connection of a caller is over.
    func ended(_ id: Int32) { connections[id]?.close(because: "") }

    private func remove(_ id: Int32) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        counter.leave(connection.client)
    }

    /// Ends callers that are not allowed any more.
    func endThoseNotAllowed() {
        for connection in Array(connections.values) where !connection.isStillAllowed {
            connection.close(because: "its permission was withdrawn")
        }
    }

    func close(because reason: String) {
        for connection in Array(connections.values) { connection.close(because: reason) }
    }
}
