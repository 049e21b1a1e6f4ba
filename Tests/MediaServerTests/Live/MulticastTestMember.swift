import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import MediaServer

/// A member of a multicast group on the loopback interface, which hears one of its ports.
final class MulticastTestMember: Sendable {
    private let channel: any Channel
    private let packets: AsyncStream<[UInt8]>

    /// - Parameter group: an IPv4 address.
    init(_ group: String, port: UInt16) async throws {
        let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        packets = received
        channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Others hear the same port.
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        DatagramReceiver { buffer, _ in continuation.yield([UInt8](buffer.readableBytesView)) })
                }
            }
            .bind(host: group, port: Int(port)).get()
        // NIO's own way asks the interface whether it does multicast; that of loopback says no, and does.
        var membership = ip_mreq()
        unsafe inet_pton(AF_INET, group, &membership.imr_multiaddr)
        unsafe inet_pton(AF_INET, "127.0.0.1", &membership.imr_interface)
        let options = try #require(channel as? any SocketOptionProvider)
        try await options.unsafeSetSocketOption(level: .ip, name: .ip_add_membership, value: membership).get()
    }

    /// The next packet that is sent to the group.
    func packet() async throws -> [UInt8] {
        for await bytes in packets { return bytes }
        throw CancellationError()
    }

    func close() async throws { try await channel.close() }
}
