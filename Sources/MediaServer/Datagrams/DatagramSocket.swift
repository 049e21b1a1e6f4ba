import NIOCore

/// A UDP socket that many clients share: a channel that reads it, and beside that the way out, which no client closes.
struct DatagramSocket: Sendable {
    let channel: any Channel
    let sender: DatagramSender

    /// The number of its port.
    var port: Int { channel.localAddress?.port ?? 0 }

    /// Begins to hear what clients send. What is longer than ``DatagramBinding/packetLimit`` is not taken.
    func startListening(_ receive: @escaping (ByteBuffer, SocketAddress) -> Void) throws {
        try channel.pipeline.syncOperations.addHandler(DatagramReceiver(receive))
    }

    /// Sends packets.
    ///
    /// - Returns: the bytes of those that are done with; for the others the system has no room now.
    func send(_ run: DatagramRun, to peer: DatagramPeer) -> Int { sender.send(run, to: peer) }

    func close() { channel.close(promise: nil) }
}
