import Testing

@testable import MediaKit

@Suite struct DecodeBacklogTests {
    private let start = ContinuousClock.now

    private func packet(_ number: Int, keyframe: Bool = false, byteCount: Int = 10) throws -> EncodedPacket {
        try EncodedPacket(
            bytes: [UInt8](repeating: 0, count: byteCount), isKeyframe: keyframe,
            presentationTime: MediaTime(ticks: Int64(number), timeBase: .mpeg))
    }

    /// A camera of 25 pictures a second with a keyframe each `group`, and a decoder that takes `decodeTime` for each.
    ///
    /// - Returns: the numbers of the pictures that were decoded, how long each waited, and how many were left out.
    private func run(
        pictures: Int, group: Int, decodeTime: Duration, byteCount: Int = 10
    ) throws -> (decoded: [Int], waits: [Duration], gaps: [Int], leftOut: Int) {
        var backlog = DecodeBacklog()
        var (decoded, waits, gaps, leftOut) = ([Int](), [Duration](), [Int](), 0)
        var free = start
        func decode(until now: ContinuousClock.Instant) {
            while free <= now, let element = backlog.next(now: free) {
                let number = Int(element.packet.presentationTime?.ticks ?? -1)
                decoded.append(number)
                waits.append(element.captureTime.duration(to: free))
                if element.followsGap { gaps.append(number) }
                free += decodeTime
            }
        }
        for number in 0..<pictures {
            let now = start + .milliseconds(40 * number)
            decode(until: now)
            leftOut += backlog.push(
                try packet(number, keyframe: number % group == 0, byteCount: byteCount), capturedAt: now, now: now)
            free = max(free, now)
            decode(until: now)
        }
        return (decoded, waits, gaps, leftOut)
    }

    @Test func whatCanBeDecodedInTimeIsDecoded() throws {
        let result = try run(pictures: 500, group: 50, decodeTime: .milliseconds(39))
        #expect(result.decoded == Array(0..<500))
        #expect(result.leftOut == 0 && result.gaps.isEmpty)
    }

    @Test(arguments: [45, 60, 120], [1, 25, 50, 100])
    func aDecoderThatIsTooSlowLeavesOutWholeGroups(_ milliseconds: Int, _ group: Int) throws {
        let result = try run(pictures: 1500, group: group, decodeTime: .milliseconds(milliseconds))
        #expect(result.leftOut > 0)
        let longest = result.waits.max() ?? .zero
        #expect(longest <= DecodeBacklog.maximumWait + .milliseconds(milliseconds))
        // After a gap decoding begins at a keyframe, and each picture comes after the one it refers to.
        for (before, after) in zip(result.decoded, result.decoded.dropFirst()) where after != before + 1 {
            #expect(after % group == 0 && result.gaps.contains(after))
        }
        // From each keyframe on it is busy until pictures have waited for as long as they may.
        let busy = Int(DecodeBacklog.maximumWaitOverloaded / .milliseconds(milliseconds - 40))
        #expect(result.decoded.count >= min(1500 / group * min(group, busy), 1500 * 40 / milliseconds) / 2)
        // Delay is short while it is behind, not just within bounds.
        let late = result.waits.dropFirst(result.waits.count / 4)
        #expect(late.max() ?? .zero <= DecodeBacklog.maximumWaitOverloaded + .milliseconds(milliseconds))
    }

    @Test func whatWaitedForTooLongIsLeftOutWithWhatRefersToIt() throws {
        var backlog = DecodeBacklog()
        for (number, milliseconds) in [(0, 0), (1, 40), (2, 160), (3, 170)] {
            let time = start + .milliseconds(milliseconds)
            _ = backlog.push(try packet(number, keyframe: number % 2 == 0), capturedAt: time, now: time)
        }
        var now = start + DecodeBacklog.maximumWait + .milliseconds(50)
        let element = backlog.next(now: now)
        #expect(element?.packet.presentationTime?.ticks == 2 && element?.followsGap == true)
        #expect(backlog.push(try packet(4, keyframe: true), capturedAt: now, now: now) == 3)
        // Without a random access point that is new enough, one is waited for.
        now += .seconds(1)
        #expect(backlog.next(now: now) == nil)
        #expect(backlog.push(try packet(5), capturedAt: now, now: now) == 2)
        #expect(backlog.push(try packet(6, keyframe: true), capturedAt: now, now: now) == 0)
        #expect(backlog.next(now: now)?.followsGap == true)
    }

    @Test func bytesAreBounded() throws {
        var backlog = DecodeBacklog()
        _ = backlog.push(try packet(0, keyframe: true), capturedAt: start, now: start)
        for number in 1...20 {
            _ = backlog.push(try packet(number, byteCount: 1 << 20), capturedAt: start, now: start)
        }
        var count = 0
        while backlog.next(now: start) != nil { count += 1 }
        #expect(count == 16)
        // What comes next refers to what was left out.
        #expect(backlog.push(try packet(21), capturedAt: start, now: start) == 1)
        #expect(backlog.push(try packet(22, keyframe: true), capturedAt: start, now: start) == 0)
        #expect(backlog.next(now: start)?.followsGap == true)
    }

    @Test func nobodySeesPicturesOfThePast() throws {
        var backlog = DecodeBacklog()
        backlog.begin(
            with: try (0..<100).map { (try packet($0, keyframe: $0 == 0), start - .seconds(4)) }, now: start)
        // While it catches up, more comes than it may keep waiting otherwise.
        var now = start
        for number in 100..<130 {
            now += .milliseconds(40)
            #expect(backlog.push(try packet(number), capturedAt: now, now: now) == 0)
        }
        var current: [Int64] = []
        while let element = backlog.next(now: now) {
            now += .milliseconds(5)
            if element.isCurrent { current.append(element.packet.presentationTime?.ticks ?? -1) }
        }
        #expect(!current.isEmpty && current.last == 129)
        #expect(current.allSatisfy { $0 >= 100 })
    }

    @Test func theLastPictureOfAGroupIsSeenAtOnce() throws {
        var backlog = DecodeBacklog()
        backlog.begin(with: try (0..<10).map { (try packet($0, keyframe: $0 == 0), start) }, now: start)
        let isCurrent = (0..<10).map { _ in backlog.next(now: start)?.isCurrent }
        #expect(isCurrent == Array(repeating: false, count: 9) + [true])
    }
}

@Suite(.timeLimit(.minutes(1))) struct DecodeQueueTests {
    @Test func closingEndsAWaitAndDropsWhatWaits() async throws {
        let queue = DecodeQueue()
        let packet = try EncodedPacket(bytes: [1], isKeyframe: true, presentationTime: nil)
        queue.push(packet, capturedAt: .now)
        #expect(queue.next() != nil)
        #expect(queue.busySince != nil)
        let thread = DedicatedThread(name: "test") { #expect(queue.next() == nil) }
        queue.close()
        await thread.completion()
        queue.push(packet, capturedAt: .now)
        #expect(queue.next() == nil)
        #expect(queue.busySince == nil)
    }
}
