import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// All WebRTC of an engine: the port, the certificate, and the viewers' sessions.
///
/// Confined to the engine's event loop.
final class WebRTCServer {
    /// Sessions at once, in all and of one client; pages of our server all come from this machine.
    static let sessionLimit = 2048
    static let sessionLimitPerClient = 256
    /// Sessions that have not shown yet that somebody is there: each costs memory for ten seconds at most.
    static let unconnectedLimit = 512

    private let port: WebRTCPort
    private let address: ListenAddress
    /// Of the TCP port; nil without one.
    private let streamPort: Int?
    private let directory = WebRTCDirectory()
    private let scratch = PacketScratch()
    private let context: DTLSContext
    private let admission: ConnectionCounter
    private let connections: ConnectionCounter
    private let clock: EngineClock
    private let logger: Logger
    private var sessions: [String: WebRTCSession] = [:]

    /// - Parameters:
    ///   - socket: at which it begins to listen.
    ///   - address: where that was bound.
    ///   - streamPort: the number of the TCP port, where there is one.
    init(
        _ socket: DatagramSocket, at address: ListenAddress, streamPort: Int?,
        clock: EngineClock, logger: Logger
    ) throws {
        context = try DTLSContext()
        port = WebRTCPort(socket, directory)
        self.address = address
        self.streamPort = streamPort
        self.clock = clock
        self.logger = logger
        connections = ConnectionCounter(
            "WebRTC by TCP", total: WebRTCListener.limit, perNetwork: WebRTCListener.limitPerClient, logger: logger)
        admission = ConnectionCounter(
            "WebRTC", total: Self.sessionLimit, perNetwork: Self.sessionLimitPerClient, logger: logger)
        try port.startListening()
    }

    /// Takes a TCP connection.
    func accept(_ channel: any Channel) throws {
        let client = ClientNetwork(channel.remoteAddress)
        guard let source = TransportAddress(channel.remoteAddress), connections.enter(client) else {
            throw MediaEngine.ConnectionRefused()
        }
        try channel.pipeline.syncOperations.addHandler(
            WebRTCConnection(channel, from: source, directory, clock: clock) { [connections] in
                connections.leave(client)
            })
    }

    // MARK: Beginning

    /// What a client sends to begin.
    struct Request {
        var viewer: WebRTCSession.Viewer
        var offer: WebRTCOffer
        /// Addresses under which the engine is reached beside those of its interfaces.
        var hosts: [IPAddress]
    }

    /// A session that has begun.
    struct Opened: Sendable {
        /// As the control API names it.
        var id: String
        var secret: String
        var entityTag: String
        var answer: String
    }

    /// Whether there is room for one more; only then it may be given to ``open(_:on:_:engine:)``.
    func checkRoom() throws(WebRTCRefusal) {
        guard sessions.count < Self.sessionLimit,
            sessions.values.count(where: { !$0.isConnected }) < Self.unconnectedLimit
        else { throw .tooManySessions }
    }

    /// Begins a session of a path that is published.
    func open(
        _ request: Request, of path: Path, _ stream: Stream, queueLimit: Int, queues: ReaderQueues
    ) throws(WebRTCRefusal) -> Opened {
        let local = ICECredentials.random()
        let addresses = WebRTCHosts.candidates(boundTo: address, additional: request.hosts)
        func hostCandidates(_ port: Int, _ transport: ICECandidate.Transport) -> [ICECandidate] {
            addresses.enumerated().map { rank, address in
                ICECandidate(
                    address: TransportAddress(address, port: UInt16(clamping: port)), transport: transport,
                    rank: rank)
            }
        }
        let candidates =
            hostCandidates(port.number, .udp) + (streamPort.map { hostCandidates($0, .tcpPassive) } ?? [])
        let answer: WHEPAnswer
        do throws(WebRTCOfferError) {
            answer = try request.offer.answer(
                tracks: stream.formats.map(\.media), local: local,
                fingerprint: DTLSFingerprint(sha256OfCertificate: context.certificate), candidates: candidates)
        } catch {
            throw .offer(error)
        }
        guard !answer.tracks.contains(where: { stream.isReordered(track: $0.trackIndex) }) else { throw .reordered }
        let dtls: DTLSConnection
        do throws(DTLSError) {
            dtls = try DTLSConnection(context) { [offer = request.offer] in offer.accepts(certificate: $0) }
        } catch {
            throw .encryption(error)
        }
        guard admission.enter(request.viewer.network) else { throw .tooManySessions }
        let transport = WebRTCTransport(
            directory: directory, clock: clock, scratch: scratch, local: local,
            remoteUsernameFragment: request.viewer.usernameFragment, dtls: dtls)
        let session = WebRTCSession(
            request.viewer, path: path, stream: stream, transport: transport, answer: answer,
            localHost: addresses.first,
            environment: .init(
                clock: clock, queueLimit: queueLimit, queues: queues, onEnd: { [weak self] in self?.ended($0, $1) }))
        sessions[request.viewer.secret] = session
        do throws(PathError) {
            try path.add(session)
        } catch {
            session.end(because: "\(error)")
            throw .path(error)
        }
        logger.debug("WebRTC session created", metadata: ["path": "\(path.name)", "id": "\(session.id)"])
        return Opened(id: session.id, secret: session.viewer.secret, entityTag: session.entityTag, answer: answer.text)
    }

    private func ended(_ session: WebRTCSession, _ reason: String) {
        guard sessions.removeValue(forKey: session.viewer.secret) != nil else { return }
        admission.leave(session.viewer.network)
        logger.debug(
            "WebRTC session ended: \(reason)", metadata: ["path": "\(session.pathName)", "id": "\(session.id)"])
    }

    // MARK: Sessions

    /// The session of a secret, if it is one of the path.
    func session(secret: String, path: String) -> WebRTCSession? {
        sessions[secret].flatMap { $0.pathName == path ? $0 : nil }
    }

    /// Those in the order of their beginning.
    var all: [WebRTCSession] { sessions.values.sorted { ($0.created, $0.id) < ($1.created, $1.id) } }

    /// Ends the sessions of viewers that may not read any more.
    func endThose(notAllowedBy access: AccessControl) {
        for session in Array(sessions.values) {
            guard case .allowed = access.decide(session.viewer.access) else {
                session.end(because: "its permission was withdrawn")
                continue
            }
        }
    }

    /// Ends everything.
    func close() {
        for session in Array(sessions.values) { session.end(because: "the engine is shutting down") }
        port.close()
    }

    /// The port that is listened on.
    var portNumber: Int { port.number }
}
