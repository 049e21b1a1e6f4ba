/// The initialization segment of a fragmented MP4 presentation: `ftyp` and a `moov` without samples
/// (ISO/IEC 14496-12 §8.8, RFC 8216 §3.3).
public struct FMP4InitSegment: Sendable, Equatable {
    public var tracks: [FMP4Track]

    public init(tracks: [FMP4Track]) {
        self.tracks = tracks
    }

    public func serialized() -> [UInt8] {
        var writer = ISOBoxWriter()
        writer.reserve(1024)
        writer.box("ftyp") { box in
            // iso6 is the first brand with the 64-bit tfdt and default-base-is-moof that the fragments use.
            let majorBrand: FourCharacterCode = "iso6"
            let compatibleBrands: [FourCharacterCode] = ["iso6", "mp42"] + tracks.map(\.sampleEntry.type)
            box.append(majorBrand.rawValue)
            box.append(UInt32(1))
            for brand in compatibleBrands { box.append(brand.rawValue) }
        }
        writer.box("moov") { moov in
            appendMovieHeader(to: &moov)
            for track in tracks { append(track, to: &moov) }
            moov.box("mvex") { mvex in
                for track in tracks { Self.appendTrackExtends(track, to: &mvex) }
            }
        }
        return writer.bytes
    }

    /// `mvhd` (§8.2.2). Duration 0: it is unknown, the fragments tell.
    private func appendMovieHeader(to writer: inout ISOBoxWriter) {
        writer.fullBox("mvhd") { box in
            box.appendZeros(8)  // creation and modification time
            box.append(UInt32(1000))
            box.append(UInt32(0))
            box.append(UInt32(0x0001_0000))  // rate 1.0
            box.append(UInt16(0x0100))  // volume 1.0
            box.appendZeros(10)
            box.appendUnityMatrix()
            box.appendZeros(24)
            box.append((tracks.map(\.id).max() ?? 0) &+ 1)  // next_track_ID
        }
    }

    private func append(_ track: FMP4Track, to writer: inout ISOBoxWriter) {
        let (width, height): (UInt16, UInt16)
        let isAudio: Bool
        switch track.sampleEntry.medium {
        case .video(let pictureWidth, let pictureHeight):
            (width, height, isAudio) = (pictureWidth, pictureHeight, false)
        case .audio: (width, height, isAudio) = (0, 0, true)
        }
        writer.box("trak") { trak in
            // tkhd (§8.3.2): enabled, in movie, in preview.
            trak.fullBox("tkhd", flags: 0x000007) { box in
                box.appendZeros(8)
                box.append(track.id)
                box.appendZeros(4)
                box.append(UInt32(0))
                box.appendZeros(8)
                box.append(UInt16(0))  // layer
                box.append(UInt16(0))  // alternate_group
                box.append(UInt16(isAudio ? 0x0100 : 0))  // volume
                box.appendZeros(2)
                box.appendUnityMatrix()
                box.append(UInt32(width) << 16)
                box.append(UInt32(height) << 16)
            }
            trak.box("mdia") { mdia in
                mdia.fullBox("mdhd") { box in
                    box.appendZeros(8)
                    box.append(track.timescale)
                    box.append(UInt32(0))
                    box.append(UInt16(0x55C4))  // language "und" (§8.4.2.3)
                    box.appendZeros(2)
                }
                mdia.fullBox("hdlr") { box in
                    let handler: FourCharacterCode = isAudio ? "soun" : "vide"
                    box.appendZeros(4)
                    box.append(handler.rawValue)
                    box.appendZeros(12)
                    box.append(Array((isAudio ? "SoundHandler\0" : "VideoHandler\0").utf8))
                }
                mdia.box("minf") { minf in
                    if isAudio {
                        minf.fullBox("smhd") { $0.appendZeros(4) }
                    } else {
                        minf.fullBox("vmhd", flags: 1) { $0.appendZeros(8) }
                    }
                    Self.appendDataInformation(to: &minf)
                    Self.appendSampleTable(track, to: &minf)
                }
            }
        }
    }

    /// `dinf` (§8.7.1): the samples are in this file.
    private static func appendDataInformation(to writer: inout ISOBoxWriter) {
        writer.box("dinf") { dinf in
            dinf.fullBox("dref") { dref in
                dref.append(UInt32(1))
                dref.fullBox("url ", flags: 1) { _ in }
            }
        }
    }

    /// `stbl` (§8.5.1): a description, and the mandatory tables without an entry.
    private static func appendSampleTable(_ track: FMP4Track, to writer: inout ISOBoxWriter) {
        writer.box("stbl") { stbl in
            stbl.fullBox("stsd") { stsd in
                stsd.append(UInt32(1))
                stsd.append(track.sampleEntry.box)
            }
            stbl.fullBox("stts") { $0.append(UInt32(0)) }
            stbl.fullBox("stsc") { $0.append(UInt32(0)) }
            stbl.fullBox("stsz") { $0.appendZeros(8) }
            stbl.fullBox("stco") { $0.append(UInt32(0)) }
        }
    }

    /// `trex` (§8.8.3): no defaults worth having, each fragment states its own.
    private static func appendTrackExtends(_ track: FMP4Track, to writer: inout ISOBoxWriter) {
        writer.fullBox("trex") { box in
            box.append(track.id)
            box.append(UInt32(1))  // default_sample_description_index
            box.appendZeros(12)
        }
    }
}
