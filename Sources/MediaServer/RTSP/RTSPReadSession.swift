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

    var isPlaying: Bool { reader != nil }

    var outboundByteCount: Int { counts.outboundByteCount }

    /// Units that the viewer did not get because it was too slow.
    var droppedUnitCount: Int { counts.droppedUnitCount }

    /// `UDP` or `TCP`, as the control API names it.
    var transportName: String? {
        switch outputs.values.first {
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

    /// Where each track begins for a viewer that starts now.
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
        guard reader == nil, let core = connection?.core, let channel = connection?.channel else { return }
        let reader = RTSPReader(
            channel: channel, eventLoop: transportName == "UDP" ? core.clock.eventLoop : channel.eventLoop,
            outputs: outputs, counts: counts, queueLimit: queueLimit, queues: core.readerQueues)
        self.reader = reader
        stream.add(reader)
    }

    func pause() {
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
        for case .datagrams(let output) in outputs.values { output.close() }
        path.remove(self)
    }

    // MARK: PathReader

    func pathClosed(because reason: String) {
        connection?.close(because: reason)
    }
}
