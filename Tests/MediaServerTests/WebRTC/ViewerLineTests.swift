import StreamProtocols
import Testing

@testable import MediaServer

@Suite struct ViewerLineTests {
    /// A line with a buffer of any length before it, and a viewer that reports by what and when it gets packets. Its camera sends
    /// 25 pictures of 10 000 bytes a second, 2 Mb/s, every 50th a keyframe of 50 000.
    private struct Simulation {
        static let interval: Duration = .milliseconds(40)
        static let pictureSize = 10_000
        static let keyframeSize = 50_000
        static let keyframeDistance = 50
        private static let packetSize = 1000

        var line = ViewerLine()
        /// Bits per second.
        var capacity: Double
        /// Of each packet, at most.
        var jitter: Duration = .zero
        var isDisposable: (Int) -> Bool = { _ in false }
        private(set) var now: Duration = .zero
        private(set) var sentCount = 0
        private(set) var skippedCount = 0
        /// Between a picture's departure and its last packet's arrival.
        private(set) var delays: [(at: Duration, delay: Duration)] = []

        private var pictureCount = 0
        private var isWaitingForKeyframe = false
        private var freeAt: Duration = .zero
        private var arrivals: [(number: UInt16, at: Duration)] = []
        private var nextReported: UInt16 = 0
        private var reportCount = 0
        private var random = Random()

        init(capacity: Double) { self.capacity = capacity }

        mutating func run(for duration: Duration) {
            let end = now + duration
            while now < end {
                picture()
                now += Self.interval
                report()
            }
        }

        private mutating func picture() {
            let index = pictureCount
            pictureCount += 1
            let isKeyframe = index % Self.keyframeDistance == 0
            let size = isKeyframe ? Self.keyframeSize : Self.pictureSize
            let kind: PictureChoice.Kind = isKeyframe ? .keyframe : isDisposable(index) ? .disposable : .reference
            switch line.decide(kind, byteCount: size, at: now) {
            case .send where isKeyframe || !isWaitingForKeyframe: isWaitingForKeyframe = false
            case .send, .leaveOut: return
            case .skip:
                skippedCount += 1
                isWaitingForKeyframe = true
                return
            }
            sentCount += 1
            line.send(byteCount: size, at: now)
            var last: Duration = .zero
            for _ in 0..<size / Self.packetSize {
                let number = line.number(ofPacketWith: Self.packetSize, at: now)
                freeAt = max(freeAt, now) + .seconds(Double(8 * Self.packetSize) / capacity)
                let arrival = freeAt + .milliseconds(20) + jitter * random.next()
                arrivals.append((number, arrival))
                last = max(last, arrival)
            }
            delays.append((now, last - now))
        }

        /// What has arrived since the last report, as browsers tell it: what was told as missing may be told again as received.
        private mutating func report() {
            let here = arrivals.filter { $0.at <= now }
            arrivals.removeAll { $0.at <= now }
            let offsets = here.map { ($0.number &- nextReported, $0.at) }
            // Numbers before the last report's end have a report of their own.
            for (offset, at) in offsets where offset >= 0x8000 {
                take(first: nextReported &+ offset, [(0, at)])
            }
            let newer = offsets.filter { $0.0 < 0x8000 }.sorted { $0.0 < $1.0 }
            guard let last = newer.last else { return }
            take(first: nextReported, newer)
            nextReported = nextReported &+ last.0 &+ 1
        }

        private mutating func take(first: UInt16, _ received: [(offset: UInt16, at: Duration)]) {
            guard let last = received.last, let earliest = received.map(\.at).min() else { return }
            let reference = Int32(earliest / RTCPTransportFeedback.referenceUnit)
            var time = RTCPTransportFeedback.referenceUnit * Int(reference)
            var statuses = Array(repeating: RTCPTransportFeedback.Status.missing(1), count: Int(last.offset) + 1)
            for (offset, at) in received {
                let delta = Int16(clamping: Int((at - time) / RTCPTransportFeedback.deltaUnit))
                statuses[Int(offset)] = .received(delta: delta)
                time += RTCPTransportFeedback.deltaUnit * Int(delta)
            }
            reportCount += 1
            line.take(
                RTCPTransportFeedback(
                    ssrc: 1, mediaSSRC: 1, firstNumber: first, referenceTime: reference,
                    reportNumber: UInt8(truncatingIfNeeded: reportCount), statuses: statuses), at: now)
        }
    }

    /// Numbers from 0 to 1, always the same (Numerical Recipes' generator).
    private struct Random {
        private var state: UInt32 = 1

        mutating func next() -> Double {
            state = state &* 1_664_525 &+ 1_013_904_223
            return Double(state >> 8) / Double(1 << 24)
        }
    }

    @Test func aGoodLineGetsEveryPicture() {
        var simulation = Simulation(capacity: 10_000_000)
        simulation.run(for: .seconds(60))
        #expect(simulation.sentCount == 1500)
        #expect(!simulation.line.isLimited && simulation.line.estimate == nil)
        // 25 pictures a second or, where a tenth has just begun, 22.
        #expect((1_700_000...2_500_000).contains(simulation.line.sentRate(at: simulation.now)))
    }

    @Test func jitterIsNoBadLine() {
        var simulation = Simulation(capacity: 10_000_000)
        simulation.jitter = .milliseconds(200)
        simulation.run(for: .seconds(60))
        #expect(simulation.sentCount == 1500)
        #expect(!simulation.line.isLimited)
    }

    /// Half of what there is: the delay stays, and the line is used.
    @Test func aNarrowLineGetsFewerPicturesAndNoneOfThemEverLater() throws {
        var simulation = Simulation(capacity: 1_000_000)
        simulation.run(for: .seconds(120))
        let settled = simulation.delays.filter { $0.at > .seconds(10) }
        let longest = try #require(settled.map(\.delay).max())
        // A keyframe alone takes 0.4 s.
        #expect(longest < .seconds(2), "\(longest)")
        let late = settled.filter { $0.at > .seconds(60) }.map(\.delay).max() ?? .zero
        let early = settled.filter { $0.at <= .seconds(60) }.map(\.delay).max() ?? .zero
        #expect(late < early + .seconds(0.5), "\(early), then \(late)")
        #expect(simulation.skippedCount > 0)
        // A third would fit, if pictures could wait for the next keyframe. A sixth is in time.
        #expect(settled.count > 110 * 25 / 6, "\(settled.count)")
        let estimate = try #require(simulation.line.estimate)
        #expect((400_000...1_500_000).contains(estimate))
    }

    /// Every second picture refers to none: left out, they are half of what there is, and no other is missed.
    @Test func picturesThatNoOtherRefersToGoFirst() {
        var simulation = Simulation(capacity: 1_700_000)
        simulation.isDisposable = { $0 % 2 == 1 }
        simulation.run(for: .seconds(120))
        #expect(simulation.line.leftOutCount > 100, "\(simulation.line.leftOutCount)")
        #expect(simulation.line.leftOutCount > 5 * simulation.skippedCount, "\(simulation.skippedCount)")
    }

    @Test func aLineThatIsGoodAgainGetsEveryPictureAgain() {
        var simulation = Simulation(capacity: 1_000_000)
        simulation.run(for: .seconds(30))
        #expect(simulation.line.isLimited)
        simulation.capacity = 20_000_000
        simulation.run(for: .seconds(30))
        #expect(!simulation.line.isLimited)
        let before = simulation.sentCount
        simulation.run(for: .seconds(10))
        #expect(simulation.sentCount - before == 250)
    }

    // MARK: Without reports of arrivals

    /// A line at which 2 Mb/s are sent.
    private func busyLine(at now: Duration) -> ViewerLine {
        var line = ViewerLine()
        send(&line, until: now)
        return line
    }

    private func send(_ line: inout ViewerLine, until now: Duration) {
        for index in 0..<10 {
            let time = now - .milliseconds(100 * (9 - index))
            line.send(byteCount: 25_000, at: time)
            _ = line.decide(.reference, byteCount: 25_000, at: time)
        }
    }

    @Test func tenPercentOfLossIsNoBadLineAndAThirdIs() {
        var line = busyLine(at: .seconds(2))
        for second in 2..<12 { line.lost(fraction: 0.1, at: .seconds(second)) }
        #expect(!line.isLimited)
        // Once is chance.
        line.lost(fraction: 0.35, at: .seconds(12))
        line.lost(fraction: 0.1, at: .seconds(13))
        #expect(!line.isLimited)
        send(&line, until: .seconds(15))
        line.lost(fraction: 0.35, at: .seconds(14))
        line.lost(fraction: 0.35, at: .seconds(15))
        #expect(
            line.estimate.map { (900_000...1_300_000).contains($0) } == true, "\(String(describing: line.estimate))")
        #expect(line.decide(.reference, byteCount: 1000, at: .seconds(15)) == .skip)
    }

    @Test func theViewersOwnEstimateCountsWhenItIsLowTwice() {
        var line = busyLine(at: .seconds(2))
        let low = RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 500_000, sources: [])
        let enough = RTCPReceiverEstimate(ssrc: 1, bitsPerSecond: 1_900_000, sources: [])
        for estimate in [low, enough, low, enough] { line.take(estimate, at: .seconds(2)) }
        #expect(!line.isLimited && line.estimate == 1_900_000)
        line.take(low, at: .seconds(2))
        line.take(low, at: .seconds(2))
        #expect(line.isLimited && line.estimate == 500_000)
    }

    @Test func whoAsksForKeyframesOnABadLineGetsThemSeldom() {
        var line = busyLine(at: .seconds(2))
        for _ in 0..<2 { #expect(line.mayAskForKeyframe(at: .seconds(2)) == true) }
        for _ in 0..<2 { line.lost(fraction: 0.5, at: .seconds(2)) }
        #expect(line.isLimited)
        #expect(line.mayAskForKeyframe(at: .seconds(6.9)) == false)
        #expect(line.mayAskForKeyframe(at: .seconds(7)) == true)
        #expect(line.mayAskForKeyframe(at: .seconds(8)) == false)
    }

    @Test func anotherWayIsNotAsBadAsTheLast() {
        var line = busyLine(at: .seconds(2))
        for _ in 0..<2 { line.lost(fraction: 0.5, at: .seconds(2)) }
        #expect(line.isLimited)
        line.routeChanged()
        #expect(!line.isLimited)
        #expect(line.decide(.reference, byteCount: 1000, at: .seconds(2)) == .send)
    }
}
