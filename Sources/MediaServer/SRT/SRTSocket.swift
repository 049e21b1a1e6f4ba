internal import CSRT
import StreamModel

/// libsrt, as long as somebody holds it: it has threads of its own, and counts its users.
final class SRTLibrary {
    init() throws(SRTFailure) {
        guard srt_startup() >= 0 else { throw SRTFailure.last }
        toposync_srt_silence()
    }

    deinit { srt_cleanup() }
}

/// Why libsrt has not done something.
struct SRTFailure: Error, Equatable, CustomStringConvertible {
    /// The system's number; 0 where it is not the system.
    var systemError: Int32
    var description: String

    /// The last one of this thread.
    static var last: SRTFailure {
        SRTFailure(
            systemError: toposync_srt_system_error(),
            description: unsafe srt_getlasterror_str().map { unsafe String(cString: $0) } ?? "an unknown error")
    }
}

/// A socket of libsrt with a caller at its other end, closed with its owner. Closing may take its time: that, and all else, is for the thread
/// of ``SRTListener`` alone.
final class SRTSocket {
    /// Bytes of a message at most: what fits into a datagram of Ethernet.
    static let messageLimit = 1500

    /// What the counters of transport packets tell of losses themselves: with three messages of seven packets they may have gone round.
    private static let smallGap: Int32 = 2

    let id: Int32
    private let library: SRTLibrary
    /// The number of the message that came last.
    private var lastSequence: Int32?

    /// What a look at it has brought.
    enum Received {
        /// - Parameter isAfterLoss: whether so many messages before it were lost that nobody else may notice.
        case message(byteCount: Int, isAfterLoss: Bool)
        case nothing
        /// The connection is over.
        case end
    }

    /// Takes over a socket.
    init(owning id: Int32, _ library: SRTLibrary) {
        self.id = id
        self.library = library
    }

    deinit { srt_close(id) }

    /// What the caller has said, and from where; nil when it is gone already.
    var call: SRTCall? {
        var text = [UInt8](repeating: 0, count: 513)
        guard unsafe toposync_srt_stream_id(id, &text) >= 0 else { return nil }
        return SRTCall(
            streamID: String(decoding: text.prefix { $0 != 0 }, as: UTF8.self),
            address: IPAddress(toposync_srt_peer(id)), isEncrypted: toposync_srt_is_encrypted(id))
    }

    /// Reads the next message.
    func receive(into buffer: inout [UInt8]) -> Received {
        var sequence: Int32 = 0
        let count = unsafe toposync_srt_receive(id, &buffer, Int32(buffer.count), &sequence)
        guard count != 0 else { return .nothing }
        guard count > 0 else { return .end }
        // Of 31 bits.
        let lost = lastSequence.map { (sequence &- $0 &- 1) & 0x7FFF_FFFF } ?? 0
        lastSequence = sequence
        return .message(byteCount: Int(count), isAfterLoss: lost > Self.smallGap)
    }
}

/// What a caller says before it is let in.
struct SRTCall: Sendable {
    var streamID: String
    var address: IPAddress?
    /// Whether what it sends is, with the passphrase that it was asked for; nothing is before its handshake has ended.
    var isEncrypted = false
}

extension IPAddress {
    /// Nil when it is not known.
    init?(_ address: toposync_srt_address) {
        guard address.is_known else { return nil }
        self.init(bits: UInt128(address.high) << 64 | UInt128(address.low))
    }
}

/// What waits for many sockets at once.
final class SRTPoll {
    /// Sockets that are told of at once; the others are told of the next time.
    private static let capacity = 64

    private let id: Int32
    private let library: SRTLibrary
    private var ready = [Int32](repeating: 0, count: SRTPoll.capacity)

    init(_ library: SRTLibrary) throws(SRTFailure) {
        id = srt_epoll_create()
        guard id >= 0 else { throw SRTFailure.last }
        self.library = library
    }

    deinit { srt_epoll_release(id) }

    /// - Parameter socket: watched until it is closed.
    func watch(_ socket: Int32) throws(SRTFailure) {
        guard toposync_srt_watch(id, socket) == 0 else { throw SRTFailure.last }
    }

    /// Waits until something comes, or a socket has ended, and no longer than so many milliseconds.
    func wait(milliseconds: Int64) throws(SRTFailure) -> ArraySlice<Int32> {
        let count = unsafe toposync_srt_wait(id, &ready, Int32(Self.capacity), milliseconds)
        guard count >= 0 else { throw SRTFailure.last }
        return ready.prefix(Int(count))
    }
}
