import NIOCore
import StreamProtocols

/// The tracks of our fragmented MP4s: of segments, and of one without an end.
enum FMP4TrackID {
    static let video: UInt32 = 1
    static let audio: UInt32 = 2
}

extension HLSFormats {
    /// The initialization segment (ISO/IEC 14496-12 §8.16).
    ///
    /// - Parameter hasSound: whether sound is announced, where its format is known.
    func fmp4Initialization(hasSound: Bool) -> ByteBuffer {
        var tracks: [FMP4Track] = []
        if let video { tracks.append(FMP4Track(id: FMP4TrackID.video, sampleEntry: video.sampleEntry)) }
        if hasSound, let audio, let entry = audio.media.sampleEntry {
            tracks.append(FMP4Track(id: FMP4TrackID.audio, timescale: audio.clockRate, sampleEntry: entry))
        }
        return ByteBuffer(bytes: FMP4InitSegment(tracks: tracks).serialized())
    }
}

extension VideoCodec {
    /// What a sample holds of a picture. Under `avc1` and `hvc1` the parameter sets are in the sample entry, and delimiters say
    /// nothing that the boxes do not (ISO/IEC 14496-15 §5.3.2, §8.4.1.1.1).
    func fmp4NALUnits(of units: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        units.filter { nalUnit in
            switch kind(of: nalUnit) {
            case .parameterSet, .accessUnitDelimiter: false
            case .randomAccessSlice, .slice, .leadingSlice, .framing, .other: !nalUnit.isEmpty
            }
        }
    }
}

extension FMP4Fragment.Track {
    /// Samples that each last until the next begins; nil without any.
    ///
    /// - Parameters:
    ///   - end: of the last one.
    ///   - origin: what is time 0.
    init?(_ id: UInt32, _ samples: [HLSSample], end: Int64, origin: Int64 = 0) {
        guard let first = samples.first else { return nil }
        let ends = samples.dropFirst().map(\.decodeTime) + [end]
        self.init(
            id: id, baseMediaDecodeTime: UInt64(clamping: first.decodeTime &- origin),
            samples: zip(samples, ends).map { sample, end in
                FMP4Sample(
                    duration: UInt32(clamping: end &- sample.decodeTime),
                    compositionOffset: Int32(clamping: sample.presentationTime &- sample.decodeTime),
                    isSync: sample.isRandomAccess, payload: sample.payload)
            })
    }

    /// Frames of sound; nil without any.
    init?(sound: [(sample: HLSSample, duration: Int64)], origin: Int64 = 0) {
        guard let (last, duration) = sound.last else { return nil }
        self.init(FMP4TrackID.audio, sound.map(\.sample), end: last.decodeTime &+ duration, origin: origin)
    }
}
