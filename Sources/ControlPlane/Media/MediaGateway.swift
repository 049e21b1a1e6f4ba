import ConnectionLimits
import NIOCore
import NIOHTTP1
import StreamModel

/// Where a page watches an output, below this server's own root.
public struct PlaybackAddress: Hashable, Sendable {
    /// Relative to the folder that `api` is in, so that it holds behind every prefix and by every scheme.
    public var url: String
    /// The same in H.264, for a browser that could not play that; nil where there is none.
    public var h264URL: String?
    /// Until when they are good unless ``MediaGateway/renew(_:)`` is called.
    public var expiresInSeconds: Int

    public var json: JSONValue {
        [
            "playback_url": .string(url), "h264_playback_url": JSONValue(h264URL),
            "playback_expires_in_seconds": .integer(expiresInSeconds),
        ]
    }
}

/// What a player sends to be passed on to an engine.
public struct MediaRequest: Sendable {
    /// By lower-case names.
    public var headers: [String: String]
    public var query: [String: String]
    public var body: ByteBuffer?
    /// The host that the player used for us.
    public var host: String?
    /// The address that it comes from, without port.
    public var address: String?

    public init(
        headers: [String: String] = [:], query: [String: String] = [:], body: ByteBuffer? = nil, host: String? = nil,
        address: String? = nil
    ) {
        self.host = host
        self.address = address
        self.headers = headers
        self.query = query
        self.body = body
    }
}

/// What a player and an engine tell each other to set up WebRTC (draft-ietf-wish-whep).
public enum MediaSignal: Sendable {
    /// Which ICE servers there are.
    case options
    case offer
    /// Candidates that were found later (RFC 8840).
    case fragment
    case goodbye

    fileprivate var method: HTTPMethod {
        switch self {
        case .options: .OPTIONS
        case .offer: .POST
        case .fragment: .PATCH
        case .goodbye: .DELETE
        }
    }

    /// Bytes of a message at most.
    public static let sizeLimit = EngineMedia.signalLimit
}

/// Streams under this server's own origin, for whoever has an address with a token: HLS, and the signalling of WebRTC.
///
/// Every method refuses a token that is not ours, is over, or is about an output that is not as it was, with a 403.
public struct MediaGateway: Sendable {
    let engine: EngineMedia
    private let access: MediaAccess
    private let viewers: MediaViewers
    private let relays: MediaRelays
    private let offers = WebRTCOffers()
    private let openings: StreamOpenings
    /// Whether WebRTC's media may be found at the address that a page was opened by.
    private let offersPageAddress: @Sendable (EngineSettings) -> Bool

    private static let shortHold: Duration = .seconds(1)
    /// Longer than the engine takes to say that a stream does not start.
    private static let longestHold: Duration = .seconds(25)

    init(
        store: ConfigurationStore, engine: EngineMedia, tokens: MediaTokens = MediaTokens(),
        openings: StreamOpenings = StreamOpenings(),
        offersPageAddress: @escaping @Sendable (EngineSettings) -> Bool = { _ in false },
        stillHolds: @escaping @Sendable (Identity.Origin) async -> Bool
    ) {
        self.offersPageAddress = offersPageAddress
        access = MediaAccess(store: store, tokens: tokens, stillHolds: stillHolds)
        viewers = MediaViewers()
        relays = MediaRelays(viewers: viewers, access: access)
        self.engine = engine
        self.openings = openings
    }

    /// A new address for one viewer of an output. Whoever has it may watch, for as long as the one whom it is given to is known;
    /// nil for what browsers don't play.
    func address(of output: ResolvedOutput, for holder: Identity.Origin) -> PlaybackAddress? {
        let file: String
        switch output.protocol {
        case .hls: file = MediaFileName.multivariantPlaylist.description
        case .webrtc: file = "whep"
        case .rtsp: return nil
        }
        func url(isH264: Bool) -> String {
            "api/media/\(access.tokens.token(for: output, holder: holder, isH264: isH264))/\(file)"
        }
        // MediaMTX has one path for all its viewers. Whether ours has anything there it knows itself: it is only asked for that where the output
        // was H.265.
        let hasH264 = engine.endpoint.kind == .builtin && output.h264Path != nil
        return PlaybackAddress(
            url: url(isH264: false), h264URL: hasH264 ? url(isH264: true) : nil,
            expiresInSeconds: Int(MediaToken.lifetime.components.seconds))
    }

    /// A playlist or a segment.
    ///
    /// The first one, `index.m3u8`, is held until a stream that starts has begun. Who prefers that (`Prefer: respond-async`,
    /// RFC 7240 §4.1) is answered 202 after a second, to ask again: browsers have six connections to a server, and a page of
    /// cold cameras would hold them all.
    ///
    /// - Throws: 404 for a name that can't be one, and for what the engine does not have; 429 for too many requests at
    ///   once; 502 when the engine is away.
    public func file(
        _ name: String, token text: String, _ request: MediaRequest
    ) async throws(ControlPlaneError) -> MediaAnswer {
        let (claim, output, now) = try await open(text)
        let token = claim.token
        guard let name = MediaFileName(name) else { throw .mediaGone("There is no such playlist or segment.") }
        let transfer = try viewers.enter(token, at: now)
        defer { withExtendedLifetime(transfer) {} }
        var query = MediaQuery(request.query)
        let isIndex = name == .multivariantPlaylist
        // The built-in engine takes a session by whatever name: so each viewer has one, and can't make more of them.
        if isIndex || engine.endpoint.kind == .builtin { query = query.with(session: token.viewer.description) }
        guard isIndex else {
            return try await engine.file(
                name, of: output.enginePath, query: query, headers: request.headers, transfer)
        }
        let isHeld = request.headers["prefer"]?.contains("respond-async") != true
        let playlist = try await openings.playlist(
            for: token.viewer, within: isHeld ? Self.longestHold : Self.shortHold
        ) { [engine, query] () throws(ControlPlaneError) in
            try await engine.multivariantPlaylist(of: output.enginePath, query: query)
        }
        guard let playlist else {
            return MediaAnswer(
                status: 202, headers: [("content-type", "application/json")],
                ByteBuffer(bytes: JSONValue.object(["detail": "The stream is starting. Ask again."]).data))
        }
        return MediaAnswer(
            status: 200, headers: [("content-type", "application/vnd.apple.mpegurl"), ("cache-control", "no-cache")],
            playlist)
    }

    /// An output as one MP4, which begins with the current group of pictures. It is held until a stream that starts has begun.
    ///
    /// - Parameter codecs: those that the player plays, as RFC 6381 names them, with commas between; nil for all.
    /// - Throws: as ``file(_:token:_:)``; 409 when the engine has no such stream, or the player none of its codecs.
    public func stream(
        token text: String, codecs: String?, userAgent: String? = nil
    ) async throws(ControlPlaneError) -> MediaStream {
        let (claim, output, now) = try await open(text)
        guard engine.endpoint.kind == .builtin else {
            throw .conflict(
                CodedMessage("no_mp4_stream", "The engine that runs has no stream for this way of playing; HLS has."))
        }
        let transfer = try viewers.enter(claim.token, at: now)
        func stream(of path: String) async throws(ControlPlaneError) -> MediaStream {
            try await engine.stream(
                of: path, codecs: codecs, session: claim.token.viewer.description, userAgent: userAgent, transfer)
        }
        do throws(ControlPlaneError) {
            return try await stream(of: output.enginePath)
        } catch {
            guard error == .noCodecForBrowser, let h264 = output.h264Path else { throw error }
            return try await stream(of: h264)
        }
    }

    /// Throws when a token is good no more.
    public func check(_ text: String) async throws(ControlPlaneError) {
        let (claim, _, now) = try await open(text)
        try viewers.check(claim.token, at: now)
    }

    /// Keeps a WebSocket, on which nothing is asked for again, no longer than its token is good.
    ///
    /// - Parameter end: ends it.
    /// - Returns: what has to be kept for as long as the WebSocket is there.
    public func hold(
        _ text: String, end: @escaping @Sendable () -> Void
    ) async throws(ControlPlaneError) -> MediaHold {
        let (claim, _, _) = try await open(text)
        let relay = MediaRelay(name: RandomToken.hex(byteCount: 16), end: end, isThere: { true })
        try await relays.begin(relay, of: claim)
        return MediaHold(relay.name, of: claim.token.viewer, in: viewers)
    }

    /// The output that the engine serves on a path, whichever transmission has it.
    func output(onPath path: String) -> ResolvedOutput? {
        access.store.current.transmissions.lazy.filter { $0.enabled && $0.hostServerID == ServerID.local }
            .flatMap(\.servedOutputs).first { $0.enginePath == path }
    }

    /// A new token for one viewer of an output, of whatever protocol, who is never told it: it is renewed here for as long as
    /// something is played with it.
    func hiddenToken(for output: ResolvedOutput, holder: Identity.Origin) -> String {
        access.tokens.token(for: output, holder: holder, isRenewedByPlayer: false)
    }

    /// The signalling of WebRTC: `POST` of an offer, and what its session's address takes.
    ///
    /// - Parameter session: the last part of the address that the answer to the offer named.
    /// - Throws: as ``file(_:token:_:)``; 400 for what the engine does not accept; 429 for too many offers of one address.
    public func signal(
        _ signal: MediaSignal, token text: String, session: String? = nil, _ request: MediaRequest
    ) async throws(ControlPlaneError) -> MediaAnswer {
        let (claim, output, now) = try await open(text)
        let viewer = claim.token.viewer
        if let session, !viewers.hasRelay(named: session, of: viewer) { throw .mediaGone("There is no such session.") }
        let transfer = try viewers.enter(claim.token, at: now)
        defer { withExtendedLifetime(transfer) {} }
        // Of a request with a made-up host, nobody else sees the answer.
        let isOffer = if case .offer = signal { true } else { false }
        if isOffer { try offers.enter(request.address.flatMap { IPAddress($0) }.map { ClientNetwork($0) }, at: now) }
        let usesPageAddress = isOffer && offersPageAddress(access.store.current.settings.engine)
        let answer = try await engine.signal(
            signal.method, of: output.enginePath, session: session, headers: request.headers, body: request.body,
            pageAddress: usesPageAddress ? AnswerCandidates.address(ofPage: request.host) : nil)
        if isOffer {
            // One without an address could not be ended.
            guard let session = EngineMedia.Session(of: answer, path: output.enginePath) else { throw .engineAway }
            let relay = MediaRelay(
                name: session.name, end: { [engine] in await engine.end(session) },
                isThere: { [engine] in await engine.has(session) })
            try await relays.begin(relay, of: claim)
        } else if let session, case .goodbye = signal {
            viewers.forget(relay: session, of: viewer)
        }
        return answer
    }

    /// The answer to an offer of WebRTC, of a player that has no use for the session's address.
    public func answer(
        toOffer description: String, token: String, userAgent: String? = nil, host: String? = nil,
        address: String? = nil
    ) async throws(ControlPlaneError) -> String {
        var headers = ["content-type": "application/sdp"]
        headers["user-agent"] = userAgent
        let answer = try await signal(
            .offer, token: token,
            MediaRequest(headers: headers, body: ByteBuffer(string: description), host: host, address: address))
        return answer.text
    }

    /// Lets a viewer go on watching.
    ///
    /// - Returns: for how many seconds the address is good now.
    public func renew(_ text: String) async throws(ControlPlaneError) -> Int {
        let (claim, _, now) = try await open(text)
        return Int((try viewers.renew(claim.token, at: now) - now).components.seconds)
    }

    /// An output or an account is not what it was: what was begun with it may have to end.
    func accessChanged() async { await relays.accessChanged() }

    /// Waits until what ``accessChanged()`` told of has been looked at.
    func settle() async { await relays.settle() }

    /// A viewer has left: HLS has no connection that would tell. Its address is good no more.
    func end(_ text: String) async throws(ControlPlaneError) {
        let (claim, _, now) = try await open(text)
        let token = claim.token
        try viewers.check(token, at: now)
        await relays.end(token)
        await openings.forget(token.viewer)
        // MediaMTX names sessions itself and notices by their silence.
        guard engine.endpoint.kind == .builtin, let client = engine.endpoint.client else { return }
        // It may be gone already, or the engine is.
        try? await client.endHLSSession(token.viewer.description)
    }

    /// How many requests are being answered.
    public var transferCount: Int { viewers.transferCount }

    /// What a token is about.
    private func open(
        _ text: String
    ) async throws(ControlPlaneError) -> (claim: MediaTokens.Claim, output: ResolvedOutput, now: Duration) {
        guard let claim = access.tokens.claim(in: text), let output = await access.output(of: claim) else {
            throw .mediaTokenIsOver
        }
        return (claim, output, access.now)
    }
}
