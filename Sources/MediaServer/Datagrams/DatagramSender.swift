import CDatagrams
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The way out of a UDP socket that many viewers share, beside the channel that reads it.
///
/// A channel of NIO closes when one peer can't be sent to: its network is gone, or a firewall forbids it. Here such packets are
/// lost, as packets are, and nobody else notices. What the system has no room for stays with the viewer that it is for, so that
/// none takes the room of the others.
final class DatagramSender: Sendable {
    private let descriptor: CInt

    /// - Parameter descriptor: of the socket, which the sender closes at its end.
    init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { toposync_close(descriptor) }

    /// Sends packets.
    ///
    /// - Returns: the bytes of the packets that are done with: sent, or lost because nothing could ever be sent there. The system
    ///   has no room for the others now.
    func send(_ run: DatagramRun, to peer: DatagramPeer) -> Int {
        // Of one packet, what is known of the way is neither read nor changed: that may come from another event loop.
        guard run.packetCount > 1, peer.takesRuns else { return done(give(run, to: peer, asOne: false), of: run) }
        let result = give(run, to: peer, asOne: true)
        switch CInt(clamping: -result) {
        // EIO: the interface makes no checksums, which Linux before 6.11 asks for: Wi-Fi, tunnels. EINVAL and EMSGSIZE: the packets
        // are too long for it.
        case EIO, EINVAL, EMSGSIZE:
            peer.takesRuns = false
            return done(give(run, to: peer, asOne: false), of: run)
        default: return done(result, of: run)
        }
    }

    private func give(_ run: DatagramRun, to peer: DatagramPeer, asOne: Bool) -> Int {
        unsafe run.bytes.withUnsafeReadableBytes { bytes in
            unsafe peer.address.withSockAddr { address, size in
                unsafe toposync_send_datagrams(
                    descriptor, address, socklen_t(size), bytes.baseAddress, bytes.count,
                    UInt16(clamping: run.packetSize), run.stride, asOne)
            }
        }
    }

    private func done(_ result: Int, of run: DatagramRun) -> Int {
        guard result < 0 else { return result }
        switch CInt(clamping: -result) {
        case EAGAIN, EWOULDBLOCK, ENOBUFS, ENOMEM: return 0
        default: return run.byteCount
        }
    }
}

/// Where datagrams go, and what is known of the way. It belongs to one event loop.
final class DatagramPeer {
    let address: SocketAddress
    /// Whether many packets of one size are taken at once.
    fileprivate(set) var takesRuns: Bool

    /// - Parameter takesRuns: as far as one knows.
    init(_ address: SocketAddress, takesRuns: Bool = System.supportsUDPSegmentationOffload) {
        self.address = address
        self.takesRuns = takesRuns
    }
}
