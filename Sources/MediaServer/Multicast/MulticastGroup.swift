import ConnectionLimits
import NIOCore
import StreamModel
import StreamProtocols

/// The group (RFC 1112, RFC 4291 §2.7) that one stream is sent to while somebody reads it by multicast or it is announced: by one
/// reader of the stream, however many viewers there are. Else nothing is sent. The engine itself is no member of the group: only
/// its viewers are.
///
/// Confined to the engine's event loop.
final class MulticastGroup {
    let place: MulticastPlace
    private let stream: Stream
    private let clock: EngineClock
    /// Of all tracks of the stream.
    private let outputs: [Int: RTSPOutput]
    private let counts = ReaderCounts()
    private let sender: DatagramSender
    /// Those who listen for announcements.
    private let announcementPeer: DatagramPeer
    /// Nil while nothing is sent.
    private var reader: RTSPReader?
    /// Sessions that have set it up and the stream's announcement, and those of them that play, which an announcement does.
    private var members: Set<ObjectIdentifier> = []
    private var players: Set<ObjectIdentifier> = []
    private let mayRepeat: () -> Bool
    private let onEmpty: (MulticastGroup) -> Void

    /// - Parameters:
    ///   - sender: the socket's, which packets leave by.
    ///   - mayRepeat: whether it may begin with the pictures since the last keyframe now; asked once for each time that it does.
    ///   - onEmpty: called when the last member has left.
    /// - Returns: nil when the ports of a track are no ports.
    init?(
        _ place: MulticastPlace, of stream: Stream, sender: DatagramSender, clock: EngineClock,
        mayRepeat: @escaping () -> Bool, onEmpty: @escaping (MulticastGroup) -> Void
    ) {
        var outputs: [Int: RTSPOutput] = [:]
        let isIPv6 = !place.group.isIPv4
        for track in stream.tracks.indices {
            guard let ports = place.ports(ofTrack: track),
                let rtp = place.group.socketAddress(port: ports.rtp, forIPv6Socket: isIPv6),
                let rtcp = place.group.socketAddress(port: ports.rtcp, forIPv6Socket: isIPv6)
            else { return nil }
            outputs[track] = .datagrams(MulticastOutput(sender: sender, rtp: rtp, rtcp: rtcp, clock: clock))
        }
        guard
            let announcementAddress = SAPPacket.announcementGroup(of: place.group)
                .socketAddress(port: SAPPacket.port, forIPv6Socket: isIPv6)
        else { return nil }
        announcementPeer = DatagramPeer(announcementAddress)
        self.sender = sender
        self.place = place
        self.stream = stream
        self.clock = clock
        self.outputs = outputs
        self.mayRepeat = mayRepeat
        self.onEmpty = onEmpty
    }

    /// Bytes that were sent to it.
    var outboundByteCount: Int { counts.outboundByteCount }

    /// Tells those who listen for announcements of the group, or of its end. A packet that there is no room for is lost.
    ///
    /// It goes as far as the stream, not as far as it can, as RFC 2974 §3 would have it: who can't get the stream need not know of it.
    ///
    /// - Parameter packet: a ``SAPPacket``, serialized.
    func announce(_ packet: [UInt8]) {
        _ = sender.send(DatagramRun(ByteBuffer(bytes: packet)), to: announcementPeer)
    }

    /// A session has set up a track, or the stream is announced.
    func join(_ member: AnyObject) { members.insert(ObjectIdentifier(member)) }

    /// A session plays. The first is sent the group of pictures, unless that was just done; who comes later hears what comes, and next
    /// a keyframe where the publisher can make one.
    ///
    /// - Parameter queueLimit: bytes that may wait for room in the system.
    func play(_ session: AnyObject, queueLimit: Int, queues: ReaderQueues) {
        guard players.insert(ObjectIdentifier(session)).inserted else { return }
        if let reader {
            stream.tellTimes(to: reader)
            wantKeyframes()
            return
        }
        let takesGroup = mayRepeat()
        let first = RTSPReader(
            channel: nil, eventLoop: clock.eventLoop, outputs: outputs, counts: counts, queueLimit: queueLimit,
            queues: queues, takesGroup: takesGroup)
        reader = first
        stream.add(first)
        if !takesGroup { wantKeyframes() }
    }

    private func wantKeyframes() {
        for track in stream.pictureTracks { stream.keyframeWanted(ofTrack: track) }
    }

    /// A session does not play any more; with the last one, nothing is sent any more.
    func pause(_ session: AnyObject) {
        guard players.remove(ObjectIdentifier(session)) != nil, players.isEmpty, let reader else { return }
        stream.remove(reader)
        reader.stop()
        self.reader = nil
    }

    /// A session has ended.
    func leave(_ session: AnyObject) {
        pause(session)
        guard members.remove(ObjectIdentifier(session)) != nil, members.isEmpty else { return }
        for case .datagrams(let output) in outputs.values { output.close() }
        onEmpty(self)
    }
}
