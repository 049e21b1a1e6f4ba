import MediaKit
import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct PacketObserverTests {
    private let sps = CopyTermsTests.Sample.plain.bytes
    private let pps: [UInt8] = [0x68, 0xEB, 0xE3, 0xCB, 0x22, 0xC0]
    /// Slice headers by ITU-T H.264 §7.3.3: first_mb_in_slice ue(0) = `1`, then slice_type (table 7-6).
    private let idr: [UInt8] = [0x65, 0b1000_1000, 0x80]
    private let p: [UInt8] = [0x41, 0b1110_0000]
    private let b: [UInt8] = [0x41, 0b1010_1000]

    private func packet(
        _ units: [[UInt8]], at seconds: Double, shownAt: Double? = nil, arrival: MonotonicInstant = .now
    ) throws -> EncodedPacket {
        try EncodedPacket(
            bytes: units.flatMap { [0, 0, 0, 1] + $0 }, isKeyframe: units.contains { $0[0] == 0x65 },
            presentationTime: MediaTime(.seconds(shownAt ?? seconds)), decodeTime: MediaTime(.seconds(seconds)),
            arrivalTime: arrival)
    }

    private func observer() -> PacketObserver {
        PacketObserver(
            codec: "h264", extradata: [0, 0, 0, 1] + sps + [0, 0, 0, 1] + pps, frameRate: 25)
    }

    @Test func aRandomAccessPointBeginsWithItsParameterSets() throws {
        var observer = observer()
        let bare = observer.observe(try packet([idr], at: 0))
        #expect(bare.isRandomAccess)
        #expect(bare.nalUnits.map { [UInt8]($0) } == [sps, pps, idr])
        // A delimiter (type 9) belongs to the byte stream, and repeated sets are not sent twice.
        let full = observer.observe(try packet([[0x09, 0x10], sps, pps, idr], at: 1))
        #expect(full.nalUnits.map { [UInt8]($0) } == [sps, pps, idr])
        let other = observer.observe(try packet([p], at: 1.04))
        #expect(!other.isRandomAccess)
        #expect(other.nalUnits.map { [UInt8]($0) } == [p])
    }

    @Test func withoutParameterSetsNothingCanBegin() throws {
        var observer = PacketObserver(codec: "h264", extradata: [], frameRate: nil)
        #expect(!observer.observe(try packet([idr], at: 0)).isRandomAccess)
        #expect(observer.facts.sps == nil)
    }

    @Test func changedParameterSetsAreFollowed() throws {
        var observer = observer()
        _ = observer.observe(try packet([idr], at: 0))
        #expect(observer.facts.sps?.height == 720)
        _ = observer.observe(try packet([CopyTermsTests.Sample.full.bytes, pps, idr], at: 1))
        #expect(observer.facts.sps?.height == 1080)
    }

    @Test func bFramesAreFoundBySliceTypeAndByOrder() throws {
        var bySlice = observer()
        _ = bySlice.observe(try packet([idr], at: 0))
        #expect(!bySlice.facts.hasBFrames)
        _ = bySlice.observe(try packet([b], at: 0.04))
        #expect(bySlice.facts.hasBFrames)
        var byOrder = observer()
        _ = byOrder.observe(try packet([idr], at: 0, shownAt: 0.08))
        _ = byOrder.observe(try packet([p], at: 0.04, shownAt: 0.2))
        #expect(!byOrder.facts.hasBFrames)
        _ = byOrder.observe(try packet([p], at: 0.08, shownAt: 0.12))
        #expect(byOrder.facts.hasBFrames)
    }

    @Test func ratesAreMeasuredAndJumpsForgotten() throws {
        var observer = observer()
        let padding = [UInt8](repeating: 0xFF, count: 994)
        func send(_ range: Range<Int>, from start: Double) throws {
            for index in range {
                let unit = index % 50 == 0 ? idr + padding : p + padding + [0xFF]
                _ = observer.observe(try packet([unit], at: start + Double(index) / 20))
            }
        }
        try send(0..<100, from: 0)
        // 20 packets of 1001 bytes a second.
        let fps = try #require(observer.facts.framesPerSecond)
        #expect(abs(fps - 20) < 0.01)
        let kbps = try #require(observer.facts.bitrateKbps)
        #expect(abs(kbps - 160.16) < 0.2)
        #expect(observer.facts.keyframeSeconds.map { abs($0 - 2.5) < 0.001 } == true)
        // The camera's clock starts over: that is no reordering, and no keyframe distance.
        try send(0..<2, from: 0)
        #expect(!observer.facts.hasBFrames)
    }

    @Test func anOverdueKeyframeIsNoticed() throws {
        var observer = observer()
        _ = observer.observe(try packet([idr], at: 0))
        for index in 1...120 { _ = observer.observe(try packet([p], at: Double(index) / 25)) }
        #expect(try #require(observer.facts.keyframeSeconds) > CopyTerms.maximumKeyframeSeconds)
    }

    @Test func otherCodecsArePassedWithoutUnits() throws {
        var observer = PacketObserver(codec: "hevc", extradata: [], frameRate: 90_000)
        let seen = observer.observe(try packet([[0x26, 1]], at: 0))
        #expect(seen.nalUnits.isEmpty && !seen.isRandomAccess)
        #expect(seen.facts.framesPerSecond == nil, "that is the clock's rate, not the pictures'")
    }
}
