/// A packet of Opus (RFC 6716 §3), which is one sample of its track.
enum OpusPacket {
    /// Hz of the clock, whatever the sound's bandwidth (RFC 7587 §4.1).
    static let clockRate: UInt32 = 48_000

    /// What the longest packet plays: 120 ms (RFC 6716 §3.2.5, R5).
    private static let longestSampleCount = 5760

    /// 20 ms of CELT in which nothing is heard, as libopus writes them.
    static let silence: [UInt8] = [0xF8, 0xFF, 0xFE]

    /// Samples at 48 kHz that a packet plays, by its first bytes; 0 when it is malformed.
    static func sampleCount(of packet: ArraySlice<UInt8>) -> Int {
        guard let toc = packet.first else { return 0 }
        let frameCount: Int
        switch toc & 3 {
        case 0: frameCount = 1
        case 1, 2: frameCount = 2
        default: frameCount = packet.dropFirst().first.map { Int($0 & 0x3F) } ?? 0
        }
        let sampleCount = frameCount * samplesPerFrame(configuration: toc >> 3)
        return sampleCount <= longestSampleCount ? sampleCount : 0
    }

    /// RFC 6716 table 2: 10, 20, 40, 60 ms for SILK, 10, 20 ms for the hybrid, 2.5, 5, 10, 20 ms for CELT.
    private static func samplesPerFrame(configuration: UInt8) -> Int {
        switch configuration {
        case 0..<12: [480, 960, 1920, 2880][Int(configuration & 3)]
        case 12..<16: [480, 960][Int(configuration & 1)]
        default: [120, 240, 480, 960][Int(configuration & 3)]
        }
    }
}
