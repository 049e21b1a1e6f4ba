/// A frame of AAC with the header that tells what it is (ISO/IEC 14496-3 §1.A.2.2), as MPEG-TS carries it.
public struct ADTSFrame: Sendable, Equatable {
    public let configuration: AACConfiguration
    /// Without the header.
    public let frame: ArraySlice<UInt8>

    /// nil when the bytes do not begin with a header, or are less than it says.
    public init?(_ bytes: ArraySlice<UInt8>) {
        var reader = BitReader(bytes)
        // syncword, ID, layer 0; protection_absent; profile, sampling_frequency_index, private_bit, channel_configuration.
        guard reader.read(12) == 0xFFF, reader.skip(1), reader.read(2) == 0, let hasNoCRC = reader.readBit(),
            let profile = reader.read(2), let rateIndex = reader.read(4), reader.skip(1),
            let channels = reader.read(3),
            // original_copy, home, the copyright's two bits; aac_frame_length; the buffer's fullness; one block a frame.
            reader.skip(4), let length = reader.read(13), reader.skip(11), reader.read(2) == 0,
            let configuration = AACConfiguration(
                objectType: UInt8(profile) + 1, sampleRateIndex: UInt8(rateIndex),
                channelConfiguration: UInt8(channels))
        else { return nil }
        let headerByteCount = hasNoCRC ? ADTSHeader.byteCount : ADTSHeader.byteCount + 2
        guard length > headerByteCount, length <= bytes.count else { return nil }
        self.configuration = configuration
        frame = bytes.prefix(Int(length)).dropFirst(headerByteCount)
    }
}

extension AACConfiguration {
    /// AAC-LC, which is what a stream is that does not say; nil when its rate has no index.
    ///
    /// - Parameter channelCount: 1…6, or 8.
    public init?(lowComplexity sampleRate: UInt32, channelCount: Int) {
        guard let index = Self.sampleRates.firstIndex(of: sampleRate), (1...8).contains(channelCount), channelCount != 7
        else { return nil }
        self.init(
            objectType: 2, sampleRateIndex: UInt8(index),
            channelConfiguration: channelCount == 8 ? 7 : UInt8(channelCount))
    }

    /// HE-AAC whose object type signals it, so that no decoder overlooks it (§1.6.5); nil when the rate or its half has no index.
    ///
    /// - Parameters:
    ///   - sampleRate: Hz, at which it is played: twice that of the core.
    ///   - coreChannelCount: 1…6, or 8; 1 with parametric stereo.
    public init?(highEfficiency sampleRate: UInt32, coreChannelCount: Int, hasParametricStereo: Bool) {
        guard let core = AACConfiguration(lowComplexity: sampleRate / 2, channelCount: coreChannelCount),
            let coreIndex = Self.sampleRates.firstIndex(of: core.sampleRate),
            let index = Self.sampleRates.firstIndex(of: sampleRate)
        else { return nil }
        // Five bits of object type, four each of the core's rate, its channels and the rate; AAC-LC in five, and three zeros.
        let type: UInt32 = hasParametricStereo ? 29 : 5
        let bits =
            type << 27 | UInt32(coreIndex) << 23 | UInt32(core.channelConfiguration) << 19 | UInt32(index) << 15 | 2
            << 10
        self.init((0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)) })
    }

    /// Whether a frame with this header is one of sound that is described so: headers tell the core only.
    public func isCore(of other: AACConfiguration) -> Bool {
        objectType == other.objectType && sampleRate == other.sampleRate
            && channelConfiguration == other.channelConfiguration && frameLength == other.frameLength
    }

    fileprivate init?(objectType: UInt8, sampleRateIndex: UInt8, channelConfiguration: UInt8) {
        // §1.6.2.1 and, of its GASpecificConfig, three zeros: frames of 1024 samples that depend on nothing else.
        self.init([
            objectType << 3 | sampleRateIndex >> 1, (sampleRateIndex & 1) << 7 | channelConfiguration << 3,
        ])
    }
}
