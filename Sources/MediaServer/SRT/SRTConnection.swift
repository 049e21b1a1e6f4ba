import ConnectionLimits
import EngineContract
import Logging
import StreamModel
import StreamProtocols

/// One caller of SRT, who publishes a path with what it sends as MPEG-TS. Confined to the engine's event loop.
final class SRTConnection: PathPublisher {
    let id: String
    let client: ClientNetwork?
    private let core: EngineCore
    private let remoteAddress: IPAddress?
    private let granted: AccessRequest
    private let passphrase: Secret?
    private let onEnd: () -> Void
    private var demuxer = TSDemuxer()
    private var publication: SamplePublication?
    private var silence: SilenceWatch?
    private var isClosing = false

    /// - Parameter onEnd: called once, when it is over.
    init(
        id: String, _ call: SRTCall, _ admission: SRTServer.Admission, core: EngineCore, onEnd: @escaping () -> Void
    ) {
        self.id = id
        client = call.address.map { ClientNetwork($0) }
        remoteAddress = call.address
        granted = admission.access
        passphrase = admission.passphrase
        self.core = core
        self.onEnd = onEnd
        silence = SilenceWatch(core) { [weak self] timeout in
            guard let self else { return }
            close(because: publication == nil ? "it has published nothing" : "nothing was heard for \(timeout)")
        }
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "srtConn", id: id) }

    /// Whether what was allowed still is.
    var isStillAllowed: Bool {
        if case .allowed = core.access.decide(granted) { return true }
        return false
    }

    /// - Parameter isAfterLoss: whether something that came before them is lost.
    func receive(_ bytes: [UInt8], afterLoss isAfterLoss: Bool) {
        guard !isClosing else { return }
        if isAfterLoss { demuxer.somethingWasLost() }
        // One that has not begun to publish has as long as one that has fallen silent.
        if publication != nil { silence?.heard() }
        do {
            for output in try demuxer.receive(bytes[...]) where !isClosing {
                switch output {
                case .tracks(let tracks): try publish(tracks)
                case .sample(let sample, let track): publication?.receive(sample, track: track)
                }
            }
        } catch {
            close(because: "\(error)")
        }
    }

    private func publish(_ tracks: [MediaFormat]) throws(PathError) {
        let wanted = try core.withPath(named: granted.path) { path throws(PathError) in
            path.entry.configuration.srtPublishPassphrase
        }
        guard wanted == passphrase else { return close(because: "the passphrase has changed since it came") }
        publication = try core.withPath(named: granted.path) { path throws(PathError) in
            try SamplePublication(of: tracks, at: path, by: self)
        }
        silence?.heard()
        let lacks = demuxer.unsupported
        let without = lacks.isEmpty ? "" : ", without \(lacks.joined(separator: ", "))"
        core.logger.info("SRT \(remoteAddress?.description ?? "?") publishes path '\(granted.path)'\(without)")
    }

    func requestKeyframe(ofTrack track: Int, ssrc: UInt32) {}

    func close(because reason: String) {
        guard !isClosing else { return }
        isClosing = true
        silence?.cancel()
        let losses = demuxer.lossCount
        let lost = losses > 0 ? "; \(losses) times something was lost on the way" : ""
        let because = reason.isEmpty ? "" : ": \(reason)"
        core.logRepeatable(.info, "SRT \(remoteAddress?.description ?? "?") closed\(because)\(lost)")
        let former = publication
        publication = nil
        former?.end(self)
        onEnd()
    }
}
