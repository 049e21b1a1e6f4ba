import EngineContract
import StreamProtocols

/// A client that reads a path.
final class RTSPReadSession: PathReader {
    let id: String
    let isHidden = false

    private let path: Path
    private let stream: Stream
    private weak var connection: RTSPConnection?
    /// By track, of those that are set up.
    private var outputs: [Int: RTSPOutput] = [:]
    /// What it reads in place of ``outputs``, with others.
    private var group: MulticastGroup?
    /// Bytes that had been sent to the group when this viewer began to play; nil while it does not.
    private var groupByteCount: Int?
    /// What gets the packets while it plays.
    private var reader: RTSPReader?
    private let counts = ReaderCounts()

    init(id: String, path: Path, stream: Stream, connection: RTSPConnection) {
        self.id = id
        self.path = path
        self.stream = stream
        self.connection = connection
    }

    var pathName: String { path.name }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtspSession", id: id) }

    var isPlaying: Bool { reader != nil || groupByteCount != nil }

    /// Whether it reads a group that others may read as well.
    var isMulticast: Bool { group != nil }

    /// Whether what it gets does not tell that it is there: then what it says has to.
    var isByDatagrams: Bool { transportName.map { $0 != "TCP" } ?? false }

    var outboundByteCount: Int { counts.outboundByteCount + groupBytesOfThisPlay }

    private var groupBytesOfThisPlay: Int {
        guard let group, let groupByteCount else { return 0 }
        return group.outboundByteCount - groupByteCount
    }

    /// Units that the viewer did not get because it was too slow.
    var droppedUnitCount: Int { counts.droppedUnitCount }

    /// `UDP`, `UDP-multicast` or `TCP`, as the control API names it.
    var transportName: String? {
        if isMulticast { return "UDP-multicast" }
        return switch outputs.values.first {
        case .interleaved: "TCP"
        case .datagrams: "UDP"
        case nil: nil
        }
    }

    /// The SSRC of a track; nil when the stream has none of that number.
    func ssrc(ofTrack track: Int) -> UInt32? {
        stream.tracks.indices.contains(track) ? stream.tracks[track].packets(for: .rtsp).ssrc : nil
    }

    func bind(track: Int, to output: RTSPOutput) { outputs[track] = output }

    /// Joins the group that the stream is sent to.
    func bind(to server: MulticastServer) throws(MulticastError) -> MulticastPlace {
        if let group { return group.place }
        let joined = try server.group(of: stream)
        joined.join(self)
        group = joined
        return joined.place
    }

    /// Where each track begins for a viewer that starts now; nothing of a group, which may be under way already.
    func starts() -> [Int: RTSPOutcome.RTPStart] {
        var starts: [Int: RTSPOutcome.RTPStart] = [:]
        var gates = ReaderGates(tracks: outputs.keys.sorted(), pictureTracks: stream.pictureTracks)
        for delivery in stream.group(of: Set(outputs.keys), as: .packets(.rtsp))
        where gates.admit(delivery.unit, isCongested: false) {
            guard starts[delivery.unit.track] == nil, let packets = delivery.packets else { continue }
            starts[delivery.unit.track] = .init(
                sequenceNumber: packets.firstSequenceNumber, rtpTimestamp: packets.rtpTimestamp)
        }
        return starts
    }

    /// - Parameter queueLimit: bytes that may wait for the viewer.
    func play(queueLimit: Int) {
        guard !isPlaying, let core = connection?.core, let channel = connection?.channel else { return }
        if let group {
            groupByteCount = group.outboundByteCount
            group.play(self, queueLimit: queueLimit, queues: core.readerQueues)
            return
        }
        let reader = RTSPReader(
            channel: channel, eventLoop: transportName == "UDP" ? core.clock.eventLoop : channel.eventLoop,
            outputs: outputs, counts: counts, queueLimit: queueLimit, queues: core.readerQueues)
        self.reader = reader
        stream.add(reader)
    }

    func pause() {
        group?.pause(self)
        counts.sent(groupBytesOfThisPlay)
        groupByteCount = nil
        guard let reader else { return }
        stream.remove(reader)
        reader.stop()
        self.reader = nil
    }

    /// Takes what the viewer says over an interleaved channel.
    func receive(report: [UInt8], channel: UInt8) {
        let output = outputs.first { _, output in
            if case .interleaved(_, channel) = output { true } else { false }
        }
        if let output { receive(report: report, ofTrack: output.key) }
    }

    /// Takes what the viewer says about a track: of use is that it needs a keyframe.
    func receive(report: [UInt8], ofTrack track: Int) {
        guard isPlaying, let packets = try? RTCPPacket.parseCompound(report),
            packets.contains(where: \.asksForKeyframe)
        else { return }
        stream.keyframeWanted(ofTrack: track)
    }

    /// The session ends: nothing of it remains.
    func end() {
        pause()
        group?.leave(self)
        for case .datagrams(let output) in outputs.values { output.close() }
        path.remove(self)
    }

    // MARK: PathReader

    func pathClosed(because reason: String) {
        connection?.close(because: reason)
    }
}
