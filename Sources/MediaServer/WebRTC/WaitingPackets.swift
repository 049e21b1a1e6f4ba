import DequeModule
import StreamProtocols

/// What waits to be sent to one viewer. They are the packets that all viewers share, and are made this viewer's own when their
/// turn comes: what waits takes no memory for each viewer, a keyframe or a group of pictures at the beginning.
struct WaitingPackets {
    /// Packets of one track that follow each other.
    struct Run {
        let track: Int
        /// Added to their timestamps, modulo 2³².
        let shift: UInt32
        fileprivate(set) var packets: ArraySlice<RTPPacket>
    }

    /// By so much at most a packet is longer when it is sent: header extensions (RFC 8285 §4.2, with a `mid` of 16 bytes and a
    /// number), and the tag of SRTP.
    static let overhead = 24 + 16

    private var queue: Deque<Run> = []
    /// Without what is added when they are sent.
    private(set) var byteCount = 0

    var isEmpty: Bool { queue.isEmpty }

    mutating func append(_ packets: [RTPPacket], byteCount: Int, track: Int, shift: UInt32 = 0) {
        guard !packets.isEmpty else { return }
        queue.append(Run(track: track, shift: shift, packets: packets[...]))
        self.byteCount += byteCount
    }

    /// Takes the next packets of one picture, until they have so many bytes as they are sent; the last of them may exceed it.
    mutating func next(_ limit: Int) -> Run? {
        guard var run = queue.first else { return nil }
        var end = run.packets.startIndex
        var (taken, sent) = (0, 0)
        repeat {
            taken += run.packets[end].byteCount
            sent += run.packets[end].byteCount + Self.overhead
            end += 1
        } while end < run.packets.endIndex && sent < limit
        byteCount -= taken
        if end == run.packets.endIndex { queue.removeFirst() } else { queue[0].packets = run.packets[end...] }
        run.packets = run.packets[..<end]
        return run
    }

    mutating func removeAll() {
        queue = []
        byteCount = 0
    }
}
