import StreamProtocols

extension Property {
    static let nalUnits = Property(name: "nal-units", longestInput: 1 << 16) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        let units = AnnexB.split(bytes)
        try require(AnnexB.split(AnnexB.join(units)) == units, "the byte stream \(units) became another")
        for lengthSize in [1, 2, 4] {
            guard let units = LengthPrefixedNALUnits.split(bytes, lengthSize: lengthSize) else { continue }
            var written: [UInt8] = []
            LengthPrefixedNALUnits.append(units, to: &written)
            try require(LengthPrefixedNALUnits.split(written[...]) == units, "\(units) became others")
        }
        for codec in VideoCodec.allCases {
            _ = RandomAccess(codec: codec, nalUnits: units)
            _ = units.map(codec.isReordered)
            _ = codec.nalUnitLengthSize(extradata: [UInt8](bytes))
            let sample = Sample(nalUnits: units, presentationTime: 0, isRandomAccess: false)
            guard let metadata = PictureMetadata(nalUnits: units, codec: codec) ?? PictureMetadata(json: bytes) else {
                continue
            }
            let unit = metadata.nalUnit(codec)
            try require(PictureMetadata(nalUnit: unit[...], codec: codec) == metadata, "\(metadata) became another")
            try require(AnnexB.split(AnnexB.join([unit[...]])) == [unit[...]], "\(metadata) is not one unit")
            _ = sample.carrying(metadata, codec: codec)
        }
    }

    /// A byte stream of parameter sets and slices, and the same bytes as the record of an MP4 file.
    static let parameterSets = Property(name: "parameter-sets", longestInput: 1 << 14) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        let units = AnnexB.split(bytes)
        for unit in units + [bytes] {
            if let sps = try? H264SPS(unit) {
                try require(sps.width > 0 && sps.height > 0, "\(sps)")
                try require((0...16).contains(sps.reorderDepth) && (0...16).contains(sps.maxDPBFrames), "\(sps)")
                for slice in units { _ = try? H264SliceHeader(slice, sps: sps) }
            }
            if let sps = try? H265SPS(unit) { try require(sps.width > 0 && sps.height > 0, "\(sps)") }
        }
        for codec in VideoCodec.allCases {
            for sets in [
                MediaFormat(codec: codec, nalUnits: units),
                MediaFormat(codec: codec, decoderConfigurationRecord: bytes),
            ].compactMap({ $0 }) {
                try check(sets)
            }
        }
    }

    private static func check(_ sets: MediaFormat) throws(Violation) {
        _ = sets.codecString
        if let entry = sets.sampleEntry {
            _ = FMP4InitSegment(tracks: [FMP4Track(sampleEntry: entry)]).serialized()
        }
        if let format = sets.pictureFormat {
            try require((0...16).contains(format.reorderDepth), "\(format)")
            try require(format.frameRate.map { $0 > 0 && $0 <= 1000 } ?? true, "\(format)")
        }
        guard let codec = sets.videoCodec else { throw Violation("\(sets) are of no codec") }
        try require(
            MediaFormat(codec: codec, nalUnits: sets.parameterSets.map { $0[...] }) == sets, "\(sets) became others")
        let record: [UInt8]? =
            switch sets {
            case .h264(let sets): sets?.avcDecoderConfigurationRecord
            case .h265(let sets): sets?.hevcDecoderConfigurationRecord
            case .aac, .opus, .g711, .mp3, .generic: nil
            }
        if let record {
            try require(
                MediaFormat(codec: codec, decoderConfigurationRecord: record) == sets,
                "\(sets) did not come back from \(record)")
        }
    }
}
