import StreamModel
import StreamProtocols

/// The client's side of publishing a stream by RTSP (RFC 2326): OPTIONS, ANNOUNCE (§10.3), SETUP with `mode=record`
/// and RECORD (§10.11), and what keeps the session alive afterwards. A pure state machine: requests come out, responses
/// go in.
struct PublishSession: Sendable {
    /// What has to be done next.
    enum Action: Equatable {
        case send([UInt8])
        /// The server is there; go on with ``announce(_:)`` as soon as the stream can be described.
        case describe
        /// Media may be sent now, over the interleaved channels ``rtpChannel`` and ``rtcpChannel``.
        case record
        case fail(PublishError)
        case nothing
    }

    private enum State: Equatable {
        case idle
        case askedOptions
        case ready
        case announced(body: [UInt8])
        case settingUp
        case startingToRecord
        case recording
        case ended
    }

    /// Media goes over these channels of the connection (RFC 2326 §10.12).
    static let rtpChannel: UInt8 = 0
    static let rtcpChannel: UInt8 = 1
    static let trackControl = "trackID=0"

    private let uri: String
    private let credentials: BasicCredentials
    private var state = State.idle
    private var cSeq = 0
    private var pendingMethod: RTSPMethod?
    private var challenge: Challenge?
    private var hasAnsweredChallenge = false
    private var sessionID: String?
    private var supportsGetParameter = false
    /// How long the server keeps a session without a sign of life.
    private(set) var timeoutSeconds = RTSPSessionHeader.defaultTimeoutSeconds

    private enum Challenge: Sendable {
        case basic
        case digest(DigestChallenge, uses: UInt32)
    }

    init(target: PublishTarget) {
        uri = RTSPURL(host: target.host, port: UInt16(clamping: target.port), path: target.path).requestURI
        credentials = BasicCredentials(user: target.username, password: target.password)
    }

    var isRecording: Bool { state == .recording }
    /// Whether ``Action/describe`` was returned and ``announce(_:)`` has not been called.
    var isReadyToAnnounce: Bool { state == .ready }

    /// The connection is open.
    mutating func start() -> Action {
        state = .askedOptions
        return request(.options)
    }

    /// Describes the stream to the server.
    mutating func announce(_ track: TrackFormat) -> Action {
        guard state == .ready else { return .nothing }
        let description = SessionDescription(
            name: "Toposync Streaming", connection: "IN IP4 0.0.0.0",
            media: [track.mediaDescription(control: Self.trackControl)])
        let body = [UInt8](description.serialized().utf8)
        state = .announced(body: body)
        return request(.announce)
    }

    /// A response has come.
    mutating func received(_ response: RTSPResponse) -> Action {
        guard let method = pendingMethod, response.cSeq == nil || response.cSeq == cSeq else { return .nothing }
        pendingMethod = nil
        if let header = response.headers["Session"], let session = try? RTSPSessionHeader(parsing: header) {
            sessionID = session.id
            timeoutSeconds = session.timeoutSeconds ?? timeoutSeconds
        }
        if response.status.code == RTSPStatus.unauthorized.code { return authenticate(response, method: method) }
        hasAnsweredChallenge = false
        switch state {
        case .askedOptions:
            // A server need not know OPTIONS before it knows who asks; what matters is that it speaks RTSP.
            supportsGetParameter = response.headers["Public"]?.contains("GET_PARAMETER") ?? false
            state = .ready
            return .describe
        case .announced:
            guard response.status.isSuccess else { return fail(.refused(method: method, status: response.status)) }
            state = .settingUp
            return request(.setup)
        case .settingUp:
            guard response.status.isSuccess else { return fail(.refused(method: method, status: response.status)) }
            state = .startingToRecord
            return request(.record)
        case .startingToRecord:
            guard response.status.isSuccess else { return fail(.refused(method: method, status: response.status)) }
            state = .recording
            return .record
        case .recording:
            // The answer to a sign of life. A server that has forgotten the session says so here.
            let isForgotten = response.status.code == RTSPStatus.sessionNotFound.code
            return isForgotten ? fail(.refused(method: method, status: response.status)) : .nothing
        case .idle, .ready, .ended:
            return .nothing
        }
    }

    /// A sign of life; due every half ``timeoutSeconds``.
    mutating func keepAlive() -> Action {
        guard state == .recording, pendingMethod == nil else { return .nothing }
        return request(supportsGetParameter ? .getParameter : .options)
    }

    /// The last request of a session, if there is one to end.
    mutating func end() -> Action {
        let hadSession = sessionID != nil && state != .ended
        state = .ended
        return hadSession ? request(.teardown) : .nothing
    }

    // MARK: -

    private mutating func fail(_ error: PublishError) -> Action {
        state = .ended
        return .fail(error)
    }

    private mutating func request(_ method: RTSPMethod) -> Action {
        cSeq += 1
        pendingMethod = method
        var request = RTSPRequest(method: method, uri: method == .setup ? "\(uri)/\(Self.trackControl)" : uri)
        request.headers["CSeq"] = String(cSeq)
        request.headers["User-Agent"] = "toposync-streaming"
        if let sessionID { request.headers["Session"] = sessionID }
        switch method {
        case .announce:
            request.headers["Content-Type"] = "application/sdp"
            if case .announced(let body) = state { request.body = body }
        case .setup:
            request.headers["Transport"] =
                RTSPTransport(
                    lowerTransport: .tcp, interleaved: .init(rtp: Self.rtpChannel, rtcp: Self.rtcpChannel),
                    mode: .record
                ).description
        case .record:
            request.headers["Range"] = "npt=0.000-"
        default:
            break
        }
        if let authorization = authorization(method: method, uri: request.uri) {
            request.headers["Authorization"] = authorization
        }
        return .send(request.serialized())
    }

    private mutating func authorization(method: RTSPMethod, uri: String) -> String? {
        switch challenge {
        case nil:
            return nil
        case .basic:
            return credentials.authorization
        case .digest(let digest, let uses):
            challenge = .digest(digest, uses: uses + 1)
            let cnonce = String(UInt64.random(in: .min ... .max), radix: 16)
            return digest.authorization(
                for: credentials, method: method.rawValue, uri: uri, cnonce: cnonce, nonceCount: uses + 1
            ).authorization
        }
    }

    /// RFC 2617 §1.2: the request is sent again with credentials, once, by the strongest scheme that is offered.
    private mutating func authenticate(_ response: RTSPResponse, method: RTSPMethod) -> Action {
        let offers = response.headers.all("WWW-Authenticate")
        let digests = offers.compactMap(DigestChallenge.parse)
        let isStale = digests.contains(where: \.isStale)
        guard !hasAnsweredChallenge || isStale else { return fail(.wrongCredentials) }
        hasAnsweredChallenge = true
        if let digest = digests.first(where: { $0.algorithm == .sha256 }) ?? digests.first {
            challenge = .digest(digest, uses: 0)
        } else if offers.contains(where: { $0.lowercased().hasPrefix("basic") }) {
            challenge = .basic
        } else {
            return fail(.wrongCredentials)
        }
        return request(method)
    }
}
