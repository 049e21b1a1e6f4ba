import EngineContract
import StreamProtocols

/// A client that publishes a path.
final class RTSPPublishSession: PathPublisher {
    let id: String
    let pathName: String
    let formats: [RTPFormat]
    private(set) var stream: Stream?
    /// The path that is published, from RECORD on.
    private var path: Path?
    private weak var connection: RTSPConnection?
    /// By interleaved channel.
    private var inputs: [UInt8: Input] = [:]
    /// By track: how it comes, and where what is said about it goes.
    private var ways: [Int: Way] = [:]
    /// Of the engine as the one who receives.
    private let ssrc = UInt32.random(in: .min ... .max)
    private let clock: EngineClock
    /// When something came by UDP last; nil of a publisher whose connection shows that it is there.
    private(set) var lastDatagram: Duration?
    private var reportTimer: LoopTimer?

    private enum Input {
        case rtp(track: Int)
        case rtcp(track: Int)
    }

    private enum Way {
        case interleaved(rtcp: UInt8)
        case datagrams(DatagramInput)
    }

    init(id: String, pathName: String, formats: [RTPFormat], clock: EngineClock, connection: RTSPConnection) {
        self.id = id
        self.pathName = pathName
        self.formats = formats
        self.clock = clock
        self.connection = connection
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtspSession", id: id) }

    /// `UDP` or `TCP`, as the control API names it.
    var transportName: String? {
        switch ways.values.first {
        case .interleaved: "TCP"
        case .datagrams: "UDP"
        case nil: nil
        }
    }

    func bind(track: Int, interleaved channels: (rtp: UInt8, rtcp: UInt8)) {
        inputs[channels.rtp] = .rtp(track: track)
        inputs[channels.rtcp] = .rtcp(track: track)
        ways[track] = .interleaved(rtcp: channels.rtcp)
    }

    func bind(track: Int, datagrams input: DatagramInput) { ways[track] = .datagrams(input) }

    func record(_ path: Path) throws(PathError) {
        stream = try path.publish(self, formats: formats)
        self.path = path
        if transportName == "UDP" {
            lastDatagram = clock.now
            scheduleReports()
        }
    }

    /// - Returns: whether it was media, or a report, of what is being published.
    func receive(channel: UInt8, payload: [UInt8]) -> Bool {
        guard let stream, let input = inputs[channel] else { return false }
        switch input {
        case .rtp(let track): stream.receive(rtp: payload, track: track)
        case .rtcp(let track): stream.receive(rtcp: payload, track: track)
        }
        return true
    }

    /// Takes what came by UDP.
    func receive(_ delivery: DatagramInput.Delivery, ofTrack track: Int) {
        guard let stream else { return }
        lastDatagram = clock.now
        switch delivery {
        case .packets(let packets, let byteCount): stream.receive(packets, byteCount: byteCount, track: track)
        case .unusable(let error, let byteCount): stream.receivedUnusable(error, byteCount: byteCount)
        case .report(let bytes): stream.receive(rtcp: bytes, track: track)
        }
    }

    // MARK: What the publisher is told

    func requestKeyframe(ofTrack track: Int, ssrc mediaSSRC: UInt32) {
        say([.pictureLossIndication(RTCPPictureLossIndication(ssrc: ssrc, mediaSSRC: mediaSSRC))], ofTrack: track)
    }

    /// Senders by UDP see by reports whether they are heard, and how well; over TCP nothing gets lost.
    private func scheduleReports() {
        reportTimer = clock.schedule(after: Stream.reportInterval) { [weak self] in
            guard let self else { return }
            for track in ways.keys { say([], ofTrack: track) }
            scheduleReports()
        }
    }

    /// Sends a compound, which begins with a report and says who sends it (RFC 3550 §6.1).
    private func say(_ packets: [RTCPPacket], ofTrack track: Int) {
        func compound(_ blocks: [RTCPReportBlock]) -> [UInt8] {
            RTCPPacket.serializeCompound(
                [
                    .receiverReport(RTCPReceiverReport(ssrc: ssrc, reportBlocks: blocks)),
                    .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
                ] + packets)
        }
        switch ways[track] {
        case .interleaved(let channel): connection?.send(interleaved: compound([]), channel: channel)
        case .datagrams(let input): input.send(report: compound(input.reportBlock().map { [$0] } ?? []))
        case nil: break
        }
    }

    // MARK: End

    func end() {
        reportTimer?.cancel()
        for case .datagrams(let input) in ways.values { input.close() }
        ways = [:]
        stream = nil
        path?.publisherLeft(self)
        path = nil
    }

    func close(because reason: String) {
        stream = nil
        connection?.close(because: reason)
    }
}
