import ConnectionLimits
import NIOCore
import StreamModel
import StreamProtocols

/// The engine's UDP port for WebRTC, which all sessions share: tells by each datagram's first bytes and its sender whose it is.
///
/// Confined to the engine's event loop.
final class WebRTCPort {
    private let socket: DatagramSocket
    private let directory: WebRTCDirectory
    private var transports: [TransportAddress: WebRTCTransport] = [:]

    init(_ socket: DatagramSocket, _ directory: WebRTCDirectory) {
        self.socket = socket
        self.directory = directory
    }

    /// Begins to hear what clients send.
    func startListening() throws {
        try socket.startListening { [weak self] in self?.received($0, from: $1) }
    }

    var number: Int { socket.port }

    /// The way out, for any event loop.
    var sender: DatagramSender { socket.sender }

    /// From now on, what comes from the address is the session's.
    func assign(_ address: TransportAddress, to transport: WebRTCTransport) { transports[address] = transport }

    func release(_ address: TransportAddress, of transport: WebRTCTransport) {
        // Another session may have proven since that it is there now.
        if transports[address] === transport { transports[address] = nil }
    }

    private func received(_ datagram: ByteBuffer, from remote: SocketAddress) {
        guard let source = TransportAddress(remote) else { return }
        let bytes = Array(datagram.readableBytesView)[...]
        switch WebRTCDatagram(bytes) {
        case .stun:
            directory.take(
                check: bytes, from: source, by: WebRTCDatagramRoute(self, source: source, remote: remote),
                of: transports[source])
        case .dtls: transports[source]?.receive(dtls: bytes)
        case .rtcp: transports[source]?.receive(control: bytes, from: source)
        case .rtp: transports[source]?.receive(media: bytes)
        case .other: break
        }
    }

    func close() {
        transports = [:]
        socket.close()
    }
}

/// Which session a check is for, by what it says.
final class WebRTCDirectory {
    private var transports: [String: WebRTCTransport] = [:]

    func add(_ transport: WebRTCTransport) { transports[transport.usernameFragment] = transport }

    func remove(_ transport: WebRTCTransport) { transports[transport.usernameFragment] = nil }

    /// Takes a message of STUN.
    ///
    /// - Parameter known: whose the address is so far.
    func take(
        check bytes: ArraySlice<UInt8>, from source: TransportAddress, by route: some WebRTCRoute,
        of known: WebRTCTransport?
    ) {
        guard let message = try? STUNMessage(parsing: bytes) else { return }
        // A client may use its port again for another session, so what the check says goes first.
        let transport = message.recipientUsernameFragment.map { transports[$0] } ?? known
        transport?.receive(message, from: source, by: route)
    }
}

extension TransportAddress {
    /// nil for a Unix domain socket.
    init?(_ address: SocketAddress?) {
        guard let ip = IPAddress(address), let port = address?.port else { return nil }
        self.init(ip, port: UInt16(clamping: port))
    }
}
