/// What a decoder of AAC has to know: an AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1).
public struct AACConfiguration: Sendable, Equatable {
    /// The audio object type of the core: 1 Main, 2 LC, 3 SSR, 4 LTP.
    public let objectType: UInt8
    /// Hz, of the core.
    public let sampleRate: UInt32
    /// channelConfiguration (table 1.19), 1…7, 11, 12 or 14.
    public let channelConfiguration: UInt8
    /// Samples of the core in a frame, per channel: 1024, or 960.
    public let frameLength: Int
    /// Hz at which spectral band replication ("HE-AAC") gives sound; nil when it is not signalled.
    public let extensionSampleRate: UInt32?
    /// Parametric stereo ("HE-AAC v2"), signalled by its object type.
    public let hasParametricStereo: Bool
    /// The configuration as it came.
    public let bytes: [UInt8]

    /// SBR and PS as object types of their own (table 1.17).
    private static let sbrType: UInt32 = 5
    private static let psType: UInt32 = 29
    /// Says that SBR follows behind a configuration that older decoders understand.
    static let syncExtensionType: UInt32 = 0x2B7

    /// Reads an AudioSpecificConfig; nil when it is malformed, or of a kind that is not supported: no camera and no usual encoder
    /// sends others than these.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= 64 else { return nil }
        var reader = BitReader([UInt8](bytes)[...])
        self.init(&reader, isLast: true)
    }

    /// Reads one that is a part of something longer.
    ///
    /// - Parameter isLast: whether nothing follows, so that what is left may signal SBR.
    init?(_ reader: inout BitReader, isLast: Bool) {
        let start = reader.position
        guard var type = Self.objectType(&reader), let sampleRate = Self.sampleRate(&reader),
            let channels = reader.read(4), Self.channelCounts[channels] != nil
        else { return nil }
        var extensionRate: UInt32?
        let hasParametricStereo = type == Self.psType
        if type == Self.sbrType || hasParametricStereo {
            guard let rate = Self.sampleRate(&reader), let core = Self.objectType(&reader) else { return nil }
            (extensionRate, type) = (rate, core)
        }
        // GASpecificConfig (§4.4.1): frameLengthFlag, dependsOnCoreCoder, extensionFlag.
        guard (1...4).contains(type), let isShort = reader.readBit(), reader.readBit() == false,
            reader.readBit() == false
        else { return nil }
        if isLast, extensionRate == nil, reader.remainingCount >= 16 {
            var rest = reader
            if rest.read(11) == Self.syncExtensionType, Self.objectType(&rest) == Self.sbrType,
                rest.readBit() == true
            {
                guard let rate = Self.sampleRate(&rest) else { return nil }
                extensionRate = rate
            }
            // What may follow, parametric stereo, is found by decoders in the frames as well.
            _ = reader.skip(reader.remainingCount)
        }
        objectType = UInt8(truncatingIfNeeded: type)
        self.sampleRate = sampleRate
        channelConfiguration = UInt8(truncatingIfNeeded: channels)
        frameLength = isShort ? 960 : 1024
        extensionSampleRate = extensionRate
        self.hasParametricStereo = hasParametricStereo
        self.bytes = reader.bytes(since: start)
    }

    /// Hz at which the sound is played.
    public var outputSampleRate: UInt32 { extensionSampleRate ?? sampleRate }

    /// Channels that are played.
    public var channelCount: Int {
        hasParametricStereo ? 2 : Self.channelCounts[UInt32(channelConfiguration)] ?? 2
    }

    /// One channel, or a pair, without a spectrum, as hls.js and mp4 tools write it for LC; nil for what else there is.
    var silentFrame: ArraySlice<UInt8>? {
        guard objectType == 2, frameLength == 1024, extensionSampleRate == nil, !hasParametricStereo else { return nil }
        return switch channelConfiguration {
        case 1: [0x00, 0xC8, 0x00, 0x80, 0x23, 0x80]
        case 2: [0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80]
        default: nil
        }
    }

    /// The object type that `CODECS` names: that of the extension where it is signalled.
    var signalledObjectType: UInt32 {
        if hasParametricStereo { return Self.psType }
        return extensionSampleRate == nil ? UInt32(objectType) : Self.sbrType
    }

    /// By channelConfiguration. Others, and 0, whose channels a program_config_element tells, are left out.
    private static let channelCounts: [UInt32: Int] = [
        1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8,
    ]

    /// By samplingFrequencyIndex (table 1.18).
    static let sampleRates: [UInt32] = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
    ]

    private static func objectType(_ reader: inout BitReader) -> UInt32? {
        guard let type = reader.read(5) else { return nil }
        return type == 31 ? reader.read(6).map { $0 + 32 } : type
    }

    private static func sampleRate(_ reader: inout BitReader) -> UInt32? {
        guard let index = reader.read(4) else { return nil }
        guard index == 15 else { return sampleRates.indices.contains(Int(index)) ? sampleRates[Int(index)] : nil }
        // A rate that is written out.
        guard let rate = reader.read(24), (1000...192_000).contains(rate) else { return nil }
        return rate
    }
}
