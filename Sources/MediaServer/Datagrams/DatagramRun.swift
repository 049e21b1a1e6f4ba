import NIOCore

/// Packets for one peer that lie in one piece of memory, all of one size but the last, which may be shorter: the system takes them
/// at once and cuts them apart (``DatagramSender``).
struct DatagramRun: Equatable {
    /// What fits into one IP packet of 65 535 bytes with its headers.
    static let byteLimit = 60 << 10
    /// What Linux takes at once (`UDP_MAX_SEGMENTS`).
    static let packetLimit = 64

    /// The packets, and what lies between them.
    private(set) var bytes: ByteBuffer
    let packetSize: Int
    /// Bytes between a packet and the next one that are not sent.
    private let gap: Int

    /// One packet.
    init(_ packet: ByteBuffer) { self.init(packet, packetSize: packet.readableBytes, gap: 0) }

    private init(_ bytes: ByteBuffer, packetSize: Int, gap: Int) {
        self.bytes = bytes
        self.packetSize = packetSize
        self.gap = gap
    }

    /// Bytes from the beginning of a packet to that of the next one.
    var stride: Int { packetSize + gap }

    var packetCount: Int { packetSize > 0 ? (bytes.readableBytes + stride - 1) / stride : 0 }

    /// Of the packets.
    var byteCount: Int { bytes.readableBytes - max(packetCount - 1, 0) * gap }

    /// The packets one by one, without copying.
    var packets: [ByteBuffer] {
        var rest = bytes
        return (0..<packetCount).compactMap { _ in
            defer { rest.moveReaderIndex(forwardBy: min(gap, rest.readableBytes)) }
            return rest.readSlice(length: min(packetSize, rest.readableBytes))
        }
    }

    /// Takes packets from the beginning until they have `byteCount` bytes; the last of them may exceed it.
    func prefix(_ byteCount: Int) -> DatagramRun {
        guard byteCount < self.byteCount, packetSize > 0 else { return self }
        let length = max((byteCount + packetSize - 1) / packetSize * stride - gap, 0)
        guard let bytes = bytes.getSlice(at: bytes.readerIndex, length: min(length, bytes.readableBytes)) else {
            return self
        }
        return DatagramRun(bytes, packetSize: packetSize, gap: gap)
    }

    /// Takes bytes of whole packets away from the beginning.
    mutating func removeFirst(_ byteCount: Int) {
        let length = byteCount < self.byteCount ? byteCount / packetSize * stride : bytes.readableBytes
        bytes.moveReaderIndex(forwardBy: length)
    }

    /// As few runs as can be made of packets that lie one behind the other.
    ///
    /// - Parameter gap: bytes between a packet and the next one that are not sent.
    static func runs(of packets: ByteBuffer, sizes: [Int], gap: Int = 0) -> [DatagramRun] {
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
            guard let bytes = rest.readSlice(length: byteCount + (count - 1) * gap) else { break }
            rest.moveReaderIndex(forwardBy: min(gap, rest.readableBytes))
            runs.append(DatagramRun(bytes, packetSize: size, gap: gap))
        }
        return runs
    }
}
