import CDatagrams
import NIOCore
import NIOPosix

/// Opens the engine's UDP sockets.
enum DatagramBinding {
    /// Bytes of the longest packet that is taken: a longer one does not go over any usual network in one piece.
    static let packetLimit = 2047
    /// Packets that are read by one system call.
    static let packetsPerRead = 16
    /// Bytes that the system keeps until they are read: a keyframe of a UDP publisher, as far as the system allows it.
    private static let readBuffer: SocketOptionValue = 1 << 20
    /// Bytes that the system keeps until they are on their way: one picture for many viewers, as far as the system allows it.
    private static let sendBuffer: SocketOptionValue = 4 << 20

    /// - Parameters:
    ///   - text: where, as the configuration has it.
    ///   - key: the setting that says so.
    /// - Throws: ``MediaServerError``
    static func open(_ text: String, key: String, on eventLoop: any EventLoop) async throws -> DatagramSocket {
        let address = try ListenAddress(text, key: key)
        do {
            let local = try SocketAddress.makeAddressResolvingHost(address.bindHost, port: address.port)
            let descriptor = try checked(
                unsafe local.withSockAddr { unsafe toposync_open_datagrams($0, socklen_t($1)) }, "bind")
            let sender: DatagramSender
            do {
                sender = DatagramSender(descriptor: try checked(toposync_duplicate(descriptor), "fcntl"))
            } catch {
                toposync_close(descriptor)
                throw error
            }
            // From here on the descriptor is NIO's.
            let channel = try await DatagramBootstrap(group: eventLoop)
                .channelOption(.socketOption(.so_rcvbuf), value: readBuffer)
                .channelOption(.socketOption(.so_sndbuf), value: sendBuffer)
                .channelOption(.datagramVectorReadMessageCount, value: packetsPerRead)
                .channelOption(
                    .recvAllocator,
                    value: FixedSizeRecvByteBufferAllocator(capacity: packetsPerRead * (packetLimit + 1))
                )
                .withBoundSocket(descriptor).get()
            return DatagramSocket(channel: channel, sender: sender)
        } catch {
            throw MediaServerError(error, key: key, address: address)
        }
    }

    /// - Parameter result: an error number when it is below zero.
    private static func checked(_ result: CInt, _ operation: String) throws(IOError) -> CInt {
        guard result >= 0 else { throw IOError(errnoCode: -result, reason: operation) }
        return result
    }
}
