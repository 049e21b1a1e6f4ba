import Logging
import MediaKit
import StreamProtocols
import Synchronization

/// Encodes one sound for whoever wants it: each encoding once, whatever the number of renditions, and none while nobody does. On a
/// thread of its own, which steps back for nobody: it is little work, and a gap is heard.
///
/// While nothing comes there is silence, at the pace of time.
final class SoundTranscoder: Sendable {
    /// Frames that wait at most: a burst of a camera that is read by HLS.
    static let queueCapacity = 1000

    private struct Subscription {
        var encodings: Set<SoundEncoding>
        /// When it was asked for: the thread may begin later.
        let since = MonotonicInstant.now
        let signals: BoundedQueue<RenditionSignal>
    }

    private struct State {
        var subscriptions: [String: Subscription] = [:]
        /// What the thread takes; nil while there is none.
        var queue: BoundedQueue<CameraSound?>?
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// From now on a rendition gets these encodings, and no others.
    func subscribe(_ id: String, to encodings: Set<SoundEncoding>, signals: BoundedQueue<RenditionSignal>) {
        state.withLock { state in
            guard state.subscriptions[id]?.encodings != encodings || state.subscriptions[id]?.signals !== signals
            else { return }
            state.subscriptions[id] = encodings.isEmpty ? nil : Subscription(encodings: encodings, signals: signals)
            follow(&state)
        }
    }

    /// A rendition gets nothing any more. One that has taken its place is left alone.
    func unsubscribe(_ id: String, signals: BoundedQueue<RenditionSignal>) {
        state.withLock { state in
            guard state.subscriptions[id]?.signals === signals else { return }
            state.subscriptions[id] = nil
            follow(&state)
        }
    }

    /// Takes a frame of the sound; what was heard before is not heard again.
    func hear(_ sound: CameraSound) {
        state.withLock { _ = $0.queue?.push(sound) }
    }

    private func follow(_ state: inout State) {
        if state.subscriptions.isEmpty {
            state.queue?.close()
            state.queue = nil
        } else if let queue = state.queue {
            // Word that other encodings are wanted.
            queue.push(nil)
        } else {
            let queue = BoundedQueue<CameraSound?>(capacity: Self.queueCapacity)
            state.queue = queue
            // Lives until nobody subscribes any more, and keeps the transcoder until then.
            _ = DedicatedThread(name: "sound") { [logger] in
                var loop = SoundTranscodingLoop(logger: logger)
                loop.run(queue, wanted: { self.wanted }, deliver: { self.deliver($0, from: queue) })
            }
        }
    }

    /// With when each was asked for first.
    private var wanted: [SoundEncoding: MonotonicInstant] {
        state.withLock { state in
            state.subscriptions.values.reduce(into: [:]) { wanted, subscription in
                for encoding in subscription.encodings {
                    wanted[encoding] = min(wanted[encoding] ?? subscription.since, subscription.since)
                }
            }
        }
    }

    /// - Parameter queue: of the thread that made them. One whose subscribers have left may still be at work when others come.
    private func deliver(_ frames: [CameraSound], from queue: BoundedQueue<CameraSound?>) {
        let subscriptions = state.withLock { $0.queue === queue ? Array($0.subscriptions.values) : [] }
        for frame in frames {
            for subscription in subscriptions {
                guard let encoding = frame.version.encoding, subscription.encodings.contains(encoding) else { continue }
                subscription.signals.push(.sound(frame))
            }
        }
    }
}

/// What a transcoder's thread does. Used by that thread alone.
private struct SoundTranscodingLoop {
    /// An encoder that can't be opened is tried again after this.
    private static let retryDelay: Duration = .seconds(10)
    /// How far back a line begins: beside the placeholder's pictures of the past there is silence, or what is cut into segments by
    /// them would have one without sound, and players would think that there is none.
    private static let head = RenditionPacer.runInInterval * (RenditionPacer.runInPictures + 1)
    /// A computer that slept has nothing to make up for: a line that ends so long before what follows begins anew.
    private static let longestSilence: Duration = .seconds(30)
    private static let decoderClock = MediaTimeBase(denominator: 1_000_000_000)

    private let logger: Logger
    private var lines: [SoundEncoding: SoundEncodingLine] = [:]
    private var failures: [SoundEncoding: MonotonicInstant] = [:]
    private var decoder: SoundDecoder?
    /// What can't be decoded; said once.
    private var undecodable: SoundStreamInfo?
    private var lastCapture: MonotonicInstant?
    /// Where the decoder's time begins.
    private let epoch = MonotonicInstant.now
    private var patience = SoundPatience()

    init(logger: Logger) { self.logger = logger }

    mutating func run(
        _ queue: BoundedQueue<CameraSound?>, wanted: () -> [SoundEncoding: MonotonicInstant],
        deliver: ([CameraSound]) -> Void
    ) {
        follow(wanted())
        while true {
            switch queue.wait(until: deadline) {
            case .element(nil): follow(wanted())
            case .element(let sound?): take(sound, deliver)
            case .timedOut:
                follow(wanted())
            case .closed: return
            }
            // What waits in the queue may be what is missing.
            if queue.count == 0 { fill(at: .now, deliver) }
        }
    }

    /// When silence has to be made, or a failed encoder be tried again.
    private var deadline: MonotonicInstant {
        let silences = lines.values.map { $0.end + patience(for: $0.encoding) + SoundPatience.step }
        return (silences + failures.values).min() ?? .now + Self.retryDelay
    }

    private func patience(for encoding: SoundEncoding) -> Duration {
        encoding.isSilent ? SoundPatience.shortest : patience.duration
    }

    private mutating func follow(_ wanted: [SoundEncoding: MonotonicInstant]) {
        lines = lines.filter { wanted[$0.key] != nil }
        failures = failures.filter { wanted[$0.key] != nil }
        let now = MonotonicInstant.now
        for (encoding, since) in wanted where lines[encoding] == nil && failures[encoding] ?? now <= now {
            begin(encoding, at: failures[encoding] == nil ? since : now)
        }
    }

    private mutating func begin(_ encoding: SoundEncoding, at instant: MonotonicInstant) {
        do throws(MediaError) {
            lines[encoding] = try SoundEncodingLine(encoding, from: instant - Self.head)
            failures[encoding] = nil
        } catch {
            fail(encoding, error)
        }
    }

    private mutating func leaveTooLongSilences(before instant: MonotonicInstant) {
        for (encoding, line) in lines where line.end.duration(to: instant) > Self.longestSilence {
            begin(encoding, at: instant)
        }
    }

    private mutating func fail(_ encoding: SoundEncoding, _ error: MediaError) {
        logger.error("\(error)", metadata: ["retry_in": "\(Self.retryDelay)"])
        lines[encoding] = nil
        failures[encoding] = .now + Self.retryDelay
    }

    private mutating func take(_ sound: CameraSound, _ deliver: ([CameraSound]) -> Void) {
        // Transmissions of one camera all tell what they hear.
        guard sound.captureTime > lastCapture ?? sound.captureTime - .nanoseconds(1) else { return }
        lastCapture = sound.captureTime
        patience.heard(sound.captureTime, at: .now)
        guard lines.keys.contains(where: { !$0.isSilent }), let info = sound.format.media.decoderInfo else { return }
        leaveTooLongSilences(before: sound.captureTime)
        do throws(MediaError) {
            for decoded in try decode(sound, info) {
                let start = decoded.presentationTime.map { epoch + $0.duration } ?? sound.captureTime + sound.lag
                for line in lines.values where !line.encoding.isSilent {
                    do throws(MediaError) {
                        deliver(try line.take(decoded, from: start))
                    } catch {
                        fail(line.encoding, error)
                    }
                }
            }
        } catch {
            guard undecodable != info else { return }
            undecodable = info
            logger.error("\(error)")
        }
    }

    /// - Returns: samples, whose times count from ``epoch``.
    private mutating func decode(_ sound: CameraSound, _ info: SoundStreamInfo) throws(MediaError) -> [DecodedSound] {
        if decoder?.stream != info { decoder = try SoundDecoder(info) }
        let time = MediaTime(epoch.duration(to: sound.captureTime + sound.lag), timeBase: Self.decoderClock)
        return try decoder?.decode(sound.bytes, presentationTime: time) ?? []
    }

    private mutating func fill(at now: MonotonicInstant, _ deliver: ([CameraSound]) -> Void) {
        leaveTooLongSilences(before: now)
        for line in lines.values {
            do throws(MediaError) {
                let frames = try line.fill(until: now - patience(for: line.encoding))
                if !frames.isEmpty { deliver(frames) }
            } catch {
                fail(line.encoding, error)
            }
        }
    }
}
