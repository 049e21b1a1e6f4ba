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
        _ units: [[UInt8]], at seconds: Double?, shownAt: Double? = nil, arrival: MonotonicInstant = .now
    ) throws -> EncodedPacket {
        try EncodedPacket(
            bytes: units.flatMap { [0, 0, 0, 1] + $0 }, isKeyframe: units.contains { $0[0] == 0x65 },
            presentationTime: (shownAt ?? seconds).map { MediaTime(.seconds($0)) },
            decodeTime: seconds.map { MediaTime(.seconds($0)) }, isReordered: true, arrivalTime: arrival)
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

    @Test func metadataIsTakenOutOfThePicture() throws {
        let metadata = try #require(PictureMetadata(json: Array(#"{"n":1}"#.utf8)))
        let unit = metadata.nalUnit(.h264)
        // One that nobody can read is none, and is not passed on either.
        var broken = unit
        broken[unit.count - 2] = UInt8(ascii: "1")
        let other: [UInt8] = [0x06, 0x05, 0x01, 0x07, 0x80]
        var observer = observer()
        let first = observer.observe(try packet([other, unit, idr], at: 0))
        #expect(first.metadata == metadata)
        #expect(first.nalUnits.map { [UInt8]($0) } == [sps, pps, other, idr])
        let second = observer.observe(try packet([broken, p], at: 0.04))
        #expect(second.metadata == nil)
        #expect(second.nalUnits.map { [UInt8]($0) } == [p])
    }

    @Test func withoutParameterSetsNothingCanBegin() throws {
        var observer = PacketObserver(codec: "h264", extradata: [], frameRate: nil)
        #expect(!observer.observe(try packet([idr], at: 0)).isRandomAccess)
        #expect(observer.facts.picture == nil)
    }

    @Test func changedParameterSetsAreFollowed() throws {
        var observer = observer()
        _ = observer.observe(try packet([idr], at: 0))
        #expect(observer.facts.picture?.height == 720)
        _ = observer.observe(try packet([CopyTermsTests.Sample.full.bytes, pps, idr], at: 1))
        #expect(observer.facts.picture?.height == 1080)
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

    /// A source that only knows when pictures are shown, as RTP does: I P B B, P B B …, at 25 fps.
    @Test func reorderedPicturesWithoutDecodingTimesAreMeasuredToo() throws {
        var observer = observer()
        _ = observer.observe(try packet([idr], at: nil, shownAt: 0))
        #expect(!observer.facts.hasBFrames)
        for group in 0..<60 {
            for shown in [3, 1, 2] {
                _ = observer.observe(try packet([p], at: nil, shownAt: Double(3 * group + shown) / 25))
            }
        }
        #expect(observer.facts.hasBFrames)
        let fps = try #require(observer.facts.framesPerSecond)
        #expect(abs(fps - 25) < 1)
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
        var observer = PacketObserver(codec: "mjpeg", extradata: [], frameRate: 90_000)
        let seen = observer.observe(try packet([[0xFF, 0xD8]], at: 0))
        #expect(seen.nalUnits.isEmpty && !seen.isRandomAccess)
        #expect(seen.facts.framesPerSecond == nil, "that is the clock's rate, not the pictures'")
        #expect(!observer.knowsBFrames)
    }

    // MARK: H.265

    /// The parameter sets of libx265 3.5 for 1280×720 with `-tune zerolatency`, as `hvcC` by ffmpeg 5.1.
    private static let hvcC = hex(
        "0101600000009000000000005df000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003005dba0240"
            + "a10001002942010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84"
            + "a2000100064401c0718312")

    private static func hex(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    /// Behind lengths of four bytes, as the record says. Headers by ITU-T H.265 table 7-1.
    private func h265Packet(_ units: [[UInt8]], at seconds: Double, shownAt: Double? = nil) throws -> EncodedPacket {
        try EncodedPacket(
            bytes: units.flatMap { [0, 0, 0, UInt8($0.count)] + $0 }, isKeyframe: false,
            presentationTime: MediaTime(.seconds(shownAt ?? seconds)), decodeTime: MediaTime(.seconds(seconds)),
            arrivalTime: .now)
    }

    @Test func h265IsLookedInto() throws {
        var observer = PacketObserver(codec: "hevc", extradata: Self.hvcC, frameRate: 25)
        #expect(observer.facts.picture?.width == 1280)
        // CRA (21), behind a delimiter (35) and filler (38); then a trailing picture.
        let key = observer.observe(try h265Packet([[0x46, 1, 0x50], [0x4C, 1, 0xFF], [0x2A, 1, 0x80]], at: 0))
        #expect(key.isRandomAccess)
        #expect(key.nalUnits.map { [UInt8]($0)[0] >> 1 } == [32, 33, 34, 21])
        let next = observer.observe(try h265Packet([[0x02, 1, 0xD0]], at: 0.04))
        #expect(!next.isRandomAccess && next.nalUnits.count == 1)
        #expect(!next.facts.hasBFrames)
        // RASL (8): decoded after the CRA picture, shown before it.
        #expect(observer.observe(try h265Packet([[0x10, 1, 0xD0]], at: 0.08)).facts.hasBFrames)
    }

    /// Cameras that never send an IDR picture: an intra picture after a recovery point (ITU-T H.264 §D.2.8) of no frames is
    /// as good, and one of 24 frames is where a picture begins to become whole.
    @Test func recoveryPointsAreRandomAccessPointsToo() throws {
        var observer = observer()
        let intra: [UInt8] = [0x41, 0b1000_1000, 0x80]
        let open = observer.observe(try packet([[0x06, 0x06, 0x01, 0x84, 0x80], intra], at: 0))
        #expect(open.isRandomAccess && !open.facts.isRefreshedGradually)
        #expect(open.nalUnits.prefix(2).map { [UInt8]($0) } == [sps, pps])
        #expect(!observer.observe(try packet([p], at: 0.04)).isRandomAccess)
        let gradual = observer.observe(try packet([[0x06, 0x06, 0x02, 0x0C, 0x84, 0x80], p], at: 0.08))
        #expect(gradual.isRandomAccess && gradual.facts.isRefreshedGradually)
    }

    // MARK: What the camera test shows

    @Test func theDistanceOfKeyframesIsThereBeforeAWindowIsFull() throws {
        var observer = observer()
        for index in 0...50 {
            let unit = index % 25 == 0 ? idr : p
            _ = observer.observe(try packet([unit], at: Double(index) / 20))
        }
        #expect(observer.keyframeDistance.map { abs($0 - 1.25) < 0.001 } == true)
    }

    /// libav gives the first packet of a stream no time when the RTP-Info header does not name one.
    @Test func aFirstKeyframeWithoutATimeIsNoEndOfADistance() throws {
        var observer = observer()
        _ = observer.observe(try packet([idr], at: nil))
        _ = observer.observe(try packet([idr], at: 2))
        #expect(observer.keyframeDistance == nil)
        _ = observer.observe(try packet([idr], at: 4))
        #expect(observer.keyframeDistance == 2)
    }
}
