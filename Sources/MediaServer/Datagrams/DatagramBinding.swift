import NIOCore
import NIOPosix

/// Opens the engine's UDP sockets.
enum DatagramBinding {
    /// Bytes of the longest packet that is taken: a longer one does not go over any usual network in one piece.
    static let packetLimit = 2047
    /// Packets that are read by one system call.
    static let packetsPerRead = 16
    /// A new group of pictures for many UDP viewers at once.
    private static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 20, high: 4 << 20)
    /// Bytes that the system keeps until they are read: a keyframe of a UDP publisher, as far as the system allows it.
    private static let readBuffer: SocketOptionValue = 1 << 20

    /// - Parameters:
    ///   - text: where, as the configuration has it.
    ///   - key: the setting that says so.
    /// - Throws: ``MediaServerError``
    static func bind(_ text: String, key: String, on eventLoop: any EventLoop) async throws -> any Channel {
        let address = try ListenAddress(text, key: key)
        do {
            return try await DatagramBootstrap(group: eventLoop)
                .channelOption(.writeBufferWaterMark, value: writeBuffer)
                .channelOption(.socketOption(.so_rcvbuf), value: readBuffer)
                .channelOption(.datagramVectorReadMessageCount, value: packetsPerRead)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(capacity: packetsPerRead * (packetLimit + 1))
                )
                .bind(host: address.bindHost, port: address.port).get()
        } catch {
            throw MediaServerError(error, key: key, address: address)
        }
    }
}
