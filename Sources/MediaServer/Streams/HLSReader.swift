import EngineContract

/// The muxer of HLS on a path. Confined to the engine's event loop.
final class HLSReader: PathReader {
    let id: String
    /// Its viewers are listed instead.
    let isHidden = true
    private let path: Path
    private let muxer: any StreamReader
    private weak var stream: Stream?
    private var hold: PathHold?
    private var completion: ((Result<Void, PathError>) -> Void)?
    private var isAttached = false

    init(id: String, path: Path, muxer: any StreamReader) {
        self.id = id
        self.path = path
        self.muxer = muxer
    }

    var outboundByteCount: Int { muxer.outboundByteCount }

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
        guard !muxer.tracks(of: stream.formats).isEmpty else { return .failure(.noStream(path: path.name)) }
        do {
            try path.add(self)
        } catch {
            return .failure(error)
        }
        isAttached = true
        self.stream = stream
        stream.add(muxer)
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
        stream?.remove(muxer)
        path.remove(self)
    }

    // MARK: PathReader

    func pathClosed(because reason: String) { detach() }
}
