/// What stays the same from frame to frame of MPEG-1 or MPEG-2 audio.
public struct MPEGAudioFormat: Sendable, Equatable {
    /// The RTP clock in Hz, whatever the sample rate (RFC 3551 §4.5.13).
    static let clockRate: UInt32 = 90_000

    public enum Version: UInt8, Sendable {
        /// ISO/IEC 11172-3.
        case mpeg1 = 3
        /// ISO/IEC 13818-3, with half the sample rates.
        case mpeg2 = 2
        /// Nobody's standard, with a quarter of them.
        case mpeg25 = 0
    }

    public var version: Version
    /// 1, 2 or 3.
    public var layer: Int
    /// Hz
    public var sampleRate: UInt32
    public var channelCount: Int

    /// Per channel.
    public var samplesPerFrame: Int {
        switch (layer, version) {
        case (1, _): 384
        case (3, .mpeg2), (3, .mpeg25): 576
        default: 1152
        }
    }

    /// A frame of layer 3 at its lowest bitrate whose side information names no bit of sound (§2.4.1.7); nil for other layers.
    var silentFrame: ArraySlice<UInt8>? {
        guard layer == 3, let rateIndex = MPEGAudioHeader.sampleRates(version).firstIndex(of: Int(sampleRate)) else {
            return nil
        }
        // Without a checksum and padding.
        let header: [UInt8] = [
            0xFF, 0xE0 | version.rawValue << 3 | 0b011, 1 << 4 | UInt8(rateIndex) << 2, channelCount == 1 ? 0xC0 : 0,
        ]
        return MPEGAudioHeader(header[...]).map { parsed in
            header + [UInt8](repeating: 0, count: max(parsed.frameByteCount - header.count, 0))
        }?[...]
    }
}

/// The header of a frame of MPEG audio (ISO/IEC 11172-3 §2.4.1.3).
struct MPEGAudioHeader: Sendable {
    static let byteCount = 4

    let format: MPEGAudioFormat
    /// Of the whole frame, the header included.
    let frameByteCount: Int

    /// Reads the header that bytes begin with; nil when there is none, or it says "free format", which has no length.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = BitReader(bytes)
        guard reader.read(11) == 0x7FF, let versionBits = reader.read(2),
            let version = MPEGAudioFormat.Version(rawValue: UInt8(truncatingIfNeeded: versionBits)),
            let layerBits = reader.read(2), layerBits != 0, reader.skip(1), let rateIndex = reader.read(4),
            let sampleRateIndex = reader.read(2), sampleRateIndex < 3, let padding = reader.read(1), reader.skip(1),
            let mode = reader.read(2)
        else { return nil }
        let layer = 4 - Int(layerBits)
        let kilobits = Self.bitrates[version == .mpeg1 ? layer - 1 : layer == 1 ? 3 : 4][Int(rateIndex)]
        guard kilobits > 0 else { return nil }
        let sampleRate = Self.sampleRates(version)[Int(sampleRateIndex)]
        format = MPEGAudioFormat(
            version: version, layer: layer, sampleRate: UInt32(sampleRate), channelCount: mode == 3 ? 1 : 2)
        // §2.4.3.1: slots of four bytes in layer 1, of one in the others.
        frameByteCount =
            layer == 1
            ? (12 * kilobits * 1000 / sampleRate + Int(padding)) * 4
            : format.samplesPerFrame / 8 * kilobits * 1000 / sampleRate + Int(padding)
    }

    /// Hz by sampling_frequency.
    static func sampleRates(_ version: MPEGAudioFormat.Version) -> [Int] {
        let divisor =
            switch version {
            case .mpeg1: 1
            case .mpeg2: 2
            case .mpeg25: 4
            }
        return [44_100, 48_000, 32_000].map { $0 / divisor }
    }

    /// kb/s by bitrate_index: MPEG-1 layers 1, 2, 3, MPEG-2 layer 1, MPEG-2 layers 2 and 3; 0 for what is free or forbidden.
    private static let bitrates: [[Int]] = [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
    ]
}
