import EngineContract
import Logging
import StreamProtocols

extension RTSPConnection {
    /// Does what the state machine asks for; ``finish(_:)`` is called now or later.
    func perform(_ operation: RTSPOperation, for request: RTSPRequest) {
        switch operation {
        case .describe(let target):
            authorize(.read, target, request) { connection in connection.describe(target) }
        case .announce(let target):
            let body = request.body
            authorize(.publish, target, request) { connection in connection.announce(target, body) }
        case .setUpPlay(let target, let track, let binding, let otherwise, isFirst: true):
            authorize(.read, target, request) { connection in
                connection.setUpFirst(target, track: track, binding, otherwise: otherwise)
            }
        case .setUpPlay(_, let track, let binding, let otherwise, isFirst: false):
            finish(setUp(track: track, binding, otherwise: otherwise))
        case .setUpRecord(let track, let binding): finish(setUpRecord(track: track, binding))
        case .play: play()
        case .pause:
            readSession?.pause()
            finish(.done)
        case .record: record()
        case .teardown:
            // The answer still names the session.
            finish(.done)
            endSession()
        }
    }

    private func describe(_ target: RTSPTarget) {
        whenReady(target) { connection, _, stream in
            connection.finish(.described(connection.description(of: stream, target)))
        }
    }

    /// By what DESCRIBE answers, VLC and other players of live555 choose: where it names a group they read that, and else they never do.
    /// So it names one to whoever asks for it (``RTSPTarget/asksForMulticast``) and may read it.
    private func description(of stream: Stream, _ target: RTSPTarget) -> SessionDescription {
        let plain = stream.sessionDescription
        guard target.asksForMulticast, let server = try? multicast(of: target.path),
            let place = try? server.place(of: stream)
        else { return plain }
        return place.description(of: plain)
    }

    /// What sends the streams of a path to groups.
    ///
    /// - Throws: when none may be sent to this client, or that to nobody.
    private func multicast(of path: String) throws(MulticastError) -> MulticastServer {
        if let refusal = state.settings.multicastRefusal { throw refusal }
        guard let server = core.multicast else { throw .notOffered }
        guard core.access.isOpenToAll(.read, path: path) else { throw .closedPath(path) }
        return server
    }

    /// Goes on when the path has a stream; answers when it gets none.
    private func whenReady(
        _ target: RTSPTarget, _ body: @escaping (RTSPConnection, Path, Stream) -> Void
    ) {
        do throws(PathError) {
            hold = try core.withPath(named: target.path) { path in
                path.whenReady(query: target.query) { [weak self] result in
                    guard let self else { return }
                    hold = nil
                    switch result {
                    case .success(let stream): body(self, path, stream)
                    case .failure(let error): finish(failure(error))
                    }
                }
            }
        } catch {
            finish(failure(error))
        }
    }

    private func setUpFirst(
        _ target: RTSPTarget, track: Int, _ binding: RTSPBinding, otherwise: RTSPBinding?
    ) {
        whenReady(target) { connection, path, stream in
            let session = RTSPReadSession(
                id: connection.core.makeID(), path: path, stream: stream, connection: connection)
            guard session.ssrc(ofTrack: track) != nil else {
                connection.finish(.failed(.notFound))
                return
            }
            do throws(PathError) {
                try connection.core.checkRoomForViewer()
                try path.add(session)
            } catch {
                connection.finish(connection.failure(error))
                return
            }
            connection.readSession = session
            connection.sessionAccess = connection.granted
            connection.core.sessionBegan(session.id, connection)
            let outcome = connection.setUp(track: track, binding, otherwise: otherwise)
            if case .failed = outcome { connection.discardReadSession() }
            connection.finish(outcome)
        }
    }

    /// A first SETUP that failed leaves no session behind.
    private func discardReadSession() {
        guard let session = readSession else { return }
        readSession = nil
        session.end()
        core.sessionEnded(session.id)
    }

    private func setUp(track: Int, _ binding: RTSPBinding, otherwise: RTSPBinding?) -> RTSPOutcome {
        guard let readSession else { return .failed(.sessionNotFound) }
        guard let ssrc = readSession.ssrc(ofTrack: track) else { return .failed(.notFound) }
        switch binding {
        case .interleaved(let channels):
            readSession.bind(track: track, to: .interleaved(rtp: channels.rtp, rtcp: channels.rtcp))
        case .datagrams(let ports):
            guard
                let endpoint = core.datagramEndpoint, let remoteAddress,
                let output = DatagramOutput(
                    endpoint: endpoint, peer: remoteAddress, rtpPort: ports.rtp, rtcpPort: ports.rtcp,
                    clock: core.clock,
                    onReport: { [weak self] report in
                        self?.noteActivity()
                        self?.readSession?.receive(report: report, ofTrack: track)
                    })
            else { return .failed(.unsupportedTransport) }
            readSession.bind(track: track, to: .datagrams(output))
        case .multicast: return setUpMulticast(readSession, track: track, otherwise: otherwise)
        }
        return .setUp(ssrc: ssrc)
    }

    private func setUpMulticast(
        _ session: RTSPReadSession, track: Int, otherwise: RTSPBinding?
    ) -> RTSPOutcome {
        do throws(MulticastError) {
            return .setUpMulticast(try session.bind(to: try multicast(of: session.pathName)))
        } catch {
            if case .noWay(let reason) = error {
                core.logRepeatable(.warning, "path '\(session.pathName)' can't be sent by multicast: \(reason)")
            }
            if let otherwise { return setUp(track: track, otherwise, otherwise: nil) }
            return .failed(.unsupportedTransport, explanation: "\(error)")
        }
    }

    private func play() {
        guard let readSession else {
            finish(.failed(.sessionNotFound))
            return
        }
        finish(.playing(readSession.starts()))
        log("session \(readSession.id) reads path '\(readSession.pathName)' by \(readSession.transportName ?? "?")")
        readSession.play(queueLimit: core.readerQueueLimit)
    }

    private func announce(_ target: RTSPTarget, _ body: [UInt8]) {
        let description: SessionDescription
        let formats: [RTPFormat]
        do {
            description = try SessionDescription(parsing: body)
            formats = try [RTPFormat](description)
        } catch {
            log("can't publish path '\(target.path)': \(error)")
            finish(.failed(.badRequest, explanation: "\(error)"))
            return
        }
        do throws(PathError) {
            try core.withPath(named: target.path) { path throws(PathError) in try path.checkPublishing() }
        } catch {
            finish(failure(error))
            return
        }
        sessionAccess = granted
        let session = RTSPPublishSession(
            id: core.makeID(), pathName: target.path, formats: formats, clock: core.clock, connection: self)
        publishSession = session
        core.sessionBegan(session.id, self)
        finish(.announced(description))
    }

    private func setUpRecord(track: Int, _ binding: RTSPBinding) -> RTSPOutcome {
        guard let publishSession, publishSession.formats.indices.contains(track) else {
            return .failed(.sessionNotFound)
        }
        switch binding {
        case .interleaved(let channels):
            publishSession.bind(track: track, interleaved: (channels.rtp, channels.rtcp))
        case .datagrams(let ports):
            guard let endpoint = core.datagramEndpoint, let remoteAddress,
                let input = DatagramInput(
                    endpoint: endpoint, peer: remoteAddress, ports: ports,
                    clockRate: publishSession.formats[track].clockRate, clock: core.clock,
                    deliver: { [weak publishSession] in publishSession?.receive($0, ofTrack: track) })
            else { return .failed(.unsupportedTransport) }
            publishSession.bind(track: track, datagrams: input)
        // The state machine takes none.
        case .multicast: return .failed(.unsupportedTransport)
        }
        return .done
    }

    private func record() {
        guard let publishSession else {
            finish(.failed(.sessionNotFound))
            return
        }
        do throws(PathError) {
            // Anew: since ANNOUNCE, the path may have been removed or have got other settings.
            try core.withPath(named: publishSession.pathName) { path throws(PathError) in
                try publishSession.record(path)
            }
            finish(.done)
            log(
                "session \(publishSession.id) publishes path '\(publishSession.pathName)' by \(publishSession.transportName ?? "?")"
            )
        } catch {
            finish(failure(error))
        }
    }

    /// The statuses are MediaMTX's (reference: mediamtx-facts E.5).
    func failure(_ error: PathError) -> RTSPOutcome {
        let status: RTSPStatus =
            switch error {
            case .noStream, .notConfigured: .notFound
            case .invalidName, .timedOut, .commandEnded, .alreadyPublished, .notPublishable: .badRequest
            case .tooManyReaders, .noRoomForViewer: .notEnoughBandwidth
            case .closing: .serviceUnavailable
            }
        return .failed(status, explanation: "\(error)")
    }
}
