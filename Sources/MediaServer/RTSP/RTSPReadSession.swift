import ConnectionLimits
import EngineContract
import NIOCore
import StreamProtocols

/// A client that reads a path: gives its connection, or the UDP sockets, what the stream delivers.
final class RTSPReadSession: PathReader, StreamReader {
    let id: String
    let isHidden = false
    private(set) var outboundByteCount = 0
    private(set) var isPlaying = false

    private let path: Path
    private let stream: Stream
    private weak var connection: RTSPConnection?
    /// By track; nil for tracks that are not set up.
    private var outputs: [Output?]
    private var gates: ReaderGates
    /// Bytes that may wait for the viewer.
    private var queueLimit = 0
    /// Bytes that may wait beyond them until the viewer has taken the group of pictures that it began with.
    private var initialAllowance = 0
    private var hasBegun = false
    private let queues: ReaderQueues
    /// What this viewer's share of ``queues`` is.
    private var queuedByteCount = 0

    private enum Output {
        case interleaved(rtp: UInt8, rtcp: UInt8)
        case datagrams(DatagramOutput)
    }

    init(id: String, path: Path, stream: Stream, connection: RTSPConnection) {
        self.id = id
        queues = connection.core.readerQueues
        self.path = path
        self.stream = stream
        self.connection = connection
        outputs = Array(repeating: nil, count: stream.tracks.count)
        gates = ReaderGates(tracks: [], pictureTracks: [])
    }

    var pathName: String { path.name }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtspSession", id: id) }

    var droppedUnitCount: Int { gates.droppedUnitCount }

    /// `UDP` or `TCP`, as the control API names it.
    var transportName: String? {
        for case let output? in outputs {
            switch output {
            case .interleaved: return "TCP"
            case .datagrams: return "UDP"
            }
        }
        return nil
    }

    /// The SSRC of a track; nil when the stream has none of that number.
    func ssrc(ofTrack track: Int) -> UInt32? {
        stream.tracks.indices.contains(track) ? stream.tracks[track].ssrc : nil
    }

    func bind(track: Int, interleaved channels: (rtp: UInt8, rtcp: UInt8)) {
        outputs[track] = .interleaved(rtp: channels.rtp, rtcp: channels.rtcp)
    }

    func bind(track: Int, datagrams output: DatagramOutput) {
        outputs[track] = .datagrams(output)
    }

    /// Where each track begins for a viewer that starts now.
    func starts() -> [Int: RTSPOutcome.RTPStart] {
        var starts: [Int: RTSPOutcome.RTPStart] = [:]
        var gates = makeGates()
        for unit in stream.packetizedGroups() where gates.admit(unit, isCongested: false) {
            guard starts[unit.track] == nil, let packets = unit.packets else { continue }
            starts[unit.track] = .init(
                sequenceNumber: packets.firstSequenceNumber, rtpTimestamp: packets.rtpTimestamp)
        }
        return starts
    }

    private func makeGates() -> ReaderGates {
        ReaderGates(tracks: outputs.indices.filter(reads(track:)), pictureTracks: stream.pictureTracks)
    }

    func play(queueLimit: Int) {
        guard !isPlaying else { return }
        isPlaying = true
        gates = makeGates()
        self.queueLimit = queueLimit
        // The group of pictures that it gets at the beginning must not make it a slow reader.
        initialAllowance = 2 * stream.groupOfPicturesByteCount
        hasBegun = false
        stream.add(self)
        hasBegun = true
    }

    func pause() {
        guard isPlaying else { return }
        isPlaying = false
        stream.remove(self)
        for case .datagrams(let output)? in outputs { output.discard() }
        note(queued: 0)
    }

    /// Takes what the viewer says over an interleaved channel.
    func receive(report: [UInt8], channel: UInt8) {
        let track = outputs.firstIndex { output in
            if case .interleaved(_, channel) = output { true } else { false }
        }
        if let track { receive(report: report, ofTrack: track) }
    }

    /// Takes what the viewer says about a track: of use is that it needs a keyframe.
    func receive(report: [UInt8], ofTrack track: Int) {
        guard isPlaying, let packets = try? RTCPPacket.parseCompound(report),
            packets.contains(where: \.asksForKeyframe)
        else { return }
        stream.keyframeWanted(ofTrack: track)
    }

    private func note(queued: Int) {
        queues.changed(from: queuedByteCount, to: queued)
        queuedByteCount = queued
    }

    /// Whether a viewer for which `queued` bytes wait has to do without the next unit.
    private func isCongested(_ queued: Int) -> Bool {
        note(queued: queued)
        if hasBegun, queued == 0 { initialAllowance = 0 }
        return queued > queueLimit + initialAllowance || queued > 0 && queues.isExceeded
    }

    /// The session ends: nothing of it remains.
    func end() {
        pause()
        for case .datagrams(let output)? in outputs { output.close() }
        path.remove(self)
    }

    // MARK: StreamReader

    var readsPackets: Bool { true }

    func reads(track: Int) -> Bool { outputs[track] != nil }

    func streamStarted(_ stream: Stream) {}

    func deliver(_ unit: StreamUnit) {
        guard let output = outputs[unit.track], let batch = unit.packets, let connection else { return }
        switch output {
        case .interleaved(let channel, _):
            let isCongested = isCongested(connection.queuedByteCount)
            guard gates.admit(unit, isCongested: isCongested) else { return }
            connection.send(batch.interleaved(channel: channel))
            outboundByteCount += batch.byteCount
        case .datagrams(let output):
            let isCongested = isCongested(output.queuedByteCount) || output.isCongested
            guard gates.admit(unit, isCongested: isCongested) else { return }
            output.send(batch.datagrams)
            outboundByteCount += batch.byteCount
        }
    }

    func deliver(report: [UInt8], track: Int) {
        guard let output = outputs[track] else { return }
        switch output {
        case .interleaved(_, let channel):
            guard let connection, connection.queuedByteCount <= queueLimit else { return }
            connection.send(interleaved: report, channel: channel)
        case .datagrams(let output):
            output.sendReport(report)
        }
    }

    func flush() {
        for case .datagrams(let output)? in outputs { output.flush() }
    }

    func streamEnded() {
        isPlaying = false
        note(queued: 0)
    }

    // MARK: PathReader

    func pathClosed(because reason: String) {
        connection?.close(because: reason)
    }
}

/// The way of one track to one UDP viewer.
final class DatagramOutput {
    private let endpoint: RTPDatagramEndpoint
    private let peer: IPAddress
    private let rtpAddress: SocketAddress
    private let rtcpAddress: SocketAddress
    private let rtcpPort: UInt16
    private let clock: EngineClock
    private var pacer = DatagramPacer()
    private var timer: LoopTimer?

    /// - Parameter onReport: called with each compound RTCP packet of the viewer.
    /// - Returns: nil when the sockets can't reach it, or somebody else has its port for reports.
    init?(
        endpoint: RTPDatagramEndpoint, peer: IPAddress, rtpPort: UInt16, rtcpPort: UInt16, clock: EngineClock,
        onReport: @escaping ([UInt8]) -> Void
    ) {
        guard
            let rtpAddress = endpoint.address(peer, port: rtpPort),
            let rtcpAddress = endpoint.address(peer, port: rtcpPort)
        else { return nil }
        self.endpoint = endpoint
        self.peer = peer
        self.rtpAddress = rtpAddress
        self.rtcpAddress = rtcpAddress
        self.rtcpPort = rtcpPort
        self.clock = clock
        guard endpoint.listen(.rtcp, to: peer, port: rtcpPort, onReport) else { return nil }
    }

    /// The sockets, which all viewers share, take no more.
    var isCongested: Bool { endpoint.isCongested }

    /// Bytes that wait for their turn.
    var queuedByteCount: Int { pacer.queuedByteCount }

    func send(_ datagrams: [ByteBuffer]) {
        pacer.append(datagrams)
        drain()
    }

    func sendReport(_ report: [UInt8]) {
        endpoint.sendReport(ByteBuffer(bytes: report), to: rtcpAddress)
    }

    func flush() { endpoint.flush() }

    private func drain() {
        let now = clock.now
        while let datagram = pacer.next(now: now) { endpoint.send(datagram, to: rtpAddress) }
        guard !pacer.isEmpty, timer == nil else { return }
        timer = clock.schedule(after: DatagramPacer.interval) { [weak self] in
            guard let self else { return }
            timer = nil
            drain()
            flush()
        }
    }

    func discard() {
        timer?.cancel()
        timer = nil
        pacer.removeAll()
    }

    func close() {
        discard()
        endpoint.stopListening(.rtcp, to: peer, port: rtcpPort)
    }
}
