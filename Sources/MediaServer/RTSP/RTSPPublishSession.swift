import EngineContract

/// A client that publishes a path.
final class RTSPPublishSession: PathPublisher {
    let id: String
    let path: Path
    let formats: [StreamFormat]
    private(set) var stream: Stream?
    private weak var connection: RTSPConnection?
    /// By interleaved channel.
    private var inputs: [UInt8: Input] = [:]

    private enum Input {
        case rtp(track: Int)
        case rtcp
    }

    init(id: String, path: Path, formats: [StreamFormat], connection: RTSPConnection) {
        self.id = id
        self.path = path
        self.formats = formats
        self.connection = connection
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "rtspSession", id: id) }

    func bind(track: Int, interleaved channels: (rtp: UInt8, rtcp: UInt8)) {
        inputs[channels.rtp] = .rtp(track: track)
        inputs[channels.rtcp] = .rtcp
    }

    func record() throws(PathError) {
        stream = try path.publish(self, formats: formats)
    }

    func receive(channel: UInt8, payload: [UInt8]) {
        guard let stream, let input = inputs[channel] else { return }
        switch input {
        case .rtp(let track): stream.receive(rtp: payload, track: track)
        case .rtcp: stream.noteInbound(byteCount: payload.count)
        }
    }

    func end() {
        stream = nil
        path.publisherLeft(self)
    }

    func close(because reason: String) {
        stream = nil
        connection?.sayGoodbye(because: reason)
    }
}
