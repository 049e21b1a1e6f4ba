import ConnectionLimits
import EngineContract
import NIOCore
import StreamModel
import StreamProtocols

/// A request for a session that waits for its path's publisher.
final class WebRTCOpening {
    fileprivate var hold: PathHold?
    private var completion: ((Result<WebRTCServer.Opened, WebRTCRefusal>) -> Void)?

    fileprivate init(_ completion: @escaping (Result<WebRTCServer.Opened, WebRTCRefusal>) -> Void) {
        self.completion = completion
    }

    fileprivate func finish(_ result: Result<WebRTCServer.Opened, WebRTCRefusal>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    fileprivate func cancel() {
        hold?.cancel()
        finish(.failure(.path(.closing)))
    }
}

extension MediaEngine {
    /// Begins to use the UDP port of WebRTC.
    ///
    /// - Parameters:
    ///   - address: where it was bound.
    ///   - streamPort: the number of the TCP port, where there is one.
    ///   - eventLoops: those that viewers are spread over.
    /// - Returns: the number of the port.
    func useWebRTC(
        _ socket: DatagramSocket, at address: ListenAddress, streamPort: Int?, eventLoops: [any EventLoop]
    ) throws -> Int {
        let server = try WebRTCServer(
            socket, at: address, streamPort: streamPort, eventLoops: eventLoops, clock: core.clock,
            logger: core.logger)
        core.webRTC = server
        return server.portNumber
    }

    /// Serves WebRTC on a TCP connection that was just accepted; called on the event loop.
    func acceptWebRTC(_ channel: any Channel) throws {
        guard let server = core.webRTC else { throw ConnectionRefused() }
        try server.accept(channel)
    }

    // MARK: Viewers and publishers

    /// Lets a client read or publish a path. A refusal may take its time, to slow down guessing.
    func authorizeWebRTC(_ request: AccessRequest) async throws(WebRTCRefusal) {
        switch core.access.decide(request) {
        case .allowed: return
        case .credentialsMissing: throw .unauthorized(request.action)
        case .denied:
            let delay = core.noteFailedLogin(request, protocolName: "WebRTC")
            try? await Task.sleep(for: delay)
            throw .unauthorized(request.action)
        }
    }

    var iceServers: [ICEServer] { core.configuration.webrtcICEServers2 }

    /// Begins a session of a path for a client that may read it, holding on while a publisher is started on demand.
    func openWebRTC(
        _ access: AccessRequest, network: ClientNetwork?, query: String, offer body: [UInt8]
    ) async throws(WebRTCRefusal) -> WebRTCServer.Opened {
        guard let server = core.webRTC else { throw .path(.closing) }
        let offer = try Self.webRTCOffer(body)
        try server.checkRoom()
        let request = await webRTCRequest(access, network: network, query: query, offer: offer)
        let result: Result<WebRTCServer.Opened, WebRTCRefusal> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in begin(request, continuation) }
        } onCancel: {
            // Ends at once: it only brings the cancellation onto the event loop.
            Task { [id = request.client.id] in await self.cancelOpening(id) }
        }
        return try result.get()
    }

    /// Begins a session of a publisher.
    func publishWebRTC(
        _ access: AccessRequest, network: ClientNetwork?, query: String, offer body: [UInt8]
    ) async throws(WebRTCRefusal) -> WebRTCServer.Opened {
        let offer = try Self.webRTCOffer(body)
        let request = await webRTCRequest(access, network: network, query: query, offer: offer)
        guard let server = core.webRTC else { throw .path(.closing) }
        // While the body came and names were looked up, the users may have changed.
        guard case .allowed = core.access.decide(access) else { throw .unauthorized(access.action) }
        do throws(PathError) {
            // Once it is connected, it is asked again.
            try core.withPath(named: access.path) { path throws(PathError) in try path.checkPublishing() }
        } catch {
            throw .path(error)
        }
        return try server.openPublisher(request, core: core)
    }

    private static func webRTCOffer(_ body: [UInt8]) throws(WebRTCRefusal) -> WebRTCOffer {
        do throws(WebRTCOfferError) {
            return try WebRTCOffer(parsing: body[...])
        } catch {
            throw .offer(error)
        }
    }

    private func webRTCRequest(
        _ access: AccessRequest, network: ClientNetwork?, query: String, offer: WebRTCOffer
    ) async -> WebRTCServer.Request {
        let hosts = await WebRTCHosts.resolve(core.configuration.webrtcAdditionalHosts, on: core.clock.eventLoop)
        return WebRTCServer.Request(
            client: WebRTCClient(
                id: core.makeID(), secret: core.makeSecret(), access: access, network: network, query: query,
                usernameFragment: offer.remoteUsernameFragment),
            offer: offer, hosts: hosts)
    }

    private func begin(
        _ request: WebRTCServer.Request,
        _ continuation: CheckedContinuation<Result<WebRTCServer.Opened, WebRTCRefusal>, Never>
    ) {
        let opening = WebRTCOpening { result in
            self.assumeIsolated { $0.webRTCOpenings[request.client.id] = nil }
            continuation.resume(returning: result)
        }
        webRTCOpenings[request.client.id] = opening
        core.begin(opening, request, onPath: request.client.access.path)
    }

    private func cancelOpening(_ id: String) { webRTCOpenings[id]?.cancel() }

    /// Takes what a client says of candidates that it found later: nothing is to be done for them, because it is the client
    /// that checks.
    func patchWebRTC(
        secret: String, path: String, entityTag: String?, usernameFragment: String?
    ) throws(WebRTCRefusal) {
        guard let session = core.webRTC?.session(secret: secret, path: path) else { throw .noSession }
        guard let entityTag else { throw .noEntityTag }
        guard entityTag == "*" || entityTag == session.entityTag else { throw .otherEntityTag }
        if let usernameFragment, usernameFragment != session.client.usernameFragment { throw .iceRestart }
    }

    func endWebRTC(secret: String, path: String) throws(WebRTCRefusal) {
        guard let session = core.webRTC?.session(secret: secret, path: path) else { throw .noSession }
        session.end(because: "its client has ended it")
    }

    // MARK: State for the control API

    func listWebRTCSessions() async -> [ControlAPI.WebRTCSession] {
        let members = core.webRTC?.all ?? []
        let figures = await WebRTCSender.figures(of: members.compactMap(\.viewerSender))
        // Meanwhile some may have ended.
        return members.filter { core.webRTC?.has($0) ?? false }.map { member in
            member.snapshot(member.viewerSender.flatMap { figures[ObjectIdentifier($0)] } ?? WebRTCSender.Figures())
        }
    }

    /// Asked for each of many viewers: without a look at the others.
    func webRTCSession(_ id: String) async -> ControlAPI.WebRTCSession? {
        guard let member = core.webRTC?.member(id: id) else { return nil }
        let figures = await WebRTCSender.figures(of: [member.viewerSender].compactMap(\.self)).values.first
        guard core.webRTC?.has(member) ?? false else { return nil }
        return member.snapshot(figures ?? WebRTCSender.Figures())
    }

    func kickWebRTCSession(_ id: String) -> Bool {
        guard let session = core.webRTC?.member(id: id) else { return false }
        session.end(because: "kicked by the control API")
        return true
    }
}

extension EngineCore {
    /// Begins a session when a path is published, now or later.
    fileprivate func begin(_ opening: WebRTCOpening, _ request: WebRTCServer.Request, onPath name: String) {
        do throws(PathError) {
            try withPath(named: name) { path in
                let hold = path.whenReady(query: request.client.query) { result in
                    switch result {
                    case .success(let stream):
                        if let other = self.h264Path(besides: name, of: stream, for: request) {
                            self.begin(opening, request, onPath: other)
                        } else {
                            opening.finish(self.openWebRTC(request, of: path, stream))
                        }
                    case .failure(let error): opening.finish(.failure(.path(error)))
                    }
                }
                // Without one, what was waited for has come already, and something else may be waited for now.
                if let hold { opening.hold = hold }
            }
        } catch {
            opening.finish(.failure(.path(error)))
        }
    }

    /// Whether a viewer may read another path than it has asked for.
    func lets(_ client: WebRTCClient, read name: String) -> Bool {
        var request = client.access
        request.path = name
        return if case .allowed = access.decide(request) { true } else { false }
    }

    /// The path where a viewer gets in H.264 what it can't play of a stream, because that is H.265; nil where there is none that it may
    /// read. It has to be named in the configuration: what a pattern fits may be anything.
    private func h264Path(besides name: String, of stream: Stream, for request: WebRTCServer.Request) -> String? {
        let offer = request.offer
        let pictures = stream.formats.map(\.media).filter { $0.kind == .video }
        guard let other = PathName.h264(besides: name), configuration.paths[other] != nil,
            pictures.contains(where: { $0.videoCodec == .h265 }),
            !pictures.contains(where: offer.takes), offer.takes(MediaFormat(.h264)),
            lets(request.client, read: other)
        else { return nil }
        return other
    }

    /// Begins a session of a path that is published now.
    private func openWebRTC(
        _ request: WebRTCServer.Request, of path: Path, _ stream: Stream
    ) -> Result<WebRTCServer.Opened, WebRTCRefusal> {
        guard let webRTC else { return .failure(.path(.closing)) }
        // Meanwhile the users may have changed.
        guard case .allowed = access.decide(request.client.access), lets(request.client, read: path.name) else {
            return .failure(.unauthorized(.read))
        }
        do throws(WebRTCRefusal) {
            // While it was held, others may have come.
            try webRTC.checkRoom()
            return .success(try webRTC.open(request, of: path, stream, core: self))
        } catch {
            return .failure(error)
        }
    }
}
