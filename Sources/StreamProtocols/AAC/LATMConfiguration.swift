/// The StreamMuxConfig of AAC in LATM (ISO/IEC 14496-3 §1.7.3.1) that a description brings (RFC 6416 §7.4.1, `cpresent=0`).
struct LATMConfiguration: Sendable, Equatable {
    let audio: AACConfiguration

    /// nil when it is malformed, or more than one program of one layer in frames that tell their length.
    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= 64 else { return nil }
        var reader = BitReader([UInt8](bytes)[...])
        // audioMuxVersion 0, allStreamsSameTimeFraming 1; numSubFrames; numProgram 0 and numLayer 0, that is, one each.
        guard reader.read(1) == 0, reader.read(1) == 1, reader.skip(6), reader.read(4) == 0, reader.read(3) == 0,
            let audio = AACConfiguration(&reader, isLast: false),
            // frameLengthType 0, latmBufferFullness; otherDataPresent and crcCheckPresent.
            reader.read(3) == 0, reader.skip(8), reader.read(1) == 0, reader.read(1) == 0
        else { return nil }
        self.audio = audio
    }
}
