import StreamProtocols

/// What the requests of one connection have in common: their numbers, the session they belong to, and who asks
/// (RFC 2326 §12.17, §12.37; RFC 2617). A pure state machine: requests come out, responses go in.
struct RTSPDialogue: Sendable {
    enum Outcome: Equatable {
        /// The response to the last request of this method.
        case response(RTSPMethod)
        /// The request has to be sent again, with credentials.
        case retry([UInt8])
        /// The server wants credentials that we do not have, or refused ours.
        case unauthorized
        /// It answers no request.
        case unexpected
    }

    private let credentials: BasicCredentials?
    private var cSeq = 0
    private var pending: RTSPRequest?
    private var challenge: Challenge?
    private var hasAnsweredChallenge = false
    private(set) var sessionID: String?
    private var supportsGetParameter = false
    /// How long the server keeps a session without a sign of life.
    private(set) var timeoutSeconds = RTSPSessionHeader.defaultTimeoutSeconds

    private enum Challenge: Sendable {
        case basic
        case digest(DigestChallenge, uses: UInt32)
    }

    init(credentials: BasicCredentials?) { self.credentials = credentials }

    /// Whether a request has not been answered yet.
    var isWaiting: Bool { pending != nil }

    /// The bytes of a request.
    mutating func request(
        _ method: RTSPMethod, _ uri: String, headers: RTSPHeaders = [:], body: [UInt8] = []
    ) -> [UInt8] {
        send(RTSPRequest(method: method, uri: uri, headers: headers, body: body))
    }

    /// A sign of life, by the method that the server takes.
    mutating func keepAlive(_ uri: String) -> [UInt8] {
        request(supportsGetParameter ? .getParameter : .options, uri)
    }

    mutating func received(_ response: RTSPResponse) -> Outcome {
        guard let request = pending, response.cSeq == nil || response.cSeq == cSeq else { return .unexpected }
        pending = nil
        if let header = response.headers["Session"], let session = try? RTSPSessionHeader(parsing: header) {
            sessionID = session.id
            timeoutSeconds = session.timeoutSeconds ?? timeoutSeconds
        }
        if response.status.code == RTSPStatus.unauthorized.code { return authenticate(response, request) }
        hasAnsweredChallenge = false
        if request.method == .options, let methods = response.headers["Public"] {
            supportsGetParameter = methods.contains(RTSPMethod.getParameter.rawValue)
        }
        return .response(request.method)
    }

    private mutating func send(_ request: RTSPRequest) -> [UInt8] {
        pending = request
        cSeq += 1
        var numbered = request
        numbered.headers["CSeq"] = String(cSeq)
        numbered.headers["User-Agent"] = "toposync-streaming"
        numbered.headers["Session"] = sessionID
        numbered.headers["Authorization"] = authorization(for: request)
        return numbered.serialized()
    }

    private mutating func authorization(for request: RTSPRequest) -> String? {
        guard let credentials else { return nil }
        switch challenge {
        case nil:
            return nil
        case .basic:
            return credentials.authorization
        case .digest(let digest, let uses):
            challenge = .digest(digest, uses: uses + 1)
            let cnonce = String(UInt64.random(in: .min ... .max), radix: 16)
            return digest.authorization(
                for: credentials, method: request.method.rawValue, uri: request.uri, cnonce: cnonce,
                nonceCount: uses + 1
            ).authorization
        }
    }

    /// RFC 2617 §1.2: the request is sent again with credentials, once, by the strongest scheme that is offered.
    private mutating func authenticate(_ response: RTSPResponse, _ request: RTSPRequest) -> Outcome {
        let offers = response.headers.all("WWW-Authenticate")
        let digests = offers.compactMap(DigestChallenge.parse)
        let isStale = digests.contains(where: \.isStale)
        guard credentials != nil, !hasAnsweredChallenge || isStale else { return .unauthorized }
        hasAnsweredChallenge = true
        if let digest = digests.first(where: \.algorithm.isSHA256) ?? digests.first {
            challenge = .digest(digest, uses: 0)
        } else if offers.contains(where: { $0.lowercased().hasPrefix("basic") }) {
            challenge = .basic
        } else {
            return .unauthorized
        }
        return .retry(send(request))
    }
}
