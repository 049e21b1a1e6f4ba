import Synchronization
import Testing

@testable import MediaKit

@Suite(.timeLimit(.minutes(1))) struct ScaledFramesTests {
    private let source: DemoSource

    init() throws { source = try DemoSource(width: 640, height: 360) }

    @Test func equalSizesGetTheVerySameFrame() throws {
        let shared = ScaledFrames()
        let frame = try source.frame(number: 1)
        let one = try shared.scale(frame, by: Scaler(width: 320, height: 180))
        let two = try shared.scale(frame, by: Scaler(width: 320, height: 180))
        #expect(one === two)
        // A repeated picture has been scaled already; another one, or another size, has not.
        #expect(try shared.scale(frame, by: Scaler(width: 160, height: 90)).width == 160)
        #expect(try shared.scale(frame, by: Scaler(width: 320, height: 180)) === one)
        #expect(try shared.scale(source.frame(number: 2), by: Scaler(width: 320, height: 180)) !== one)
    }

    @Test func theFrameIsTheOneThatAScalerMakes() throws {
        let frame = try source.frame(number: 7)
        let shared = try ScaledFrames().scale(frame, by: Scaler(width: 320, height: 180))
        let own = try Scaler(width: 320, height: 180).scale(frame)
        for plane in 0..<3 { #expect(samples(of: shared, plane: plane) == samples(of: own, plane: plane)) }
    }

    @Test func whoWaitsTooLongScalesByHimself() async throws {
        let shared = ScaledFrames()
        let frame = try source.frame(number: 3)
        let size = ScaledFrames.Size(width: 320, height: 180, fit: .contain)
        let hasBegun = OneShotSignal()
        let mayGoOn = OneShotSignal()
        let stuck = DedicatedThread(name: "stuck") {
            _ = try? shared.share(frame, size) { () throws(MediaError) in
                hasBegun.raise()
                mayGoOn.wait()
                return frame
            }
        }
        await hasBegun.completion()
        let scaled = try await onThread { try shared.scale(frame, by: Scaler(width: 320, height: 180)) }
        #expect(scaled.width == 320)
        mayGoOn.raise()
        await stuck.completion()
    }

    @Test func everyThreadGetsThePictureThatItAskedFor() async throws {
        let shared = ScaledFrames()
        let frames = try (0..<50).map { try source.frame(number: $0) }
        let seen = Mutex<[[UInt32?]]>([])
        let threads = (0..<4).map { _ in
            DedicatedThread(name: "scale") {
                guard let scaler = try? Scaler(width: 320, height: 180) else { return }
                let counters = frames.map { frame in
                    (try? shared.scale(frame, by: scaler)).flatMap { FrameCounter.read(from: $0) }
                }
                seen.withLock { $0.append(counters) }
            }
        }
        for thread in threads { await thread.completion() }
        #expect(seen.withLock { $0 } == [[UInt32?]](repeating: (0..<50).map { UInt32($0) }, count: 4))
    }
}
