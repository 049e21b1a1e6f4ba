import ConnectionLimits
import EngineContract
import Logging
import NIOCore
import StreamModel
import StreamProtocols

/// All WebRTC of an engine: the port, the certificate, and the sessions of viewers and publishers.
///
/// Confined to the engine's event loop.
final class WebRTCServer {
    /// Viewers at once, in all and of one client; pages of our server all come from this machine.
    static let sessionLimit = 2048
    static let sessionLimitPerClient = 256
    /// Viewers' sessions that have not shown yet that somebody is there: each costs memory for ten seconds at most.
    static let unconnectedLimit = 512
    /// Publishers at once, in all and of one client, as by RTMP.
    static let publisherLimit = 256
    static let publisherLimitPerClient = 32

    private let port: WebRTCPort
    private let address: ListenAddress
    /// Of the TCP port; nil without one.
    private let streamPort: Int?
    private let directory = WebRTCDirectory()
    /// On which viewers are sent to.
    private let loops: [WebRTCLoop]
    private let context: DTLSContext
    private let viewers: ConnectionCounter
    private let publishers: ConnectionCounter
    private let connections: ConnectionCounter
    private let clock: EngineClock
    private let logger: Logger
    /// By their secrets.
    private var members: [String: any WebRTCMember] = [:]

    /// - Parameters:
    ///   - socket: at which it begins to listen.
    ///   - address: where that was bound.
    ///   - streamPort: the number of the TCP port, where there is one.
    ///   - eventLoops: those that viewers are spread over.
    init(
        _ socket: DatagramSocket, at address: ListenAddress, streamPort: Int?, eventLoops: [any EventLoop],
        clock: EngineClock, logger: Logger
    ) throws {
        // The engine's own has other things to do: it comes last.
        let others = eventLoops.filter { $0 !== clock.eventLoop }
        loops = (others + [clock.eventLoop]).map { WebRTCLoop($0, clock: clock) }
        context = try DTLSContext()
        port = WebRTCPort(socket, directory)
        self.address = address
        self.streamPort = streamPort
        self.clock = clock
        self.logger = logger
        connections = ConnectionCounter(
            "WebRTC by TCP", total: WebRTCListener.limit, perNetwork: WebRTCListener.limitPerClient, logger: logger)
        viewers = ConnectionCounter(
            "WebRTC", total: Self.sessionLimit, perNetwork: Self.sessionLimitPerClient, logger: logger)
        publishers = ConnectionCounter(
            "publishing by WebRTC", total: Self.publisherLimit, perNetwork: Self.publisherLimitPerClient,
            logger: logger)
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
        var client: WebRTCClient
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

    /// Whether there is room for one more viewer; only then it may be given to ``open(_:of:_:core:)``.
    func checkRoom() throws(WebRTCRefusal) {
        guard viewers.count < Self.sessionLimit,
            members.values.count(where: { !$0.isConnected && $0 is WebRTCSession }) < Self.unconnectedLimit
        else { throw .tooManySessions }
    }

    /// Begins a session of a path that is published.
    func open(
        _ request: Request, of path: Path, _ stream: Stream, core: EngineCore
    ) throws(WebRTCRefusal) -> Opened {
        let place = self.place(for: request)
        let answer: WHEPAnswer
        do throws(WebRTCOfferError) {
            answer = try request.offer.answer(
                tracks: stream.formats.map(\.media), local: place.local, fingerprint: place.fingerprint,
                candidates: place.candidates)
        } catch {
            throw .offer(error)
        }
        guard !answer.tracks.contains(where: { stream.isReordered(track: $0.trackIndex) }) else { throw .reordered }
        let dtls = try makeDTLS(for: request.offer)
        guard viewers.enter(request.client.network) else { throw .tooManySessions }
        let session = WebRTCSession(
            request.client, path: path, stream: stream,
            transport: makeTransport(for: request, dtls, local: place.local, takesMedia: false),
            sender: WebRTCSender(
                answer, on: freestLoop, queueLimit: core.readerQueueLimit, queues: core.readerQueues),
            localHost: place.host, core: core,
            onEnd: { [weak self, viewers] in self?.ended($0, $1, of: viewers) })
        members[request.client.secret] = session
        do throws(PathError) {
            try path.add(session)
        } catch {
            session.end(because: "\(error)")
            throw .path(error)
        }
        return opened(session, answer: answer.text)
    }

    /// The loop with the fewest viewers.
    private var freestLoop: WebRTCLoop {
        func viewerCount(_ loop: WebRTCLoop) -> Int {
            members.values.count { $0.viewerSender?.eventLoop === loop.eventLoop }
        }
        return loops.dropFirst().reduce(loops[0]) { viewerCount($1) < viewerCount($0) ? $1 : $0 }
    }

    /// Begins the session of a publisher, who may publish its path; it does so once it is connected.
    func openPublisher(_ request: Request, core: EngineCore) throws(WebRTCRefusal) -> Opened {
        let place = self.place(for: request)
        let answer: WHIPAnswer
        do throws(WebRTCOfferError) {
            answer = try request.offer.answerPublisher(
                local: place.local, fingerprint: place.fingerprint, candidates: place.candidates)
        } catch {
            throw .offer(error)
        }
        let dtls = try makeDTLS(for: request.offer)
        guard publishers.enter(request.client.network) else { throw .tooManyPublishers }
        let session = WebRTCPublishSession(
            request.client, core: core,
            transport: makeTransport(for: request, dtls, local: place.local, takesMedia: true), answer: answer,
            localHost: place.host, onEnd: { [weak self, publishers] in self?.ended($0, $1, of: publishers) })
        members[request.client.secret] = session
        return opened(session, answer: answer.text)
    }

    /// Where a session is reached, and what its checks and its certificate are known by.
    private struct Place {
        var local: ICECredentials
        var fingerprint: DTLSFingerprint
        var candidates: [ICECandidate]
        /// The first of the addresses.
        var host: IPAddress?
    }

    private func place(for request: Request) -> Place {
        let addresses = WebRTCHosts.candidates(boundTo: address, additional: request.hosts)
        func hostCandidates(_ port: Int, _ transport: ICECandidate.Transport) -> [ICECandidate] {
            addresses.enumerated().map { rank, address in
                ICECandidate(
                    address: TransportAddress(address, port: UInt16(clamping: port)), transport: transport,
                    rank: rank)
            }
        }
        return Place(
            local: .random(), fingerprint: DTLSFingerprint(sha256OfCertificate: context.certificate),
            candidates: hostCandidates(port.number, .udp)
                + (streamPort.map { hostCandidates($0, .tcpPassive) } ?? []),
            host: addresses.first)
    }

    private func makeDTLS(for offer: WebRTCOffer) throws(WebRTCRefusal) -> DTLSConnection {
        do throws(DTLSError) {
            return try DTLSConnection(context) { [fingerprints = offer.fingerprints] certificate in
                fingerprints.contains { $0.matches(certificate: certificate) }
            }
        } catch {
            throw .encryption(error)
        }
    }

    private func makeTransport(
        for request: Request, _ dtls: DTLSConnection, local: ICECredentials, takesMedia: Bool
    ) -> WebRTCTransport {
        WebRTCTransport(
            directory: directory, clock: clock, local: local,
            remoteUsernameFragment: request.client.usernameFragment, dtls: dtls, takesMedia: takesMedia)
    }

    private func opened(_ member: some WebRTCMember, answer: String) -> Opened {
        logger.debug("WebRTC session created", metadata: ["path": "\(member.pathName)", "id": "\(member.id)"])
        return Opened(id: member.id, secret: member.client.secret, entityTag: member.entityTag, answer: answer)
    }

    private func ended(_ member: some WebRTCMember, _ reason: String, of counter: ConnectionCounter) {
        guard members.removeValue(forKey: member.client.secret) != nil else { return }
        counter.leave(member.client.network)
        logger.debug(
            "WebRTC session ended: \(reason)", metadata: ["path": "\(member.pathName)", "id": "\(member.id)"])
    }

    // MARK: Sessions

    /// The session of a secret, if it was asked for at the path. What a viewer is sent may be another one's.
    func session(secret: String, path: String) -> (any WebRTCMember)? {
        members[secret].flatMap { $0.pathName == path ? $0 : nil }
    }

    func member(id: String) -> (any WebRTCMember)? { members.values.first { $0.id == id } }

    func has(_ member: any WebRTCMember) -> Bool { members[member.client.secret] === member }

    /// Those in the order of their beginning.
    var all: [any WebRTCMember] { members.values.sorted { ($0.created, $0.id) < ($1.created, $1.id) } }

    /// Ends the sessions of those who may not read or publish any more.
    func accessChanged() {
        for member in Array(members.values) { member.accessChanged() }
    }

    /// Takes viewers back who were moved to a path that has no longer the same as theirs.
    func lowerPathsChanged() {
        for case let session as WebRTCSession in Array(members.values) { session.lowerPathsChanged() }
    }

    /// Ends everything.
    func close() {
        for member in Array(members.values) {
            member.end(because: "the engine is shutting down")
            // The way is not there for longer.
            member.transport.close()
        }
        port.close()
    }

    /// The port that is listened on.
    var portNumber: Int { port.number }
}
