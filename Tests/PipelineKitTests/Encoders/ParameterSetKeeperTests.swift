import StreamProtocols
import Testing

@testable import PipelineKit

@Suite struct ParameterSetKeeperTests {
    // NAL unit types of ITU-T H.264 table 7-1: 7 SPS, 8 PPS, 5 IDR slice, 1 slice.
    private let sps: [UInt8] = [0x67, 0x42, 0x00, 0x1E, 0xAB]
    private let pps: [UInt8] = [0x68, 0xCE, 0x3C, 0x80]
    private let idr: [UInt8] = [0x65, 0x88, 0x84]
    private let slice: [UInt8] = [0x41, 0x9A, 0x02]

    private func types(_ units: [ArraySlice<UInt8>]?) -> [UInt8]? { units.map { $0.map { ($0.first ?? 0) & 0x1F } } }

    @Test func everyKeyframeHasParameterSets() {
        var keeper = ParameterSetKeeper(codec: .h264)
        #expect(types(keeper.complete([sps[...], pps[...], idr[...]], isKeyframe: true)) == [7, 8, 5])
        #expect(types(keeper.complete([slice[...]], isKeyframe: false)) == [1])
        #expect(types(keeper.complete([idr[...]], isKeyframe: true)) == [7, 8, 5])
    }

    @Test func aPacketOfParameterSetsAloneIsNoPicture() {
        var keeper = ParameterSetKeeper(codec: .h264)
        #expect(keeper.complete([sps[...], pps[...]], isKeyframe: false) == nil)
        #expect(types(keeper.complete([idr[...]], isKeyframe: true)) == [7, 8, 5])
    }

    @Test func nothingIsMadeUp() {
        var keeper = ParameterSetKeeper(codec: .h264)
        #expect(types(keeper.complete([idr[...]], isKeyframe: true)) == [5])
        #expect(keeper.complete([], isKeyframe: false) == nil)
    }
}
