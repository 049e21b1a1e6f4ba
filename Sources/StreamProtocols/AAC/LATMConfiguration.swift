/// The StreamMuxConfig of AAC in LATM (ISO/IEC 14496-3 §1.7.3.1) that a description brings (RFC 6416 §7.4.1, `cpresent=0`).
struct LATMConfiguration: Sendable, Equatable {
    let audio: AACConfiguration

    /// nil when it is malformed, or more than one program of one layer in frames that tell their length.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= 64 else { return nil }
        var reader = BitReader([UInt8](bytes)[...])
        // audioMuxVersion 0, allStreamsSameTimeFraming 1; numSubFrames; numProgram 0 and numLayer 0, that is, one each.
        guard reader.read(1) == 0, reader.read(1) == 1, reader.skip(6), reader.read(4) == 0, reader.read(3) == 0
        else { return nil }
        var configuration = reader
        guard let audio = AACConfiguration(&reader, isLast: false) else { return nil }
        if Self.endsEarly(reader) {
            guard let audio = AACConfiguration(&configuration, isLast: true) else { return nil }
            self.audio = audio
            return
        }
        // frameLengthType 0, latmBufferFullness; otherDataPresent and crcCheckPresent.
        guard reader.read(3) == 0, reader.skip(8), reader.read(1) == 0, reader.read(1) == 0 else { return nil }
        self.audio = audio
    }

    /// GStreamer (rtpmp4apay 1.22) writes nothing behind the AudioSpecificConfig, which may have an extension at its end, and sends
    /// frames that tell their length all the same.
    private static func endsEarly(_ reader: BitReader) -> Bool {
        var rest = reader
        return rest.remainingCount < 8 || rest.read(11) == AACConfiguration.syncExtensionType
    }
}
