/// What comes before each frame of AAC where no description does: an adts_fixed_header and an adts_variable_header (ISO/IEC
/// 14496-3 §1.A.2.2).
struct ADTSHeader: Sendable, Equatable {
    static let byteCount = 7

    private let profile: UInt8
    private let sampleRateIndex: UInt8
    private let channelConfiguration: UInt8

    /// nil for what ADTS can't say: rates without an index, and more than eight channel configurations.
    init?(_ configuration: AACConfiguration) {
        guard let index = AACConfiguration.sampleRates.firstIndex(of: configuration.sampleRate),
            configuration.channelConfiguration < 8, configuration.frameLength == 1024
        else { return nil }
        profile = configuration.objectType - 1
        sampleRateIndex = UInt8(truncatingIfNeeded: index)
        channelConfiguration = configuration.channelConfiguration
    }

    /// Appends the header of a frame; false for one that is too long for its 13 bits of length.
    func append(frameByteCount: Int, to bytes: inout [UInt8]) -> Bool {
        let length = frameByteCount + Self.byteCount
        guard length < 1 << 13 else { return false }
        // Twelve ones of sync, MPEG-4, layer 0, no CRC; the buffer fullness of a variable rate, all ones; one block.
        bytes.append(0xFF)
        bytes.append(0xF1)
        bytes.append(profile << 6 | sampleRateIndex << 2 | channelConfiguration >> 2)
        bytes.append(channelConfiguration << 6 | UInt8(truncatingIfNeeded: length >> 11))
        bytes.append(UInt8(truncatingIfNeeded: length >> 3))
        bytes.append(UInt8(truncatingIfNeeded: length << 5) | 0x1F)
        bytes.append(0xFC)
        return true
    }
}
