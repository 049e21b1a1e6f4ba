import EngineContract
import StreamProtocols

/// The muxer of HLS as a reader of a path. Confined to the engine's event loop.
final class HLSReader: PathReader, StreamReader {
    let id: String
    /// Its viewers are listed instead.
    let isHidden = true
    private(set) var outboundByteCount = 0
    private let path: Path
    private let consumer: any HLSStreamConsumer
    private weak var stream: Stream?
    private var hold: PathHold?
    private var completion: ((Result<Void, PathError>) -> Void)?
    private var isAttached = false

    init(id: String, path: Path, consumer: any HLSStreamConsumer) {
        self.id = id
        self.path = path
        self.consumer = consumer
    }

    var endpoint: ControlAPI.Endpoint { ControlAPI.Endpoint(type: "hlsMuxer", id: id) }

    /// Becomes a reader as soon as there is a stream.
    func attach(_ completion: @escaping (Result<Void, PathError>) -> Void) {
        self.completion = completion
        hold = path.whenReady(query: "") { [weak self] result in
            guard let self else { return }
            hold = nil
            switch result {
            case .success(let stream): finish(begin(stream))
            case .failure(let error): finish(.failure(error))
            }
        }
    }

    private func begin(_ stream: Stream) -> Result<Void, PathError> {
        guard consumer.accepts(stream.formats) else { return .failure(.noStream(path: path.name)) }
        do {
            try path.add(self)
        } catch {
            return .failure(error)
        }
        isAttached = true
        self.stream = stream
        stream.add(self)
        return .success(())
    }

    private func finish(_ result: Result<Void, PathError>) {
        let completion = completion
        self.completion = nil
        completion?(result)
    }

    func cancelAttaching() {
        hold?.cancel()
        hold = nil
        finish(.failure(.closing))
    }

    func detach() {
        guard isAttached else { return }
        isAttached = false
        stream?.remove(self)
        path.remove(self)
    }

    // MARK: StreamReader

    let readsPackets = false

    /// Of several tracks of pictures the first, as the muxer does.
    func reads(track: Int) -> Bool { track == stream?.pictureTracks.first }

    func streamStarted(_ stream: Stream) { consumer.streamStarted(stream.formats) }

    func deliver(_ unit: StreamUnit) {
        outboundByteCount += unit.sample.byteCount
        consumer.receive(unit.sample, of: unit.media, track: unit.track, at: unit.wallTime)
    }

    func deliver(report: [UInt8], track: Int) {}

    func flush() {}

    func streamEnded() {}

    // MARK: PathReader

    func pathClosed(because reason: String) {
        guard isAttached else { return }
        detach()
        consumer.streamClosed()
    }
}
