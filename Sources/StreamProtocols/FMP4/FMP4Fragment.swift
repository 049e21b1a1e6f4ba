/// One movie fragment with its media data: `moof` and `mdat` (ISO/IEC 14496-12 §8.8.4).
public struct FMP4Fragment: Sendable {
    /// Grows with each fragment (§8.8.5).
    public var sequenceNumber: UInt32
    public var tracks: [Track]

    /// The samples of one track in this fragment.
    public struct Track: Sendable {
        public var id: UInt32
        /// The decoding time of the first sample since the beginning of the presentation, in the track's timescale
        /// (§8.8.12).
        public var baseMediaDecodeTime: UInt64
        public var samples: [FMP4Sample]

        public init(id: UInt32 = 1, baseMediaDecodeTime: UInt64, samples: [FMP4Sample]) {
            self.id = id
            self.baseMediaDecodeTime = baseMediaDecodeTime
            self.samples = samples
        }
    }

    public init(sequenceNumber: UInt32, tracks: [Track]) {
        self.sequenceNumber = sequenceNumber
        self.tracks = tracks
    }

    /// Appends the fragment. The samples must be less than 4 GiB altogether, the limit of a 32-bit `mdat`.
    public func append(to bytes: inout [UInt8]) {
        let mediaDataHeaderLength = 8
        var dataOffset = movieFragmentLength + mediaDataHeaderLength
        let mediaDataLength = tracks.reduce(mediaDataHeaderLength) { $0 + $1.sampleDataLength }

        var writer = ISOBoxWriter()
        writer.reserve(movieFragmentLength)
        writer.box("moof") { moof in
            moof.fullBox("mfhd") { $0.append(sequenceNumber) }
            for track in tracks {
                Self.append(track, dataOffset: dataOffset, to: &moof)
                dataOffset += track.sampleDataLength
            }
        }
        bytes.reserveCapacity(bytes.count + writer.bytes.count + mediaDataLength)
        bytes.append(contentsOf: writer.bytes)
        bytes.appendBigEndian(UInt32(clamping: mediaDataLength))
        bytes.append(contentsOf: Array("mdat".utf8))
        for track in tracks {
            for sample in track.samples { sample.appendData(to: &bytes) }
        }
    }

    /// The `moof` box's size: 8 for itself, `mfhd` 16, and per track `traf` 8, `tfhd` 16, `tfdt` 20, `trun` 20 and 16 a
    /// sample.
    private var movieFragmentLength: Int {
        tracks.reduce(8 + 16) { $0 + 8 + 16 + 20 + 20 + 16 * $1.samples.count }
    }

    private static func append(_ track: Track, dataOffset: Int, to writer: inout ISOBoxWriter) {
        writer.box("traf") { traf in
            // default-base-is-moof (§8.8.7.1): offsets count from this moof, so a segment needs no file before it.
            traf.fullBox("tfhd", flags: 0x020000) { $0.append(track.id) }
            traf.fullBox("tfdt", version: 1) { $0.append(track.baseMediaDecodeTime) }
            // data-offset, and per sample duration, size, flags and (signed, version 1) composition offset (§8.8.8).
            traf.fullBox("trun", version: 1, flags: 0x000F01) { trun in
                trun.append(UInt32(clamping: track.samples.count))
                trun.append(UInt32(clamping: dataOffset))
                for sample in track.samples {
                    trun.append(sample.duration)
                    trun.append(UInt32(clamping: sample.dataLength))
                    trun.append(sample.flags)
                    trun.append(UInt32(bitPattern: sample.compositionOffset))
                }
            }
        }
    }
}

extension FMP4Fragment.Track {
    fileprivate var sampleDataLength: Int { samples.reduce(0) { $0 + $1.dataLength } }
}
