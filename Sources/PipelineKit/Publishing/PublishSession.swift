import StreamModel
import StreamProtocols

/// The client's side of publishing a stream by RTSP (RFC 2326): OPTIONS, ANNOUNCE (§10.3), SETUP with `mode=record`
/// and RECORD (§10.11), and what keeps the session alive afterwards. A pure state machine: requests come out, responses
/// go in.
struct PublishSession: Sendable {
    /// What to do next.
    enum Action: Equatable {
        case send([UInt8])
        /// The server is there; go on with ``announce(_:)`` as soon as the stream can be described.
        case describe
        /// Media may be sent now, over the ``channels(ofTrack:)``.
        case record
        case fail(PublishError)
        case nothing
    }

    private enum State: Equatable {
        case idle
        case askedOptions
        case ready
        case announced(body: [UInt8], tracks: [Int])
        /// The first of the tracks, by their numbers.
        case settingUp(tracks: ArraySlice<Int>)
        case startingToRecord
        case recording
        case ended
    }

    /// Media of a track goes over these channels of the connection (RFC 2326 §10.12), which are numbered in one byte.
    static func channels(ofTrack number: Int) -> RTSPTransport.ChannelPair {
        let first = UInt8(truncatingIfNeeded: 2 * number)
        return .init(rtp: first, rtcp: first + 1)
    }

    static func control(ofTrack number: Int) -> String { "trackID=\(number)" }

    private let uri: String
    private var dialogue: RTSPDialogue
    private var state = State.idle

    init(target: PublishTarget) {
        uri = RTSPURL(host: target.host, port: UInt16(clamping: target.port), path: target.path).requestURI
        dialogue = RTSPDialogue(credentials: BasicCredentials(user: target.username, password: target.password))
    }

    /// How long the server keeps a session without a sign of life.
    var timeoutSeconds: Int { dialogue.timeoutSeconds }
    var isRecording: Bool { state == .recording }
    /// Whether ``Action/describe`` was returned and ``announce(_:)`` has not been called.
    var isReadyToAnnounce: Bool { state == .ready }

    /// The connection is open.
    mutating func start() -> Action {
        state = .askedOptions
        return request(.options)
    }

    /// Describes the stream to the server.
    ///
    /// - Parameter tracks: one at least, with their numbers.
    mutating func announce(_ tracks: [(number: Int, format: RTPFormat)]) -> Action {
        guard state == .ready else { return .nothing }
        let description = SessionDescription(
            name: "Toposync Streaming", connection: "IN IP4 0.0.0.0",
            media: tracks.map { $0.format.mediaDescription(control: Self.control(ofTrack: $0.number)) })
        state = .announced(body: [UInt8](description.serialized().utf8), tracks: tracks.map(\.number))
        return request(.announce)
    }

    /// A response has come.
    mutating func received(_ response: RTSPResponse) -> Action {
        switch dialogue.received(response) {
        case .unexpected: .nothing
        case .unauthorized: fail(.wrongCredentials)
        case .retry(let bytes): .send(bytes)
        case .response(let method): proceed(after: method, response.status)
        }
    }

    private mutating func proceed(after method: RTSPMethod, _ status: RTSPStatus) -> Action {
        switch state {
        case .askedOptions:
            // A server need not know OPTIONS before it knows who asks; what matters is that it speaks RTSP.
            state = .ready
            return .describe
        case .announced(_, let tracks):
            guard status.isSuccess else { return fail(.refused(method: method, status: status)) }
            state = .settingUp(tracks: tracks[...])
            return request(.setup)
        case .settingUp(let tracks):
            guard status.isSuccess else { return fail(.refused(method: method, status: status)) }
            if tracks.count > 1 {
                state = .settingUp(tracks: tracks.dropFirst())
                return request(.setup)
            }
            state = .startingToRecord
            return request(.record)
        case .startingToRecord:
            guard status.isSuccess else { return fail(.refused(method: method, status: status)) }
            state = .recording
            return .record
        case .recording:
            // The answer to a sign of life. A server that has forgotten the session says so here.
            let isForgotten = status.code == RTSPStatus.sessionNotFound.code
            return isForgotten ? fail(.refused(method: method, status: status)) : .nothing
        case .idle, .ready, .ended:
            return .nothing
        }
    }

    /// A sign of life; due every half ``timeoutSeconds``.
    mutating func keepAlive() -> Action {
        guard state == .recording, !dialogue.isWaiting else { return .nothing }
        return .send(dialogue.keepAlive(uri))
    }

    /// The last request of a session, if there is one to end.
    mutating func end() -> Action {
        let hadSession = dialogue.sessionID != nil && state != .ended
        state = .ended
        return hadSession ? request(.teardown) : .nothing
    }

    // MARK: -

    private mutating func fail(_ error: PublishError) -> Action {
        state = .ended
        return .fail(error)
    }

    private mutating func request(_ method: RTSPMethod) -> Action {
        var headers: RTSPHeaders = [:]
        var body: [UInt8] = []
        var target = uri
        switch state {
        case .announced(let description, _):
            headers["Content-Type"] = "application/sdp"
            body = description
        case .settingUp(let tracks):
            let track = tracks.first ?? PublishedStream.pictureTrack
            target += "/\(Self.control(ofTrack: track))"
            headers["Transport"] =
                RTSPTransport(lowerTransport: .tcp, interleaved: Self.channels(ofTrack: track), mode: .record)
                .description
        case .startingToRecord:
            headers["Range"] = "npt=0.000-"
        case .idle, .askedOptions, .ready, .recording, .ended:
            break
        }
        return .send(dialogue.request(method, target, headers: headers, body: body))
    }
}
