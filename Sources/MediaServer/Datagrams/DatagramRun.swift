import NIOCore

/// Packets for one peer that lie one behind the other, all of one size but the last, which may be shorter: the system takes them
/// at once and cuts them apart (``DatagramSender``).
struct DatagramRun: Equatable {
    /// What fits into one IP packet of 65 535 bytes with its headers.
    static let byteLimit = 60 << 10
    /// What Linux takes at once (`UDP_MAX_SEGMENTS`).
    static let packetLimit = 64

    private(set) var bytes: ByteBuffer
    let packetSize: Int

    /// One packet.
    init(_ packet: ByteBuffer) { self.init(packet, packetSize: packet.readableBytes) }

    private init(_ bytes: ByteBuffer, packetSize: Int) {
        self.bytes = bytes
        self.packetSize = packetSize
    }

    var byteCount: Int { bytes.readableBytes }

    var packetCount: Int { packetSize > 0 ? (byteCount + packetSize - 1) / packetSize : 0 }

    /// The packets one by one, without copying.
    var packets: [ByteBuffer] {
        var rest = bytes
        return (0..<packetCount).compactMap { _ in rest.readSlice(length: min(packetSize, rest.readableBytes)) }
    }

    /// Takes packets from the beginning until they have `byteCount` bytes; the last of them may exceed it.
    func prefix(_ byteCount: Int) -> DatagramRun {
        guard byteCount < self.byteCount, packetSize > 0 else { return self }
        let count = (byteCount + packetSize - 1) / packetSize * packetSize
        guard let bytes = bytes.getSlice(at: bytes.readerIndex, length: min(count, self.byteCount)) else { return self }
        return DatagramRun(bytes, packetSize: packetSize)
    }

    /// Takes bytes of whole packets away from the beginning.
    mutating func removeFirst(_ byteCount: Int) { bytes.moveReaderIndex(forwardBy: min(byteCount, self.byteCount)) }

    /// As few runs as can be made of packets that lie one behind the other.
    static func runs(of packets: ByteBuffer, sizes: [Int]) -> [DatagramRun] {
        var rest = packets
        var runs: [DatagramRun] = []
        var next = sizes[...]
        while let size = next.popFirst() {
            var count = 1
            var byteCount = size
            var last = size
            // A shorter one can only be the last.
            while let following = next.first, last == size, following <= size, count < packetLimit,
                byteCount + following <= byteLimit
            {
                next.removeFirst()
                count += 1
                byteCount += following
                last = following
            }
            guard let bytes = rest.readSlice(length: byteCount) else { break }
            runs.append(DatagramRun(bytes, packetSize: size))
        }
        return runs
    }
}
