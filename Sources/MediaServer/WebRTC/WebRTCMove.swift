import EngineContract
import NIOCore
import StreamProtocols

/// A viewer on its way to another path: it waits until that is published, and then for a keyframe, with which the viewer can go over
/// without a gap. It reads the path meanwhile, so that its publisher stays.
///
/// Unchecked: it is confined to the engine's event loop, on which it also gets the pictures.
final class WebRTCMove: PathReader, StreamReader, @unchecked Sendable {
    enum Outcome {
        /// A group of pictures has begun.
        case arrived(Path, Stream)
        /// What is published there can't be sent to the viewer.
        case unfit
        /// Nothing is published there.
        case failed
    }

    /// Of the path.
    let name: String
    /// Whether there is more to be had than where the viewer comes from.
    let isUp: Bool
    let endpoint: ControlAPI.Endpoint
    /// The viewer is listed.
    let isHidden = true
    let outboundByteCount = 0
    let form = ReaderForm.samples
    let eventLoop: any EventLoop

    private let isFit: (Stream) -> Bool
    private var completion: ((Outcome) -> Void)?
    private var hold: PathHold?
    private var place: (path: Path, stream: Stream)?

    /// - Parameters:
    ///   - isFit: whether a stream can be sent to the viewer.
    ///   - completion: called once, unless it is cancelled before. Then the viewer reads the path itself.
    init(
        to name: String, isUp: Bool, of endpoint: ControlAPI.Endpoint, on eventLoop: any EventLoop,
        isFit: @escaping (Stream) -> Bool, _ completion: @escaping (Outcome) -> Void
    ) {
        self.name = name
        self.isUp = isUp
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.isFit = isFit
        self.completion = completion
    }

    /// - Parameter isAtOnce: whether to go without waiting for a keyframe, because the viewer gets nothing meanwhile.
    func begin(in core: EngineCore, query: String, isAtOnce: Bool) {
        do throws(PathError) {
            try core.withPath(named: name) { path in
                let hold = path.whenReady(query: query) { [weak self] result in
                    self?.hold = nil
                    switch result {
                    case .success(let stream): self?.found(path, stream, isAtOnce: isAtOnce)
                    case .failure: self?.finish(.failed)
                    }
                }
                // Without one, what was waited for has come already.
                if let hold { self.hold = hold }
            }
        } catch {
            finish(.failed)
        }
    }

    private func found(_ path: Path, _ stream: Stream, isAtOnce: Bool) {
        guard isFit(stream) else { return finish(.unfit) }
        guard !isAtOnce else { return finish(.arrived(path, stream)) }
        do throws(PathError) { try path.add(self) } catch { return finish(.failed) }
        place = (path, stream)
        stream.add(self)
        // An encoder makes one when it is asked; a camera's comes when it comes.
        for track in stream.pictureTracks { stream.keyframeWanted(ofTrack: track) }
    }

    private func finish(_ outcome: Outcome) {
        let completion = completion
        self.completion = nil
        completion?(outcome)
        leave()
    }

    /// Whatever comes is of no use any more.
    func cancel() {
        completion = nil
        hold?.cancel()
        hold = nil
        leave()
    }

    private func leave() {
        guard let (path, stream) = place else { return }
        place = nil
        stream.remove(self)
        path.remove(self)
    }

    // MARK: PathReader

    func pathClosed(because reason: String) { finish(.failed) }

    // MARK: StreamReader

    func tracks(of formats: [RTPFormat]) -> Set<Int> {
        Set(formats.indices.first { formats[$0].media.videoCodec != nil }.map { [$0] } ?? [])
    }

    func begin(_ start: StreamStart) {}

    func deliver(_ delivery: Delivery) {
        guard delivery.unit.isKeyframe else { return }
        // Not at once: the stream is going through its readers.
        eventLoop.execute { [weak self] in
            guard let self, let (path, stream) = place else { return }
            // What is published may have shown since what it is.
            finish(isFit(stream) ? .arrived(path, stream) : .unfit)
        }
    }

    func deliver(_ report: StreamReport) {}

    func streamEnded(_ goodbyes: [StreamReport]) {}
}
