import StreamModel
import StreamProtocols

/// The client's side of watching a camera by RTSP (RFC 2326): OPTIONS, DESCRIBE (§10.2), SETUP of its picture and of its sound
/// over the connection itself (§10.12), PLAY, and what keeps the session alive afterwards. A pure state machine: requests come
/// out, responses go in.
struct PlaySession: Sendable {
    /// What the camera sends over a pair of the connection's channels.
    struct Track: Sendable, Equatable {
        var format: RTPFormat
        /// The camera may choose others than it was asked for.
        var channels: RTSPTransport.ChannelPair
    }

    /// What to do next.
    enum Action: Equatable {
        case send([UInt8])
        /// Packets of ``tracks`` come from now on.
        case play
        case fail(PlayError)
        case nothing
    }

    private enum State {
        case idle
        case askedOptions
        case askedDescription
        case settingUp(Offer)
        case startingToPlay
        case playing
        case ended
    }

    /// A track that the camera describes.
    private struct Offer {
        var format: RTPFormat
        var url: String
    }

    private let url: String
    private var dialogue: RTSPDialogue
    private var state = State.idle
    /// The URL of the whole presentation, which PLAY and signs of life are about.
    private var aggregate: String
    /// Which of several tracks of sound is asked for, counted from 1; nil for the first that is understood.
    private let soundTrack: Int?
    /// What the camera says of the sound that is asked for, or would be if it were understood.
    private(set) var audio: AudioSummary?
    /// Of all sound that it offers, in its order.
    private(set) var audioTracks: [AudioSummary] = []
    /// What the camera has agreed to send: its picture, and its sound behind it where there is any.
    private(set) var tracks: [Track] = []
    /// The sound that is asked for when the picture has been granted.
    private var sound: Offer?
    /// What ``tracks`` were set up by.
    private var urls: [String] = []
    /// The RTP timestamp of each track that playing begins with, all of one moment (RFC 2326 §12.33); empty when the camera does
    /// not say it of all.
    private(set) var beginning: [UInt32] = []

    /// - Parameter url: without user and password.
    init(url: String, credentials: BasicCredentials?, soundTrack: Int? = nil) {
        self.url = url
        self.soundTrack = soundTrack
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
        case .unauthorized: isAskedForSound ? play() : fail(.unauthorized)
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
        case .settingUp(let offer) where isAskedForSound:
            // Who refuses the sound, or would mix it with the picture, has a picture all the same.
            if response.status.isSuccess, let channels = interleaved(response),
                !tracks.contains(where: { $0.channels.overlaps(channels) })
            {
                tracks.append(Track(format: offer.format, channels: channels))
                urls.append(offer.url)
            }
            return play()
        case .settingUp(let offer):
            if let refusal = refusal(of: method, response.status) { return refusal }
            guard let channels = interleaved(response) else { return fail(.unsupported("it does not send over TCP")) }
            tracks = [Track(format: offer.format, channels: channels)]
            urls = [offer.url]
            return sound.map { setUp($0) } ?? play()
        case .startingToPlay:
            if let refusal = refusal(of: method, response.status) { return refusal }
            state = .playing
            noteBeginning(response)
            return .play
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
        var base = RTSPURL.base(of: response.headers, request: url)
        aggregate = RTSPURL.resolve(control: description.control, base: base)
        // An absolute one of the session is what VLC and libav take for the base of the tracks.
        if description.control?.contains("://") == true { base = aggregate }
        chooseSound(of: description, base: base)
        var reason = "there is no video stream"
        for media in description.media where media.kind == .video && media.direction != .inactive {
            do throws(RTPFormatError) {
                let format = try RTPFormat(media: media)
                guard format.media.videoCodec != nil else { throw .unsupportedCodec(name: format.media.name) }
                return setUp(Offer(format: format, url: RTSPURL.resolve(control: media.control, base: base)))
            } catch {
                reason = error.description
            }
        }
        return fail(.unsupported(reason))
    }

    private mutating func chooseSound(of description: SessionDescription, base: String) {
        // What only goes to the camera is its loudspeaker (ONVIF Streaming Specification, "Backchannel").
        let media = description.media.filter {
            $0.kind == .audio && $0.direction != .inactive && $0.direction != .sendOnly
        }
        let offers = media.map { media in
            RTPFormat(sound: media).map {
                Offer(format: $0, url: RTSPURL.resolve(control: media.control, base: base))
            }
        }
        audioTracks = zip(media, offers).map { media, offer in
            offer.flatMap { $0.format.media.isGeneric ? nil : AudioSummary($0.format.media) }
                ?? SDPRTPMap(of: media).map { AudioSummary($0) }
                ?? AudioSummary(codec: "unknown", sampleRate: 0, channels: 0)
        }
        let chosen = soundTrack.map { $0 - 1 } ?? offers.firstIndex { $0 != nil } ?? 0
        guard offers.indices.contains(chosen) else { return }
        sound = offers[chosen]
        audio = audioTracks[chosen]
    }

    private mutating func setUp(_ offer: Offer) -> Action {
        state = .settingUp(offer)
        let transport = RTSPTransport(lowerTransport: .tcp, interleaved: nextChannels)
        return .send(dialogue.request(.setup, offer.url, headers: ["Transport": transport.description]))
    }

    private mutating func play() -> Action {
        state = .startingToPlay
        return .send(dialogue.request(.play, aggregate, headers: ["Range": "npt=0.000-"]))
    }

    private mutating func noteBeginning(_ response: RTSPResponse) {
        guard let header = response.headers["RTP-Info"], let streams = try? RTPInfo.parse(header) else { return }
        let times = urls.compactMap { url in
            // Some name the control attribute alone, some themselves by another address than they were asked by.
            streams.first { stream in
                let path = Self.path(of: stream.url)
                return !path.isEmpty && Self.path(of: url).hasSuffix(path)
            }?.rtpTime
        }
        if times.count == urls.count { beginning = times }
    }

    /// What stands behind the host.
    private static func path(of url: String) -> Substring {
        guard let scheme = url.firstRange(of: "://") else { return url[...] }
        return url[scheme.upperBound...].drop { $0 != "/" }
    }

    private var isAskedForSound: Bool {
        if case .settingUp = state { !tracks.isEmpty } else { false }
    }

    /// Behind those of the picture. Channels are numbered in one byte; who has the last ones begins anew.
    private var nextChannels: RTSPTransport.ChannelPair {
        let first = tracks.last.map { $0.channels.rtcp &+ 1 } ?? 0
        return .init(rtp: first, rtcp: first &+ 1)
    }

    /// The channels that the camera sends over: ours, unless it says otherwise; nil when it does not send over TCP.
    private func interleaved(_ response: RTSPResponse) -> RTSPTransport.ChannelPair? {
        guard let header = response.headers["Transport"], let transport = try? RTSPTransport.parse(header).first else {
            return nextChannels
        }
        return transport.lowerTransport == .tcp ? transport.interleaved ?? nextChannels : nil
    }

    private mutating func refusal(of method: RTSPMethod, _ status: RTSPStatus) -> Action? {
        status.isSuccess ? nil : fail(.refused(method: method, status: status))
    }

    private mutating func fail(_ error: PlayError) -> Action {
        state = .ended
        return .fail(error)
    }
}

extension MediaFormat {
    fileprivate var isGeneric: Bool {
        if case .generic = self { true } else { false }
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

extension RTSPTransport.ChannelPair {
    /// Whether what comes over one of them could be the other's.
    fileprivate func overlaps(_ other: Self) -> Bool {
        [other.rtp, other.rtcp].contains(rtp) || [other.rtp, other.rtcp].contains(rtcp)
    }
}
