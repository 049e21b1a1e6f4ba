extension Sample {
    /// Whether no other picture refers to this one: it can be left out, and nobody sees more than that.
    ///
    /// - Parameter media: what its track is.
    public func isDisposable(in media: MediaFormat) -> Bool {
        switch media {
        case .h264:
            isDisposable(.h264) { nalUnit in
                // ITU-T H.264 §7.4.1: nal_ref_idc is 0.
                nalUnit.first.map { $0 & 0x60 == 0 } ?? false
            }
        case .h265(let sets):
            isDisposable(.h265) { nalUnit in
                // ITU-T H.265 table 7-1: of the types below 16, those of even numbers are sub-layer non-reference pictures. A
                // higher sub-layer may refer to them, so that it has to be the highest.
                guard nalUnit.count >= H265NALType.headerByteCount,
                    let highest = sets.flatMap({ try? H265SPS($0.sps[...]) })?.maxSubLayersMinus1
                else { return false }
                let type = nalUnit[nalUnit.startIndex] >> 1 & 0x3F
                // nuh_temporal_id_plus1
                return type < 16 && type % 2 == 0 && nalUnit[nalUnit.startIndex + 1] & 7 == highest + 1
            }
        case .aac, .opus, .mp3, .g711, .generic: false
        }
    }

    private func isDisposable(_ codec: VideoCodec, _ isDisposable: (ArraySlice<UInt8>) -> Bool) -> Bool {
        let slices = nalUnits.filter { codec.kind(of: $0).isPicture }
        return !slices.isEmpty && slices.allSatisfy(isDisposable)
    }
}
