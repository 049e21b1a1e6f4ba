import StreamProtocols

/// The server's side of one RTSP connection (RFC 2326 §A.2): which request is allowed when, what it makes of the
/// session, and what is answered. A value without sockets and clocks: whoever holds it performs the actions.
///
/// A connection has one session at most; it ends with the connection.
struct RTSPServerState {
    struct Settings {
        var allowsInterleaved = true
        /// The server's ports for UDP; nil when UDP is not offered.
        var datagramPorts: RTSPTransport.PortPair?
        /// Why nothing is sent by multicast; nil when it is.
        var multicastRefusal: MulticastError? = .notOffered
        /// Seconds without a sign of life after which a UDP session ends; told to the client.
        var sessionTimeoutSeconds = 60
        /// Makes an identifier that can't be guessed (RFC 2326 §3.4).
        var makeSessionID: () -> String
        /// Says which products answers.
        var serverName = "Toposync"
    }

    enum Action: Equatable {
        case respond(RTSPResponse)
        /// The holder performs it and calls ``complete(_:)``.
        case perform(RTSPOperation)
    }

    enum Phase: Equatable {
        case idle
        /// Set up for reading, and perhaps paused.
        case ready(RTSPPlaySession)
        case playing(RTSPPlaySession)
        case announced(RTSPRecordSession)
        case recording(RTSPRecordSession)
    }

    private(set) var phase = Phase.idle
    let settings: Settings
    private var pending: (request: RTSPRequest, operation: RTSPOperation)?

    init(settings: Settings) { self.settings = settings }

    /// The request whose operation is being performed. While there is one, no other request may be given.
    var pendingRequest: RTSPRequest? { pending?.request }

    var isBusy: Bool { pending != nil }

    /// Takes the next request.
    mutating func receive(_ request: RTSPRequest) -> Action {
        guard request.cSeq != nil else { return .respond(response(to: request, .badRequest)) }
        // RFC 2326 §12.32: an extension that is required and not known must be refused.
        if let required = request.headers["Require"], !required.isEmpty {
            var refusal = response(to: request, .optionNotSupported)
            refusal.headers["Unsupported"] = required
            return .respond(refusal)
        }
        if let header = request.headers["Session"] {
            guard let session = try? RTSPSessionHeader(parsing: header), session.id == sessionID else {
                return .respond(response(to: request, .sessionNotFound))
            }
        }
        switch request.method {
        case .options:
            var answer = response(to: request, .ok)
            answer.headers["Public"] = Self.methods
            return .respond(answer)
        case .getParameter:
            // Clients use it as a sign of life; there are no parameters.
            return .respond(response(to: request, .ok))
        case .setParameter:
            return .respond(response(to: request, request.body.isEmpty ? .ok : .parameterNotUnderstood))
        case .describe: return describe(request)
        case .announce: return announce(request)
        case .setup: return setUp(request)
        case .play: return play(request)
        case .pause: return pause(request)
        case .record: return record(request)
        case .teardown: return teardown(request)
        case .redirect, .other: return .respond(response(to: request, .notImplemented))
        }
    }

    private static let methods =
        "OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN, GET_PARAMETER, SET_PARAMETER"

    var sessionID: String? {
        switch phase {
        case .idle: nil
        case .ready(let session), .playing(let session): session.id
        case .announced(let session), .recording(let session): session.id
        }
    }

    // MARK: Requests

    private mutating func describe(_ request: RTSPRequest) -> Action {
        switch phase {
        case .idle, .ready, .playing:
            guard let target = RTSPTarget(uri: request.uri) else { return .respond(response(to: request, .badRequest)) }
            return begin(.describe(target), for: request)
        case .announced, .recording:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
    }

    private mutating func announce(_ request: RTSPRequest) -> Action {
        switch phase {
        case .idle: break
        case .ready, .playing, .announced, .recording:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
        guard let target = RTSPTarget(uri: request.uri) else { return .respond(response(to: request, .badRequest)) }
        let contentType = request.headers["Content-Type"]?.lowercased() ?? "application/sdp"
        guard contentType.hasPrefix("application/sdp") else {
            return .respond(response(to: request, .unsupportedMediaType))
        }
        return begin(.announce(target), for: request)
    }

    private mutating func setUp(_ request: RTSPRequest) -> Action {
        guard let target = RTSPTarget(uri: request.uri), let header = request.headers["Transport"],
            let candidates = try? RTSPTransport.parse(header)
        else {
            let isMissing = request.headers["Transport"] == nil
            return .respond(response(to: request, isMissing ? .badRequest : .unsupportedTransport))
        }
        switch phase {
        case .idle:
            return setUpPlay(request, target, candidates, session: nil)
        case .ready(let session):
            guard session.target.path == target.path else {
                return .respond(response(to: request, .aggregateOperationNotAllowed))
            }
            return setUpPlay(request, target, candidates, session: session)
        case .announced(let session):
            return setUpRecord(request, candidates, session)
        case .playing, .recording:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
    }

    private mutating func setUpPlay(
        _ request: RTSPRequest, _ target: RTSPTarget, _ candidates: [RTSPTransport], session: RTSPPlaySession?
    ) -> Action {
        // Without a number it is the URL of the presentation: what clients of a single track do.
        let track = target.track ?? 0
        guard session?.bindings[track] == nil else {
            return .respond(response(to: request, .methodNotValidInThisState))
        }
        let playable = candidates.filter { $0.mode == nil || $0.mode == .play }
        guard let binding = bind(playable, track: track, bindings: session?.bindings ?? [:]) else {
            let refusal = playable.contains { $0.delivery == .multicast } ? settings.multicastRefusal : nil
            return .respond(response(to: request, .unsupportedTransport, explanation: refusal?.description ?? ""))
        }
        // RFC 2326 §12.39: the client's transports are in the order of its preference. Whether there is a group shows later.
        let unicast = playable.filter { $0.delivery == .unicast }
        let otherwise =
            binding == .multicast ? bind(unicast, track: track, bindings: session?.bindings ?? [:]) : nil
        return begin(
            .setUpPlay(target, track: track, binding, otherwise: otherwise, isFirst: session == nil), for: request)
    }

    private mutating func setUpRecord(
        _ request: RTSPRequest, _ candidates: [RTSPTransport], _ session: RTSPRecordSession
    ) -> Action {
        guard let track = session.track(of: request.uri) else {
            return .respond(response(to: request, .notFound))
        }
        guard session.bindings[track] == nil else {
            return .respond(response(to: request, .methodNotValidInThisState))
        }
        // A publisher has one server, which reads no group.
        let unicast = candidates.filter { $0.delivery == .unicast }
        guard let binding = bind(unicast, track: track, bindings: session.bindings) else {
            return .respond(response(to: request, .unsupportedTransport))
        }
        return begin(.setUpRecord(track: track, binding), for: request)
    }

    /// The first alternative that can be served; all tracks of a session travel alike.
    private func bind(
        _ candidates: [RTSPTransport], track: Int, bindings: [Int: RTSPBinding]
    ) -> RTSPBinding? {
        let kind = bindings.values.first?.kind
        for candidate in candidates where candidate.profile == "RTP/AVP" {
            switch (candidate.lowerTransport, candidate.delivery) {
            case (.tcp, .unicast):
                guard settings.allowsInterleaved, kind == nil || kind == .interleaved else { continue }
                let usual = MediaBatch.usualChannel(of: track)
                let channels = candidate.interleaved ?? .init(rtp: usual, rtcp: usual &+ 1)
                let taken = bindings.values.flatMap { binding -> [UInt8] in
                    if case .interleaved(let pair) = binding { [pair.rtp, pair.rtcp] } else { [] }
                }
                guard channels.rtp != channels.rtcp, !taken.contains(channels.rtp), !taken.contains(channels.rtcp)
                else { continue }
                return .interleaved(channels)
            case (.udp, .unicast):
                guard
                    settings.datagramPorts != nil, kind == nil || kind == .datagrams,
                    let ports = candidate.clientPort, ports.rtp != 0, ports.rtcp != 0
                else { continue }
                return .datagrams(clientPort: ports)
            case (.udp, .multicast):
                // Which group and ports a client wishes does not matter: it would choose where everybody's packets go.
                guard settings.multicastRefusal == nil, kind == nil || kind == .multicast else { continue }
                return .multicast
            case (.tcp, .multicast): continue
            }
        }
        return nil
    }

    private mutating func play(_ request: RTSPRequest) -> Action {
        switch phase {
        case .ready: return begin(.play, for: request)
        case .playing:
            // RFC 2326 §10.5 queues a PLAY; with a live stream there is nothing to queue.
            return .respond(response(to: request, .ok))
        case .idle, .announced, .recording:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
    }

    private mutating func pause(_ request: RTSPRequest) -> Action {
        switch phase {
        case .playing: return begin(.pause, for: request)
        case .ready: return .respond(response(to: request, .ok))
        case .idle, .announced, .recording:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
    }

    private mutating func record(_ request: RTSPRequest) -> Action {
        switch phase {
        case .announced(let session) where session.bindings.count == session.description.media.count:
            return begin(.record, for: request)
        case .recording: return .respond(response(to: request, .ok))
        case .idle, .ready, .playing, .announced:
            return .respond(response(to: request, .methodNotValidInThisState))
        }
    }

    private mutating func teardown(_ request: RTSPRequest) -> Action {
        switch phase {
        case .idle: return .respond(response(to: request, .sessionNotFound))
        case .ready, .playing, .announced, .recording: return begin(.teardown, for: request)
        }
    }

    private mutating func begin(_ operation: RTSPOperation, for request: RTSPRequest) -> Action {
        pending = (request, operation)
        return .perform(operation)
    }

    // MARK: Outcomes

    /// The operation that was asked for has ended.
    ///
    /// - Returns: what is answered; nil when nothing was asked for.
    mutating func complete(_ outcome: RTSPOutcome) -> RTSPResponse? {
        guard let (request, operation) = pending.take() else { return nil }
        if case .failed(let status, let challenges, let explanation) = outcome {
            if case .teardown = operation { phase = .idle }
            var answer = response(to: request, status, explanation: explanation)
            for challenge in challenges { answer.headers.add("WWW-Authenticate", challenge) }
            return answer
        }
        switch operation {
        case .describe(let target):
            guard case .described(let description) = outcome else { break }
            var answer = response(to: request, .ok)
            answer.headers["Content-Base"] = target.baseURI + "/"
            answer.headers["Content-Type"] = "application/sdp"
            answer.body = Array(description.serialized().utf8)
            return answer
        case .announce(let target):
            guard case .announced(let description) = outcome else { break }
            phase = .announced(
                RTSPRecordSession(id: settings.makeSessionID(), target: target, description: description))
            return response(to: request, .ok)
        case .setUpPlay(let target, let track, let wished, let otherwise, _):
            let binding: RTSPBinding
            let transport: RTSPTransport?
            switch outcome {
            case .setUp(let ssrc):
                binding = wished == .multicast ? otherwise ?? wished : wished
                transport = unicastTransport(binding, ssrc: ssrc, mode: nil)
            case .setUpMulticast(let place):
                binding = wished
                transport = place.transport(ofTrack: track)
            case .described, .announced, .playing, .done, .failed:
                binding = wished
                transport = nil
            }
            guard let transport else { break }
            var session = playSession ?? RTSPPlaySession(id: settings.makeSessionID(), target: target)
            session.bindings[track] = binding
            phase = .ready(session)
            return setUpResponse(to: request, transport)
        case .setUpRecord(let track, let binding):
            guard case .announced(var session) = phase,
                let transport = unicastTransport(binding, ssrc: nil, mode: .record)
            else { break }
            session.bindings[track] = binding
            phase = .announced(session)
            return setUpResponse(to: request, transport)
        case .play:
            guard case .ready(let session) = phase, case .playing(let starts) = outcome else { break }
            phase = .playing(session)
            return playResponse(to: request, session, starts)
        case .pause:
            guard case .playing(let session) = phase else { break }
            phase = .ready(session)
            return response(to: request, .ok)
        case .record:
            guard case .announced(let session) = phase else { break }
            phase = .recording(session)
            return response(to: request, .ok)
        case .teardown:
            let answer = response(to: request, .ok)
            phase = .idle
            return answer
        }
        // The session was ended while the operation was under way.
        return response(to: request, .sessionNotFound)
    }

    /// The session has ended without a request: the stream ended, or the client was silent for too long.
    mutating func sessionEnded() { phase = .idle }

    private var playSession: RTSPPlaySession? {
        switch phase {
        case .ready(let session), .playing(let session): session
        case .idle, .announced, .recording: nil
        }
    }

    /// What SETUP answers of a track that goes to the client alone; nil of one that goes to a group.
    private func unicastTransport(
        _ binding: RTSPBinding, ssrc: UInt32?, mode: RTSPTransport.Mode?
    ) -> RTSPTransport? {
        switch binding {
        case .interleaved(let channels):
            RTSPTransport(lowerTransport: .tcp, interleaved: channels, ssrc: ssrc, mode: mode)
        case .datagrams(let clientPort):
            RTSPTransport(
                lowerTransport: .udp, clientPort: clientPort, serverPort: settings.datagramPorts, ssrc: ssrc,
                mode: mode)
        case .multicast: nil
        }
    }

    private func setUpResponse(to request: RTSPRequest, _ transport: RTSPTransport) -> RTSPResponse {
        var answer = response(to: request, .ok)
        answer.headers["Transport"] = RTSPTransport.header([transport])
        return answer
    }

    private func playResponse(
        to request: RTSPRequest, _ session: RTSPPlaySession, _ starts: [Int: RTSPOutcome.RTPStart]
    ) -> RTSPResponse {
        var answer = response(to: request, .ok)
        answer.headers["Range"] = "npt=now-"
        let streams = starts.sorted { $0.key < $1.key }.map { track, start in
            RTPInfo(
                url: session.target.baseURI + "/" + Stream.control(ofTrack: track),
                sequenceNumber: start.sequenceNumber, rtpTime: start.rtpTimestamp)
        }
        if !streams.isEmpty { answer.headers["RTP-Info"] = RTPInfo.header(streams) }
        return answer
    }

    /// A response with what every response has.
    ///
    /// - Parameter explanation: a sentence for the user who reads it.
    func response(to request: RTSPRequest, _ status: RTSPStatus, explanation: String = "") -> RTSPResponse {
        var headers = RTSPHeaders()
        // RFC 2326 §12.17; without a number, as with an unreadable request, it is left out.
        if let cSeq = request.cSeq { headers["CSeq"] = String(cSeq) }
        headers["Server"] = settings.serverName
        if status.isSuccess, let id = sessionID {
            headers["Session"] = RTSPSessionHeader(id: id, timeoutSeconds: settings.sessionTimeoutSeconds).description
        }
        var answer = RTSPResponse(status: status, headers: headers)
        if !explanation.isEmpty {
            answer.headers["Content-Type"] = "text/plain; charset=utf-8"
            answer.body = Array((explanation + "\n").utf8)
        }
        return answer
    }
}
