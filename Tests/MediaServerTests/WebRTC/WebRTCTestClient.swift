import EngineContract
import Foundation
import NIOCore
import NIOPosix
import SecureRTP
import StreamProtocols
import TestSupport

@testable import MediaServer

extension EngineRig {
    func webRTCSessions() async throws -> [ControlAPI.WebRTCSession] {
        try await api("GET", "/v3/webrtcsessions/list").decoded(ControlAPI.Page<ControlAPI.WebRTCSession>.self).items
    }
}

/// A viewer by WHEP, or a publisher by WHIP, that does exactly what a test says, with a network of its own.
final class WebRTCTestClient {
    static let usernameFragment = "test"

    let dtls = DTLSTestClient()
    private(set) var location = ""
    private var socket: any Channel
    private let datagrams: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation
    private var iterator: AsyncStream<[UInt8]>.Iterator
    private let server: SocketAddress
    private let isByTCP: Bool
    private let publishes: Bool
    private let takesH265: Bool
    private var description = ""
    private var opening: SRTPPeer?
    private var sealing: SRTPPeer?
    private var reportCount: UInt32 = 0

    struct Failure: Error {
        var what: String
    }

    /// - Parameters:
    ///   - isByTCP: with the length before each datagram (RFC 4571).
    ///   - publishes: whether by WHIP.
    ///   - takesH265: beside H.264.
    init(
        _ rig: EngineRig, byTCP isByTCP: Bool = false, publishes: Bool = false, takesH265: Bool = false
    ) async throws {
        self.isByTCP = isByTCP
        self.publishes = publishes
        self.takesH265 = takesH265
        let (datagrams, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        self.datagrams = datagrams
        self.continuation = continuation
        iterator = datagrams.makeAsyncIterator()
        let port = isByTCP ? rig.ports.webRTCTCP : rig.ports.webRTCUDP
        server = try SocketAddress(ipAddress: "127.0.0.1", port: port ?? 0)
        guard !isByTCP else {
            socket = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Unframer(continuation))
                    }
                }
                .connect(to: server).get()
            return
        }
        socket = try await Self.bind(continuation)
    }

    private static func bind(_ continuation: AsyncStream<[UInt8]>.Continuation) async throws -> any Channel {
        try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramReceiver { buffer, _ in continuation.yield([UInt8](buffer.readableBytesView)) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// From now on it has another address, as by a router that has forgotten the former one.
    func changeAddress() async throws {
        let former = socket
        socket = try await Self.bind(continuation)
        try await former.close()
    }

    private final class Unframer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var pending = ByteBuffer()
        private let continuation: AsyncStream<[UInt8]>.Continuation

        init(_ continuation: AsyncStream<[UInt8]>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var read = unwrapInboundIn(data)
            pending.writeBuffer(&read)
            while let length = pending.getInteger(at: pending.readerIndex, as: UInt16.self),
                let slice = pending.getBytes(at: pending.readerIndex + 2, length: Int(length))
            {
                pending.moveReaderIndex(forwardBy: 2 + slice.count)
                continuation.yield(slice)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    }

    /// What a browser that takes or sends H.264 with retransmission would send.
    var offer: String {
        """
        v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r
        m=video 9 UDP/TLS/RTP/SAVPF 96 97\(takesH265 ? " 98" : "")\r
        c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:\(Self.usernameFragment)\r
        a=ice-pwd:0123456789abcdef012345\r
        a=fingerprint:\(DTLSFingerprint(sha256OfCertificate: dtls.certificate))\r\na=setup:actpass\r\na=mid:0\r
        a=\(publishes ? "sendonly" : "recvonly")\r\na=rtpmap:96 H264/90000\r
        a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r
        a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r
        \(publishes ? Self.numbers : "")\(takesH265 ? Self.h265Format : "")a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r

        """
    }

    /// When its packets came is told by their numbers.
    private static let numbers =
        "a=rtcp-fb:96 transport-cc\r\n"
        + "a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"

    private static let h265Format =
        "a=rtpmap:98 H265/90000\r\na=fmtp:98 level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST\r\n"

    /// Sends the offer.
    ///
    /// - Parameter headers: further ones.
    func offer(to path: String, _ rig: EngineRig, headers: [String] = []) async throws {
        let url = "http://127.0.0.1:\(rig.ports.webRTC ?? 0)/\(path)/\(publishes ? "whip" : "whep")"
        let arguments =
            ["-s", "-i", "-m", "10", "-H", "Content-Type: application/sdp"] + headers.flatMap { ["-H", $0] }
            + ["--data-binary", offer, url]
        let text = String(decoding: try await Program("curl", arguments).run().output, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 201") else { throw Failure(what: text) }
        description = text
        location = "/\(path)/" + (value(after: "location: ") ?? value(after: "Location: ") ?? "")
    }

    private func value(after prefix: String) -> String? {
        description.split(whereSeparator: \.isNewline).first { $0.hasPrefix(prefix) }.map {
            String($0.dropFirst(prefix.count))
        }
    }

    /// A check as a browser makes it.
    func check(password: String? = nil, isNominated: Bool = true) -> [UInt8] {
        STUNCheck(
            username: "\(value(after: "a=ice-ufrag:") ?? ""):\(Self.usernameFragment)",
            password: password ?? value(after: "a=ice-pwd:") ?? "", isNominated: isNominated
        ).serialized()
    }

    func send(_ datagram: [UInt8]) async throws {
        guard isByTCP else {
            try await socket.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: ByteBuffer(bytes: datagram)))
            return
        }
        var framed = ByteBuffer(integer: UInt16(datagram.count))
        framed.writeBytes(datagram)
        try await socket.writeAndFlush(framed)
    }

    func next() async throws -> [UInt8] {
        guard let datagram = await iterator.next() else { throw CancellationError() }
        return datagram
    }

    /// Checks, and agrees on keys.
    func connect() async throws {
        try await send(check())
        _ = try await next()
        var toServer = dtls.begin()
        while true {
            for datagram in toServer { try await send(datagram) }
            if dtls.isEstablished { break }
            toServer = dtls.receive([try await next()])
        }
        let material = dtls.keyingMaterial(byteCount: SRTPProfile.aeadAES128GCM.keyingMaterialByteCount)
        sealing = try SRTPPeer(.gcm, key: Array(material[0..<16]), salt: Array(material[32..<44]))
        opening = try SRTPPeer(.gcm, key: Array(material[16..<32]), salt: Array(material[44..<56]))
    }

    /// The next packet of media.
    func packet() async throws -> RTPPacket {
        while true {
            let datagram = try await next()
            guard WebRTCDatagram(datagram[...]) == .rtp else { continue }
            guard let packet = try opening?.open(datagram) else { throw Failure(what: "a packet is not authentic") }
            return try RTPPacket(parsing: packet)
        }
    }

    /// The next report of the server.
    func report() async throws -> [RTCPPacket] {
        while true {
            let packets = try report(in: try await next())
            if !packets.isEmpty { return packets }
        }
    }

    /// What a datagram reports; nothing when it is no report.
    func report(in datagram: [UInt8]) throws -> [RTCPPacket] {
        guard WebRTCDatagram(datagram[...]) == .rtcp else { return [] }
        guard let bytes = try opening?.openControl(datagram) else { throw Failure(what: "a report is not authentic") }
        return try RTCPPacket.parseCompound(bytes)
    }

    /// Sends a packet of media.
    func send(media packet: [UInt8]) async throws {
        guard let sealed = try sealing?.seal(packet) else { return }
        try await send(sealed)
    }

    func send(_ report: RTCPPacket) async throws {
        reportCount += 1
        guard let sealed = try sealing?.sealControl(RTCPPacket.serializeCompound([report]), index: reportCount) else {
            return
        }
        try await send(sealed)
    }
}
