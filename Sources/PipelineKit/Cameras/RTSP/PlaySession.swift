import StreamProtocols

/// The client's side of watching a camera by RTSP (RFC 2326): OPTIONS, DESCRIBE (§10.2), SETUP of its picture over the
/// connection itself (§10.12), PLAY, and what keeps the session alive afterwards. A pure state machine: requests come
/// out, responses go in.
struct PlaySession: Sendable {
    /// What to do next.
    enum Action: Equatable {
        case send([UInt8])
        /// Packets come from now on, over ``rtpChannel``.
        case play(RTPFormat)
        case fail(PlayError)
        case nothing
    }

    private enum State {
        case idle
        case askedOptions
        case askedDescription
        case settingUp(RTPFormat)
        case startingToPlay(RTPFormat)
        case playing
        case ended
    }

    private let url: String
    private var dialogue: RTSPDialogue
    private var state = State.idle
    /// The URL of the whole presentation, which PLAY and signs of life are about.
    private var aggregate: String
    /// The camera's sound, which is not asked for.
    private(set) var audio: SDPRTPMap?
    /// The channels of the connection that packets come over (RFC 2326 §10.12); the camera may choose others.
    private(set) var channels = RTSPTransport.ChannelPair(rtp: 0, rtcp: 1)

    /// - Parameter url: without user and password.
    init(url: String, credentials: BasicCredentials?) {
        self.url = url
        aggregate = url
        dialogue = RTSPDialogue(credentials: credentials)
    }

    /// How long the camera keeps a session without a sign of life.
    var timeoutSeconds: Int { dialogue.timeoutSeconds }

    /// The connection is open.
    mutating func start() -> Action {
        state = .askedOptions
        return .send(dialogue.request(.options, url))
    }

    /// A response has come.
    mutating func received(_ response: RTSPResponse) -> Action {
        switch dialogue.received(response) {
        case .unexpected: .nothing
        case .unauthorized: fail(.unauthorized)
        case .retry(let bytes): .send(bytes)
        case .response(let method): proceed(after: method, response)
        }
    }

    /// The camera asks something itself (RFC 2326 §10.8: some ask for a sign of life). What it tells or sets means nothing
    /// here, but a request that stays without an answer ends the session of some.
    func answer(_ request: RTSPRequest) -> Action {
        var response = RTSPResponse(status: .notImplemented)
        switch request.method {
        case .options:
            response.status = .ok
            response.headers["Public"] = "OPTIONS, GET_PARAMETER, SET_PARAMETER"
        case .getParameter, .setParameter, .announce, .teardown: response.status = .ok
        case .describe, .setup, .play, .pause, .record, .redirect, .other: break
        }
        response.headers["CSeq"] = request.headers["CSeq"]
        response.headers["Session"] = dialogue.sessionID
        return .send(response.serialized())
    }

    /// A sign of life; due every half ``timeoutSeconds``.
    mutating func keepAlive() -> Action {
        guard case .playing = state, !dialogue.isWaiting else { return .nothing }
        return .send(dialogue.keepAlive(aggregate))
    }

    /// The last request of a session, if there is one to end.
    mutating func end() -> Action {
        if case .ended = state { return .nothing }
        state = .ended
        return dialogue.sessionID == nil ? .nothing : .send(dialogue.request(.teardown, aggregate))
    }

    // MARK: -

    private mutating func proceed(after method: RTSPMethod, _ response: RTSPResponse) -> Action {
        switch state {
        case .askedOptions:
            // Some cameras do not know OPTIONS; what it would tell is not needed.
            state = .askedDescription
            return .send(dialogue.request(.describe, url, headers: ["Accept": "application/sdp"]))
        case .askedDescription:
            return refusal(of: method, response.status) ?? setUp(response)
        case .settingUp(let track):
            if let refusal = refusal(of: method, response.status) { return refusal }
            guard let transport = interleaved(response) else { return fail(.unsupported("it does not send over TCP")) }
            channels = transport
            state = .startingToPlay(track)
            return .send(dialogue.request(.play, aggregate, headers: ["Range": "npt=0.000-"]))
        case .startingToPlay(let track):
            if let refusal = refusal(of: method, response.status) { return refusal }
            state = .playing
            return .play(track)
        case .playing:
            // The answer to a sign of life. A camera that has forgotten the session says so here.
            guard response.status.code == RTSPStatus.sessionNotFound.code else { return .nothing }
            return fail(.refused(method: method, status: response.status))
        case .idle, .ended:
            return .nothing
        }
    }

    private mutating func setUp(_ response: RTSPResponse) -> Action {
        let description: SessionDescription
        do throws(SDPError) {
            description = try SessionDescription(parsing: response.body)
        } catch {
            return fail(.unsupported(error.description))
        }
        let base = RTSPURL.base(of: response.headers, request: url)
        audio = description.media.lazy.filter { $0.kind == .audio }.compactMap(SDPRTPMap.init(of:)).first
        let pictures = description.media.filter { $0.kind == .video && $0.direction != .inactive }
        var reason = "there is no video stream"
        for media in pictures {
            do throws(RTPFormatError) {
                let track = try RTPFormat(media: media)
                guard track.media.videoCodec != nil else { throw .unsupportedCodec(name: track.media.name) }
                aggregate = RTSPURL.resolve(control: description.control, base: base)
                state = .settingUp(track)
                let transport = RTSPTransport(lowerTransport: .tcp, interleaved: channels)
                return .send(
                    dialogue.request(
                        .setup,
                        // An absolute one of the session is what VLC and libav take for the base of the tracks.
                        RTSPURL.resolve(
                            control: media.control,
                            base: description.control?.contains("://") == true ? aggregate : base),
                        headers: ["Transport": transport.description]))
            } catch {
                reason = error.description
            }
        }
        return fail(.unsupported(reason))
    }

    /// The channels that the camera sends over: ours, unless it says otherwise; nil when it does not send over TCP.
    private func interleaved(_ response: RTSPResponse) -> RTSPTransport.ChannelPair? {
        guard let header = response.headers["Transport"], let transport = try? RTSPTransport.parse(header).first else {
            return channels
        }
        return transport.lowerTransport == .tcp ? transport.interleaved ?? channels : nil
    }

    private mutating func refusal(of method: RTSPMethod, _ status: RTSPStatus) -> Action? {
        status.isSuccess ? nil : fail(.refused(method: method, status: status))
    }

    private mutating func fail(_ error: PlayError) -> Action {
        state = .ended
        return .fail(error)
    }
}

/// Why a camera can't be watched this way.
enum PlayError: Error, Equatable {
    /// It wants a user and password, or refused the ones it got.
    case unauthorized
    case refused(method: RTSPMethod, status: RTSPStatus)
    /// What it sends, or how, is not for us.
    case unsupported(String)
}
