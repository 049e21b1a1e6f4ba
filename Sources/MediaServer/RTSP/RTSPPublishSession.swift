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
    /// The channels for what is said to the publisher, by track.
    private var reportChannels: [Int: UInt8] = [:]
    /// Of the engine as the one who receives.
    private let ssrc = UInt32.random(in: .min ... .max)

    private enum Input {
        case rtp(track: Int)
        case rtcp(track: Int)
    }

    init(id: String, pathName: String, formats: [RTPFormat], connection: RTSPConnection) {
        self.id = id
        self.pathName = pathName
        self.formats = formats
        self.connection = connection
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtspSession", id: id) }

    func bind(track: Int, interleaved channels: (rtp: UInt8, rtcp: UInt8)) {
        inputs[channels.rtp] = .rtp(track: track)
        inputs[channels.rtcp] = .rtcp(track: track)
        reportChannels[track] = channels.rtcp
    }

    func record(_ path: Path) throws(PathError) {
        stream = try path.publish(self, formats: formats)
        self.path = path
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

    func requestKeyframe(ofTrack track: Int, ssrc mediaSSRC: UInt32) {
        guard let channel = reportChannels[track] else { return }
        // RFC 3550 §6.1: a compound begins with a report and says who sends it.
        let compound = RTCPPacket.serializeCompound([
            .receiverReport(RTCPReceiverReport(ssrc: ssrc)),
            .sourceDescription(RTCPSourceDescription(ssrc: ssrc, cname: "toposync")),
            .pictureLossIndication(RTCPPictureLossIndication(ssrc: ssrc, mediaSSRC: mediaSSRC)),
        ])
        connection?.send(interleaved: compound, channel: channel)
    }

    func end() {
        stream = nil
        path?.publisherLeft(self)
        path = nil
    }

    func close(because reason: String) {
        stream = nil
        connection?.close(because: reason)
    }
}
