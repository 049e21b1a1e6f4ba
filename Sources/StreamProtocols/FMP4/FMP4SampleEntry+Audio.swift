extension FMP4SampleEntry {
    /// `mp4a` with `esds`: AAC, described by its AudioSpecificConfig (ISO/IEC 14496-14 §5.6).
    public static func mp4a(_ configuration: AACConfiguration) -> FMP4SampleEntry {
        // ISO/IEC 14496-1 table 5: 0x40 is ISO/IEC 14496-3 audio.
        mp4a(
            objectTypeIndication: 0x40, channelCount: configuration.channelCount,
            sampleRate: configuration.outputSampleRate, decoderSpecificInfo: configuration.bytes)
    }

    /// `mp4a` with `esds`: MPEG-1 or MPEG-2 audio, whose frames describe themselves.
    public static func mp4a(_ format: MPEGAudioFormat) -> FMP4SampleEntry {
        // ISO/IEC 14496-1 table 5: 0x69 is ISO/IEC 13818-3 audio, 0x6B is ISO/IEC 11172-3 audio.
        mp4a(
            objectTypeIndication: format.version == .mpeg1 ? 0x6B : 0x69, channelCount: format.channelCount,
            sampleRate: format.sampleRate, decoderSpecificInfo: nil)
    }

    /// `Opus` with `dOps` (Encapsulation of Opus in ISO Base Media File Format §4.3).
    public static func opus(channelCount: Int) -> FMP4SampleEntry {
        audio("Opus", channelCount: channelCount, sampleRate: OpusPacket.clockRate) { entry in
            entry.box("dOps") { box in
                box.append([0, UInt8(clamping: channelCount)])  // version
                // PreSkip: what libopus needs to settle, 6.5 ms. A live stream begins anywhere, so nobody knows it.
                box.append(UInt16(312))
                box.append(OpusPacket.clockRate)  // InputSampleRate
                box.append(UInt16(0))  // OutputGain
                box.append([0])  // ChannelMappingFamily: mono or stereo
            }
        }
    }

    private static func mp4a(
        objectTypeIndication: UInt8, channelCount: Int, sampleRate: UInt32, decoderSpecificInfo: [UInt8]?
    ) -> FMP4SampleEntry {
        // The descriptors of ISO/IEC 14496-1 §7.2.6, each behind its tag and length.
        var decoderConfiguration: [UInt8] = [objectTypeIndication, 0x15]  // AudioStream
        // bufferSizeDB, maxBitrate and avgBitrate: not known.
        decoderConfiguration.append(contentsOf: [UInt8](repeating: 0, count: 11))
        if let decoderSpecificInfo { decoderConfiguration += descriptor(0x05, decoderSpecificInfo) }
        // ES_ID 0 and no flags; predefined 2, as MP4 files have it.
        let stream = [0, 0, 0] + descriptor(0x04, decoderConfiguration) + descriptor(0x06, [2])
        return audio("mp4a", channelCount: channelCount, sampleRate: sampleRate) { entry in
            entry.fullBox("esds") { $0.append(descriptor(0x03, stream)) }
        }
    }

    /// Below 128 bytes, as all of these are, the length is one byte.
    private static func descriptor(_ tag: UInt8, _ body: [UInt8]) -> [UInt8] {
        [tag, UInt8(truncatingIfNeeded: body.count & 0x7F)] + body
    }

    /// An AudioSampleEntry (ISO/IEC 14496-12 §12.2.3.2).
    private static func audio(
        _ type: FourCharacterCode, channelCount: Int, sampleRate: UInt32,
        _ appendConfiguration: (inout ISOBoxWriter) -> Void
    ) -> FMP4SampleEntry {
        var writer = ISOBoxWriter()
        writer.box(type) { entry in
            entry.appendZeros(6)
            entry.append(UInt16(1))  // data_reference_index
            entry.appendZeros(8)
            entry.append(UInt16(clamping: channelCount))
            entry.append(UInt16(16))  // samplesize
            entry.appendZeros(4)
            // 16.16 fixed point; a rate that does not fit is said by the configuration.
            entry.append(UInt32(UInt16(exactly: sampleRate) ?? 0) << 16)
            appendConfiguration(&entry)
        }
        return FMP4SampleEntry(type: type, medium: .audio, box: writer.bytes)
    }
}
