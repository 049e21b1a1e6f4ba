import NIOCore
import NIOPosix
import StreamProtocols
import Synchronization

/// A server that takes a published stream, as much of RTSP as that needs: what the publisher is tested against.
final class FakeEngine: Sendable {
    enum Event: Sendable {
        case request(RTSPRequest)
        /// A picture, of the first track.
        case unit(Sample)
        /// A frame of one behind it.
        case sound(Sample, track: Int)
        case senderReport(RTCPSenderReport, track: Int)
        case disconnected
    }

    enum Access: Sendable {
        case open
        case basic(BasicCredentials)
        case digest(BasicCredentials, DigestAlgorithm)
    }

    struct Options: Sendable {
        var access = Access.open
        /// What RECORD is answered with.
        var recordStatus = RTSPStatus.ok
        /// Stops reading once the stream is being recorded.
        var stalls = false
    }

    let port: Int
    let events: AsyncStream<Event>
    private let channel: any Channel
    private let stallSwitch: StallSwitch

    static func start(_ options: Options = Options(), port: Int = 0) async throws -> FakeEngine {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let stallSwitch = StallSwitch()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_rcvbuf), value: 32 << 10)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    stallSwitch.add(channel)
                    try channel.pipeline.syncOperations.addHandler(FakeEngineHandler(options, continuation))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return FakeEngine(channel: channel, events: events, stallSwitch: stallSwitch)
    }

    private init(channel: any Channel, events: AsyncStream<Event>, stallSwitch: StallSwitch) {
        self.channel = channel
        self.events = events
        self.stallSwitch = stallSwitch
        port = channel.localAddress?.port ?? 0
    }

    /// Reads again after it stalled.
    func resume() { stallSwitch.resume() }

    /// Says something to all publishers over a channel of their connections.
    func say(_ payload: [UInt8], channel: UInt8) {
        stallSwitch.write([0x24, channel, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload)
    }

    /// Dies: breaks all connections, and refuses new ones.
    func kill() async throws {
        try await channel.close()
        stallSwitch.closeAll()
    }

    /// The next event that fits. Tests have a time limit, so this does not need one.
    func first<T>(_ extract: (Event) -> T?) async -> T? {
        for await event in events {
            if let value = extract(event) { return value }
        }
        return nil
    }

    func nextUnit() async -> Sample? {
        await first { if case .unit(let unit) = $0 { unit } else { nil } }
    }
}

/// The open connections of a fake engine.
private final class StallSwitch: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func add(_ channel: any Channel) { channels.withLock { $0.append(channel) } }

    func resume() {
        for channel in channels.withLock({ $0 }) {
            channel.setOption(.autoRead, value: true).whenSuccess { channel.read() }
        }
    }

    func write(_ bytes: [UInt8]) {
        for channel in channels.withLock({ $0 }) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    }

    func closeAll() {
        for channel in channels.withLock({ $0 }) { channel.close(promise: nil) }
    }
}

private final class FakeEngineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let options: FakeEngine.Options
    private let events: AsyncStream<FakeEngine.Event>.Continuation
    private var decoder = RTSPDecoder()
    private var depacketizers: [any RTPDepacketizer] = []
    /// The first channel of each track.
    private var channels: [UInt8] = []
    private let nonce = String(UInt64.random(in: .min ... .max), radix: 16)

    init(_ options: FakeEngine.Options, _ events: AsyncStream<FakeEngine.Event>.Continuation) {
        self.options = options
        self.events = events
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data).readableBytesView)
        while let message = try? decoder.next() {
            switch message {
            case .request(let request): answer(request, context)
            case .interleaved(let channel, let payload): take(payload, channel: channel)
            case .response: break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { events.yield(.disconnected) }

    private func take(_ payload: [UInt8], channel: UInt8) {
        guard let track = channels.firstIndex(of: channel & ~1), depacketizers.indices.contains(track) else { return }
        guard channel % 2 == 0 else {
            for case .senderReport(let report) in (try? RTCPPacket.parseCompound(payload)) ?? [] {
                events.yield(.senderReport(report, track: track))
            }
            return
        }
        guard let packet = try? RTPPacket(parsing: payload) else { return }
        for sample in (try? depacketizers[track].depacketize(packet)) ?? [] {
            events.yield(track == 0 ? .unit(sample) : .sound(sample, track: track))
        }
    }

    private func answer(_ request: RTSPRequest, _ context: ChannelHandlerContext) {
        events.yield(.request(request))
        var response = RTSPResponse(status: .ok)
        response.headers["CSeq"] = request.headers["CSeq"]
        if !isAllowed(request) {
            response.status = .unauthorized
            for challenge in challenges { response.headers.add("WWW-Authenticate", challenge) }
        } else {
            switch request.method {
            case .options:
                response.headers["Public"] = "OPTIONS, ANNOUNCE, SETUP, RECORD, TEARDOWN, GET_PARAMETER"
            case .announce:
                channels = []
                let media = (try? SessionDescription(parsing: request.body))?.media ?? []
                depacketizers = media.compactMap { try? RTPFormat(media: $0) }.map { $0.makeDepacketizer() }
                if depacketizers.isEmpty || depacketizers.count < media.count { response.status = .badRequest }
            case .setup:
                let transport = request.headers["Transport"]
                response.headers["Transport"] = transport
                let pair = transport.flatMap { try? RTSPTransport.parse($0).first?.interleaved }
                pair.map { channels.append($0.rtp) }
                response.headers["Session"] = "12345678;timeout=60"
            case .record:
                response.status = options.recordStatus
                if options.stalls { context.channel.setOption(.autoRead, value: false).whenComplete { _ in } }
            default: break
            }
        }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: response.serialized())), promise: nil)
    }

    private var challenges: [String] {
        switch options.access {
        case .open: []
        case .basic: [BasicCredentials.challenge(realm: "test")]
        case .digest(_, let algorithm):
            [
                BasicCredentials.challenge(realm: "test"),
                DigestChallenge(realm: "test", nonce: nonce, algorithm: algorithm).header,
            ]
        }
    }

    private func isAllowed(_ request: RTSPRequest) -> Bool {
        let given = request.headers["Authorization"].flatMap { try? HTTPCredentials(parsing: $0) }
        switch (options.access, given) {
        case (.open, _): return true
        case (.basic(let wanted), .basic(let credentials)): return credentials == wanted
        case (.digest(let wanted, _), .digest(let response)):
            return response.nonce == nonce && response.user == wanted.user && response.uri == request.uri
                && response.verify(password: wanted.password, method: request.method.rawValue)
        default: return false
        }
    }
}
