import NIOCore
import NIOPosix
import StreamProtocols

/// An RTSP client that does exactly what a test says.
final class RTSPTestClient: Sendable {
    private let channel: any Channel
    private let messages: AsyncStream<RTSPMessage>

    struct Closed: Error {}

    init(port: Int) async throws {
        let (messages, continuation) = AsyncStream.makeStream(of: RTSPMessage.self)
        self.messages = messages
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var decoder = RTSPDecoder()
        private let continuation: AsyncStream<RTSPMessage>.Continuation

        init(_ continuation: AsyncStream<RTSPMessage>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            decoder.append(unwrapInboundIn(data).readableBytesView)
            while let message = try? decoder.next() { continuation.yield(message) }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func send(_ bytes: some Sequence<UInt8>) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// The next message; throws when the server has closed.
    func next() async throws -> RTSPMessage {
        for await message in messages { return message }
        throw Closed()
    }

    /// The next response; media before it is skipped.
    func response() async throws -> RTSPResponse {
        while true {
            if case .response(let response) = try await next() { return response }
        }
    }

    /// The next RTP packet of channel 0.
    func packet() async throws -> RTPPacket {
        while true {
            if case .interleaved(0, let payload) = try await next() { return try RTPPacket(parsing: payload) }
        }
    }

    /// The server has closed the connection.
    func waitUntilClosed() async throws { try await channel.closeFuture.get() }

    func close() async throws { try? await channel.close() }

    func request(
        _ method: RTSPMethod, _ uri: String, _ headers: [String: String] = [:], body: String = ""
    ) async throws -> RTSPResponse {
        var fields: RTSPHeaders = ["CSeq": "1"]
        for (name, value) in headers { fields[name] = value }
        try await send(RTSPRequest(method: method, uri: uri, headers: fields, body: Array(body.utf8)).serialized())
        return try await response()
    }

    /// DESCRIBE, SETUP by TCP, PLAY.
    ///
    /// - Returns: the answer to PLAY, or the first that is not 200.
    @discardableResult
    func play(_ url: String, authorization: String? = nil) async throws -> RTSPResponse {
        let headers = authorization.map { ["Authorization": $0] } ?? [:]
        let description = try await request(.describe, url, headers)
        guard description.status.isSuccess else { return description }
        let setUp = try await request(
            .setup, url + "/trackID=0", headers.merging(["Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"]) { $1 })
        guard setUp.status.isSuccess else { return setUp }
        return try await request(.play, url, headers)
    }

    /// ANNOUNCE, SETUP, RECORD.
    @discardableResult
    func publish(
        _ url: String, _ codec: VideoCodec = .h264, authorization: String? = nil,
        transport: String = "RTP/AVP/TCP;unicast;interleaved=0-1;mode=record"
    ) async throws -> RTSPResponse {
        var headers = authorization.map { ["Authorization": $0] } ?? [:]
        let parameters = codec == .h264 ? "a=fmtp:96 packetization-mode=1\r\n" : ""
        let description = """
            v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r
            a=rtpmap:96 \(codec.rawValue)/90000\r\n\(parameters)a=control:streamid=0\r\n
            """
        let announced = try await request(
            .announce, url, headers.merging(["Content-Type": "application/sdp"]) { $1 }, body: description)
        guard announced.status.isSuccess else { return announced }
        headers["Transport"] = transport
        let setUp = try await request(.setup, url + "/streamid=0", headers)
        guard setUp.status.isSuccess else { return setUp }
        return try await request(.record, url)
    }
}

/// Access units as a publisher sends them.
struct TestPictures {
    private let codec: VideoCodec
    private var packetizer: any RTPPacketizer
    private var time: Int64 = 0
    private(set) var count = 0
    var ssrc: UInt32 { packetizer.numbering.ssrc }
    var keyframeDistance = 10
    var byteCount = 4000
    /// Whether every second picture but the keyframes is sent after the one that is shown after it.
    var hasBFrames = false

    init(_ codec: VideoCodec = .h264) {
        self.codec = codec
        switch codec {
        case .h264: packetizer = H264Packetizer()
        case .h265: packetizer = H265Packetizer()
        }
    }

    // ffmpeg's testsrc2 of 16×16 pixels through libx264, baseline.
    private static let sps: [UInt8] = [
        0x67, 0x42, 0xC0, 0x0A, 0xDD, 0xEC, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x03, 0x00, 0xA3,
        0xC4, 0x89,
        0xE0,
    ]
    private static let pps: [UInt8] = [0x68, 0xCE, 0x0F, 0xC8]

    /// Parameter sets of libx265 3.5 (1280×720, `-tune zerolatency`): Main, level 3.1.
    static let h265 = H265ParameterSets(
        vps: [
            0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00,
            0x03, 0x00, 0x5D, 0xBA, 0x02, 0x40,
        ],
        sps: [
            0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x5D,
            0xA0, 0x02, 0x80, 0x80, 0x2D, 0x16, 0x5B, 0xA4, 0xA4, 0xC2, 0xF0, 0x16, 0x80, 0x80, 0x00, 0x00, 0x03, 0x00,
            0x80, 0x00, 0x00, 0x0C, 0x84,
        ],
        pps: [0x44, 0x01, 0xC0, 0x71, 0x83, 0x12])

    /// What comes before a keyframe.
    private var parameterSets: [[UInt8]] {
        switch codec {
        case .h264: [Self.sps, Self.pps]
        case .h265: Self.h265.nalUnits
        }
    }

    /// What a slice begins with: its NAL unit's header, and that it is the first of its picture.
    private func sliceHeader(isKey: Bool) -> [UInt8] {
        switch codec {
        case .h264: [isKey ? 0x65 : 0x41, 0x80]
        // ITU-T H.265 table 7-1: IDR_W_RADL, TRAIL_R.
        case .h265: [isKey ? 0x26 : 0x02, 0x01, 0x80]
        }
    }

    /// The next picture, framed for channel 0.
    mutating func next() -> [UInt8] {
        let isKey = count % keyframeDistance == 0
        var nalUnits = isKey ? parameterSets.map { $0[...] } : []
        nalUnits.append((sliceHeader(isKey: isKey) + [UInt8](repeating: 0x55, count: byteCount))[...])
        count += 1
        time += 3600
        let place = (count - 1) % keyframeDistance
        let delay = !hasBFrames || place == 0 ? 0 : place % 2 == 1 ? 3600 : -3600
        let sample = Sample(nalUnits: nalUnits, presentationTime: time + Int64(delay), isRandomAccess: isKey)
        var bytes: [UInt8] = []
        for packet in packetizer.packetize(sample) {
            packet.appendInterleaved(channel: 0, to: &bytes)
        }
        return bytes
    }
}
