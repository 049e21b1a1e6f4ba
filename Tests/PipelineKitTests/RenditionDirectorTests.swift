import MediaKit
import StreamModel
import TestSupport
import Testing

@testable import PipelineKit
@testable import StreamProtocols

/// What a rendition decides, in orders of events that cameras, viewers and settings can bring about.
@Suite struct RenditionDirectorTests {
    private typealias Action = RenditionDirector.Action

    private static let route = CopyRoute(
        cameraID: "c", pipelineID: "p", writerID: "p:s", priority: 0, reducerFPS: nil, isForced: false)
    private static let open = CopyTerms(protocols: [.rtsp])
    private static let objection = CodedMessage.freeText("the pipeline changes the picture")

    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> MonotonicInstant { start + .milliseconds(milliseconds) }

    private func state(
        _ encoding: Encoding = Encoding(width: 640, height: 360, fps: 25), terms: CopyTerms = open,
        route: CopyRoute? = route, expecting codec: VideoCodec? = .h264, knowsSound: Bool = true
    ) -> RenditionDirector {
        RenditionDirector(
            encoding, route: route, terms: terms, expecting: codec, knowsSound: knowsSound, now: start)
    }

    private static func packet(
        _ codec: VideoCodec = .h264, width: Int = 1281, isRandomAccess: Bool = false, at time: MonotonicInstant,
        bFrames: Bool = false
    ) -> CameraPacket {
        var facts = CameraFacts(codec: codec.libavName)
        facts.picture = VideoPictureFormat(
            width: width, height: 720, chromaFormatIDC: 1, bitDepthLuma: 8, bitDepthChroma: 8, isProgressive: true,
            frameRate: 25, announcedReorderDepth: 0, reorderDepth: 0)
        facts.hasBFrames = bFrames
        facts.packetCount = 200
        return CameraPacket(nalUnits: [], isRandomAccess: isRandomAccess, captureTime: time, facts: facts)
    }

    /// Hands a packet in as the loop does.
    private static func arrive(
        _ packet: CameraPacket, at state: inout RenditionDirector, terms: CopyTerms = open, dropped: UInt64 = 0,
        refusing: Bool = false, now: MonotonicInstant
    ) -> [Action] {
        let needed = state.needsTerms(for: packet) ? terms : nil
        let actions = state.packetArrived(packet, terms: needed, dropped: dropped, now: now)
        return actions.flatMap { action in
            guard case .beginCopying = action, !refusing else { return [action] }
            state.copyingBegan(dropped: dropped)
            return [action]
                + state.packetArrived(
                    packet, terms: state.needsTerms(for: packet) ? terms : nil, dropped: dropped, now: now)
        }
    }

    private func copying() -> RenditionDirector {
        var state = state()
        _ = state.copyPathChanged(.direct(Self.route), knowsSound: true, now: at(0))
        _ = Self.arrive(Self.packet(isRandomAccess: true, at: at(10)), at: &state, now: at(20))
        return state
    }

    // MARK: The start

    @Test(arguments: [
        (
            CopyTerms(size: .init(width: 640, height: 360), protocols: [.rtsp]), VideoCodec?.none,
            Duration.milliseconds(1500)
        ),
        (CopyTerms(size: .init(width: 640, height: 360), protocols: [.rtsp]), .h265, .milliseconds(1500)),
        (CopyTerms(size: .init(width: 640, height: 360), protocols: [.rtsp]), .h264, .zero),
        (CopyTerms(protocols: [.rtsp]), .h264, .milliseconds(300)),
        (CopyTerms(size: .init(width: 640, height: 360), protocols: [.rtsp, .hls]), nil, .zero),
    ])
    func aCameraIsWaitedForOnlyWhereThePlaceholderCouldBeWrong(
        _ terms: CopyTerms, _ expected: VideoCodec?, _ patience: Duration
    ) {
        func found(_ route: CopyRoute?, knowsSound: Bool) -> Duration {
            start.duration(
                to: state(terms: terms, route: route, expecting: expected, knowsSound: knowsSound).deadline)
        }
        #expect(found(Self.route, knowsSound: true) == patience)
        #expect(found(nil, knowsSound: true) == .zero)
        #expect(found(Self.route, knowsSound: false) == RenditionDirector.codecPatience)
        #expect(found(nil, knowsSound: false) == RenditionDirector.codecPatience)
    }

    @Test func aCameraThatFitsIsCopiedFromItsFirstKeyframe() {
        var state = state()
        #expect(state.copyPathChanged(.direct(Self.route), knowsSound: true, now: at(0)) == [])
        #expect(Self.arrive(Self.packet(at: at(10)), at: &state, now: at(20)) == [])
        #expect(!state.isCopying && state.showsPlaceholder)
        let keyframe = Self.packet(isRandomAccess: true, at: at(50))
        let first = Self.arrive(keyframe, at: &state, now: at(60))
        // The time line begins ten seconds before the rendition.
        #expect(
            first == [
                .beginCopying(keyframe), .copy(keyframe, timestamp: 10_050 * 90), .report(.copied(keyframe.facts)),
            ])
        let next = Self.packet(at: at(90))
        #expect(Self.arrive(next, at: &state, now: at(100)) == [.copy(next, timestamp: 10_090 * 90)])
        #expect(state.isCopying && !state.showsPlaceholder)
    }

    @Test func aTransmissionThatRefusesToBeCopiedIsEncoded() {
        var state = state()
        _ = state.copyPathChanged(.direct(Self.route), knowsSound: true, now: at(0))
        let deadline = state.deadline
        let keyframe = Self.packet(isRandomAccess: true, at: at(10))
        #expect(Self.arrive(keyframe, at: &state, refusing: true, now: at(20)) == [.beginCopying(keyframe)])
        #expect(!state.isCopying && state.deadline == deadline)
        #expect(
            state.frameArrived(capturedAt: at(30), now: at(40)) == [.encode(timestamp: 10_030 * 90, keyframe: true)])
    }

    // MARK: Changes of what the camera sends

    @Test func aCopiedCameraThatSendsBFramesIsEncodedFromTheNextFrameOn() {
        var state = copying()
        #expect(state.frameArrived(capturedAt: at(30), now: at(40)) == [], "there is no use for frames")
        let actions = Self.arrive(Self.packet(at: at(50), bFrames: true), at: &state, now: at(60))
        guard case .report(.encode(let reason)) = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(reason.text.contains("B-frames"))
        #expect(Array(actions.dropFirst()) == [.endCopying])
        // Decoding takes a moment, in which nothing else is shown.
        #expect(state.deadline == at(2060))
        guard case .encode = state.frameArrived(capturedAt: at(90), now: at(100)).first else {
            Issue.record("not encoded")
            return
        }
    }

    @Test func picturesAfterALossWaitForAKeyframe() {
        var state = copying()
        #expect(Self.arrive(Self.packet(at: at(50)), at: &state, dropped: 3, now: at(60)) == [])
        #expect(Self.arrive(Self.packet(at: at(90)), at: &state, dropped: 3, now: at(100)) == [])
        let keyframe = Self.packet(isRandomAccess: true, at: at(130))
        #expect(
            Self.arrive(keyframe, at: &state, dropped: 3, now: at(140)).first
                == .copy(keyframe, timestamp: 10_130 * 90))
        let next = Self.packet(at: at(170))
        #expect(
            Self.arrive(next, at: &state, dropped: 3, now: at(180)) == [.copy(next, timestamp: 10_170 * 90)])
    }

    @Test func aCameraThatIsGoneGivesWayToAPlaceholderOfItsSize() {
        var state = copying()
        #expect(state.deadlinePassed(hasSignal: true, hasFrame: false, now: at(2020)) == [])
        let lost = state.deadlinePassed(hasSignal: false, hasFrame: false, now: at(2100))
        #expect(lost.first == .endCopying)
        guard case .showPlaceholder(_, let size) = lost.last else {
            Issue.record("\(lost)")
            return
        }
        // An encoder has no odd sizes.
        #expect(size == Resolution(width: 1280, height: 720))
    }

    @Test func theCodecFollowsTheCameraAndGoesBackWhenNothingIsCopiedAnyMore() {
        var state = state(expecting: nil)
        _ = state.copyPathChanged(.direct(Self.route), knowsSound: true, now: at(0))
        let keyframe = Self.packet(.h265, isRandomAccess: true, at: at(10))
        #expect(
            Array(Self.arrive(keyframe, at: &state, now: at(20)).prefix(2))
                == [.changeCodec(.h265), .beginCopying(keyframe)])
        #expect(
            state.copyPathChanged(.none(Self.objection), knowsSound: true, now: at(30))
                == [.endCopying, .changeCodec(.h264), .report(.encoded(Self.objection))])
    }

    @Test func settingsThatAskForAnotherSizeAreFollowedAtTheNextKeyframe() {
        var state = copying()
        let small = CopyTerms(size: .init(width: 640, height: 360), protocols: [.rtsp])
        let packet = Self.packet(at: at(50))
        #expect(
            Self.arrive(packet, at: &state, terms: small, now: at(60)) == [.copy(packet, timestamp: 10_050 * 90)])
        let actions = Self.arrive(
            Self.packet(isRandomAccess: true, at: at(90)), at: &state, terms: small, now: at(100))
        #expect(actions.last == .endCopying)
    }

    // MARK: Keyframes and rate

    @Test func aViewerGetsAKeyframeOnlyWhereOneCanBeMade() {
        var state = copying()
        state.keyframeRequested(now: at(30))
        #expect(!state.isKeyframeDue(at: at(30)), "a camera sends its keyframes when it likes")
        _ = state.copyPathChanged(.none(Self.objection), knowsSound: true, now: at(40))
        _ = state.frameArrived(capturedAt: at(50), now: at(60))
        state.keyframeRequested(now: at(70))
        #expect(state.isKeyframeDue(at: at(70)))
        #expect(state.deadline == at(140), "the last picture is repeated when no other comes")
        state.keyframeMade(at: at(80))
        #expect(!state.isKeyframeDue(at: at(80)))
    }

    @Test func anEncoderIsToldAnotherRateOnlyWhereItHasABitrateToShare() {
        for (bitrate, isReplaced) in [(Int?.some(1000), true), (nil, false)] {
            var state = state(Encoding(width: 640, height: 360, fps: 25, bitrateKbps: bitrate), route: nil)
            for index in 0..<120 {
                _ = state.frameArrived(capturedAt: at(index * 100), now: at(index * 100 + 10))
            }
            #expect(state.rateChecked() == isReplaced)
            #expect(state.framesPerSecond == (isReplaced ? 10 : 25))
            #expect(state.rateChecked() == false, "once is enough")
        }
    }

    @Test func theEncoderIsToldAnotherRateThatTheOutputAsksFor() {
        func encoding(_ fps: Int) -> Encoding { Encoding(width: 640, height: 360, fps: fps, bitrateKbps: 1000) }
        var state = state(encoding(25), route: nil)
        state.ratesChanged(to: encoding(15))
        #expect(state.framesPerSecond == 15)
        state.ratesChanged(to: encoding(25))
        #expect(state.framesPerSecond == 25)
        for index in 0..<120 {
            _ = state.frameArrived(capturedAt: at(index * 100), now: at(index * 100 + 10))
        }
        #expect(state.rateChecked() == true)
        #expect(state.framesPerSecond == 10)
        state.ratesChanged(to: encoding(20))
        #expect(state.framesPerSecond == 10, "the camera sends no more than before")
        #expect(state.rateChecked() == false, "what was measured at another rate counts no more")
        state.ratesChanged(to: encoding(5))
        #expect(state.framesPerSecond == 5)
    }

    // MARK: Any order

    /// Whatever happens in whatever order: nothing is encoded while pictures are copied or copied while they are encoded,
    /// beginning and end of copying alternate, no codec is announced twice, and times always increase.
    @Test func anyOrderOfEventsKeepsTheRules() {
        for seed in 0..<300 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var state = state(expecting: Bool.random(using: &generator) ? nil : .h264)
            var rules = Rules()
            var now = 0
            var dropped: UInt64 = 0
            var hasFrame = false
            for _ in 0..<200 {
                now += Int.random(in: 0...400, using: &generator)
                let instant = at(now)
                let captured = at(now - Int.random(in: 0...60, using: &generator))
                let actions: [Action]
                switch Int.random(in: 0..<12, using: &generator) {
                case 0:
                    let path = Bool.random(using: &generator) ? CopyPath.direct(Self.route) : .none(Self.objection)
                    rules.hasRoute = path.route != nil
                    actions = state.copyPathChanged(
                        path, knowsSound: Bool.random(using: &generator), now: instant)
                case 1: (dropped, actions) = (dropped + 1, [])
                case 2:
                    state.keyframeRequested(now: instant)
                    actions = []
                case 3..<6:
                    actions = state.frameArrived(capturedAt: captured, now: instant)
                    hasFrame = hasFrame || !state.isCopying
                case 6..<8 where instant >= state.deadline:
                    actions = state.deadlinePassed(
                        hasSignal: Bool.random(using: &generator), hasFrame: hasFrame, now: instant)
                default:
                    let packet = Self.packet(
                        Int.random(in: 0..<8, using: &generator) == 0 ? .h265 : .h264,
                        isRandomAccess: Int.random(in: 0..<3, using: &generator) == 0, at: captured,
                        bFrames: Int.random(in: 0..<10, using: &generator) == 0)
                    actions = Self.arrive(
                        packet, at: &state, dropped: dropped,
                        refusing: Int.random(in: 0..<6, using: &generator) == 0, now: instant)
                }
                for action in actions {
                    rules.check(action, state, hasFrame: hasFrame)
                    if case .showPlaceholder = action { hasFrame = false }
                    if case .beginCopying = action, state.isCopying { hasFrame = false }
                }
                #expect(rules.isCopying == state.isCopying, "seed \(seed)")
                guard rules.violation == nil else {
                    Issue.record("seed \(seed): \(rules.violation ?? "")")
                    return
                }
            }
        }
    }

    private struct Rules {
        var hasRoute = true
        var isCopying = false
        var codec = VideoCodec.h264
        var lastTimestamp: Int64 = -1
        var violation: String?

        mutating func check(_ action: Action, _ state: RenditionDirector, hasFrame: Bool) {
            switch action {
            case .beginCopying:
                if isCopying || !hasRoute { violation = "copying begins twice, or without a way" }
                // The transmission may have refused.
                isCopying = state.isCopying
            case .endCopying:
                if !isCopying { violation = "copying ends that had not begun" }
                isCopying = false
            case .changeCodec(let next):
                if codec == next { violation = "a codec is announced twice" }
                codec = next
            case .copy(_, let timestamp):
                if !isCopying { violation = "copied while frames are encoded" }
                advance(to: timestamp)
            case .encode(let timestamp, _), .showPlaceholder(let timestamp, _):
                if isCopying { violation = "encoded while pictures are copied" }
                advance(to: timestamp)
            case .repeatLast(let timestamp):
                if isCopying || !hasFrame { violation = "repeated what is not there" }
                advance(to: timestamp)
            case .report: break
            }
        }

        private mutating func advance(to timestamp: Int64) {
            if timestamp <= lastTimestamp { violation = "times go back" }
            lastTimestamp = timestamp
        }
    }
}
