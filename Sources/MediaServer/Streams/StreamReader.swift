import NIOCore
import StreamProtocols

/// Somebody who gets what a stream carries: the one way to samples and packets, whatever a viewer speaks.
///
/// It lives on an event loop of its own choice, on which it is called, and never waits: what it can't pass on now it keeps, within
/// bounds of its own, or leaves out up to the next keyframe of the track (``ReaderGates``).
protocol StreamReader: AnyObject, Sendable {
    var eventLoop: any EventLoop { get }

    /// As what it gets what comes. Asked on the stream's event loop, like the next two.
    var form: ReaderForm { get }

    /// Bytes that it was given.
    var outboundByteCount: Int { get }

    /// Which tracks it gets; none when it can do nothing with any of them.
    func tracks(of formats: [RTPFormat]) -> Set<Int>

    // MARK: On its event loop

    /// A publisher is there, the first or another one; what comes of it follows.
    func begin(_ start: StreamStart)

    /// Takes what comes next of one of its tracks.
    func deliver(_ delivery: Delivery)

    /// Takes what is to be said about one of its tracks; only readers of packets are told anything.
    func deliver(_ report: StreamReport)

    /// Sends what was handed to a socket that several viewers share; those that have none of it have nothing to do.
    func flush()

    /// The stream has ended: nothing will follow.
    ///
    /// - Parameter goodbyes: what is to be said about its tracks at last.
    func streamEnded(_ goodbyes: [StreamReport])
}

extension StreamReader {
    func flush() {}
}

/// As what a reader gets what a stream carries.
enum ReaderForm: Sendable, Hashable {
    /// Samples alone.
    case samples
    /// Samples with the RTP packets that carry them, which are made once for all readers of a profile, and only while there are any.
    case packets(PacketProfile)
}

/// For whom RTP packets are made: each profile's have their own size, SSRCs and sequence numbers.
enum PacketProfile: Sendable, Hashable, CaseIterable {
    case rtsp
    case webRTC
}

/// What a reader begins with.
struct StreamStart: Sendable {
    /// The publisher's tracks, as viewers are told of them.
    var formats: [RTPFormat]
    /// Those with keyframes, at which viewers begin.
    var pictureTracks: [Int]
    /// What is to be said before the first packets.
    var reports: [StreamReport]
    /// What came of its tracks since their last keyframes; nothing when the publisher has just come. A reader that would send it
    /// in one burst spreads it.
    var group: [Delivery]
}

/// A sample on its way to a reader.
struct Delivery: Sendable {
    let unit: StreamUnit
    /// Those of the reader's profile; nil for a reader of samples, and where the sample can't be carried.
    let packets: MediaBatch?
}

/// What viewers are told of a track by RTCP.
struct StreamReport: Sendable {
    let track: Int
    /// Which wall-clock time the track is at, for readers that count for each viewer what they send; nil in a goodbye.
    let senderReport: RTCPSenderReport?
    /// The compound packet, for readers whose viewers all get the same.
    let compound: [UInt8]
}
