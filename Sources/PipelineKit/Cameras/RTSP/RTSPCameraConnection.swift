import MediaKit
import StreamModel
import StreamProtocols

/// The connection to an RTSP camera: speaks with it until it plays, hands out its RTP packets, and keeps the session
/// alive meanwhile. Used by one thread; reading blocks.
final class RTSPCameraConnection {
    /// Something that the camera sent for one of its tracks.
    struct Delivery {
        enum Content {
            case packet(RTPPacket)
            /// Which time of its wall clock a timestamp is.
            case report(RTCPSenderReport)
        }

        /// Its place in what ``play(until:)`` returned.
        var track: Int
        var content: Content
    }

    /// RFC 3550 §6.2: the recommended least interval between reports.
    private static let reportInterval: Duration = .seconds(5)
    private static let defaultPort: UInt16 = 554

    let readTimeout: Duration
    private let url: MediaURL
    private let stream: NetworkStream
    private let ssrc = UInt32.random(in: .min ... .max)
    private var session: PlaySession
    private var decoder = RTSPDecoder()
    private var deliveries: [Delivery] = []
    private var isPlaying = false
    private var nextKeepAlive = MonotonicInstant.now
    private var nextReport = MonotonicInstant.now

    /// Connects.
    ///
    /// - Throws: `.unsupported` when the address is not one that RTSP requests can name.
    init(
        url: MediaURL, options: DemuxerOptions, until deadline: MonotonicInstant, interrupt: InterruptFlag
    ) throws(MediaError) {
        self.url = url
        readTimeout = options.readTimeout
        guard let requestURL = url.requestURL else {
            throw MediaError(
                kind: .unsupported, operation: "read address", subject: url.description, reason: "it is no RTSP address"
            )
        }
        let credentials = (options.credentials ?? url.credentials).map {
            BasicCredentials(user: $0.username, password: $0.password)
        }
        session = PlaySession(url: requestURL, credentials: credentials, soundTrack: options.soundTrack)
        stream = try NetworkStream(to: url, defaultPort: Self.defaultPort, until: deadline, interrupt: interrupt)
    }

    deinit {
        if case .send(let bytes) = session.end() { stream.writeWithoutWaiting(bytes) }
    }

    /// Asks the camera to send.
    ///
    /// - Returns: what it sends: its picture, and its sound behind it where there is any.
    func play(until deadline: MonotonicInstant) throws(MediaError) -> [RTPFormat] {
        try perform(session.start(), until: deadline)
        while !isPlaying {
            do throws(MediaError) {
                try read(until: deadline)
            } catch {
                // Some close the connection at what they do not know; libav's client may ask otherwise.
                throw error.kind == .endOfStream ? unsupported("it closed the connection") : error
            }
        }
        nextKeepAlive = .now + keepAliveInterval
        nextReport = .now + Self.reportInterval
        return session.tracks.map(\.format)
    }

    /// The RTP timestamps that the tracks begin with; empty when the camera does not say it.
    var beginning: [UInt32] { session.beginning }

    /// What the camera says of the sound that is asked for, understood or not.
    var audio: AudioSummary? { session.audio }

    /// Of all sound that it offers.
    var audioTracks: [AudioSummary] { session.audioTracks }

    /// Waits for something of any track.
    func receive(until deadline: MonotonicInstant) throws(MediaError) -> [Delivery] {
        while deliveries.isEmpty {
            try stayAlive(until: deadline)
            do throws(MediaError) {
                try read(until: min(deadline, nextKeepAlive, nextReport))
            } catch {
                // It is only time to say something again.
                guard error.kind == .timedOut, .now < deadline else { throw error }
            }
        }
        defer { deliveries = [] }
        return deliveries
    }

    private var keepAliveInterval: Duration { .seconds(max(session.timeoutSeconds / 2, 1)) }

    /// Sends the keep-alive request when it is due.
    private func stayAlive(until deadline: MonotonicInstant) throws(MediaError) {
        let now = MonotonicInstant.now
        if now >= nextKeepAlive {
            nextKeepAlive = now + keepAliveInterval
            try perform(session.keepAlive(), until: deadline)
        }
        if now >= nextReport, let channel = session.tracks.first?.channels.rtcp {
            nextReport = now + Self.reportInterval
            let report = RTCPPacket.interleavedCompound(
                [
                    .receiverReport(RTCPReceiverReport(ssrc: ssrc)),
                    .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync-streaming")),
                ], channel: channel)
            try stream.write(report, until: deadline)
        }
    }

    private func read(until deadline: MonotonicInstant) throws(MediaError) {
        try stream.read(until: deadline) { decoder.append($0) }
        while let message = try nextMessage() {
            switch message {
            case .interleaved(let channel, let payload): take(payload, from: channel)
            case .response(let response): try perform(session.received(response), until: deadline)
            case .request(let request): try perform(session.answer(request), until: deadline)
            }
        }
    }

    private func nextMessage() throws(MediaError) -> RTSPMessage? {
        do throws(RTSPError) {
            return try decoder.next()
        } catch {
            throw unsupported(error.description)
        }
    }

    private func take(_ payload: [UInt8], from channel: UInt8) {
        for (index, track) in session.tracks.enumerated() {
            switch channel {
            case track.channels.rtp:
                guard let packet = try? RTPPacket(parsing: payload), packet.payloadType == track.format.payloadType
                else { return }
                deliveries.append(Delivery(track: index, content: .packet(packet)))
            case track.channels.rtcp:
                for case .senderReport(let report) in (try? RTCPPacket.parseCompound(payload)) ?? [] {
                    deliveries.append(Delivery(track: index, content: .report(report)))
                }
            default: continue
            }
        }
    }

    private func perform(_ action: PlaySession.Action, until deadline: MonotonicInstant) throws(MediaError) {
        switch action {
        case .send(let bytes): try stream.write(bytes, until: deadline)
        case .play: isPlaying = true
        case .fail(let error): throw mediaError(error)
        case .nothing: break
        }
    }

    private func mediaError(_ error: PlayError) -> MediaError {
        switch error {
        case .unauthorized:
            MediaError(
                kind: .unauthorized, operation: "open input", subject: url.description, reason: "401 Unauthorized")
        // Only what is asked for the address that the user gave says something about it; what is asked later depends on
        // how the description is understood, and libav may understand it otherwise.
        case .refused(.describe, let status) where status.code == RTSPStatus.forbidden.code:
            MediaError(
                kind: .unauthorized, operation: "open input", subject: url.description, reason: status.description)
        case .refused(.describe, let status) where status.code == RTSPStatus.notFound.code:
            MediaError(kind: .notFound, operation: "open input", subject: url.description, reason: status.description)
        case .refused(let method, let status): unsupported("\(method): \(status)")
        case .unsupported(let reason): unsupported(reason)
        }
    }

    /// The camera has to be read otherwise.
    func unsupported(_ reason: String) -> MediaError {
        MediaError(kind: .unsupported, operation: "open input", subject: url.description, reason: reason)
    }
}
