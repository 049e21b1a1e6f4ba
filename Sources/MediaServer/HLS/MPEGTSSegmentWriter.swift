import NIOCore
import StreamProtocols

/// MPEG-TS segments (RFC 8216 §3.2): each begins with the program tables, and each keyframe repeats the parameter sets. The metadata of a
/// picture is in an ID3 tag before it.
struct MPEGTSSegmentWriter: HLSSegmentWriter {
    let fileExtension = "ts"
    private(set) var hasSound = false
    /// Whether pictures carry any; what was told once is told on, for players that read the tables once.
    private var hasMetadata = false

    private let codec: VideoCodec?
    private let audio: HLSAudioFormat?
    private let audioIndex: Int?
    private var muxer: TSMuxer
    private var bytes: [UInt8] = []
    private var parameterSets: [ArraySlice<UInt8>] = []
    /// The size of the last segment, and a little more: the next one is likely to fit.
    private var expectedByteCount = 0

    init(formats: HLSFormats) {
        codec = formats.video?.codec
        audio = formats.audio
        let video = formats.video.flatMap { TSElementaryStream($0.media) }
        let sound = formats.audio.flatMap { TSElementaryStream($0.media, pid: TSMuxer.firstStreamPID + 1) }
        muxer = TSMuxer(streams: [video, sound].compactMap(\.self))
        audioIndex = sound == nil ? nil : video == nil ? 0 : 1
        setFormats(formats)
    }

    var byteCount: Int { bytes.count }

    mutating func append(video sample: HLSSample) {
        guard let codec, case .nalUnits(let nalUnits) = sample.payload else { return }
        bytes.reserveCapacity(expectedByteCount)
        if let metadata = PictureMetadata(nalUnits: nalUnits, codec: codec) {
            hasMetadata = true
            muxer.appendMetadata(
                id3Tag: metadata.id3Tag, presentationTime: sample.presentationTime, to: &bytes)
        }
        let hasParameterSets = nalUnits.contains { codec.kind(of: $0) == .parameterSet }
        muxer.appendVideo(
            nalUnits: sample.isRandomAccess && !hasParameterSets ? parameterSets + nalUnits : nalUnits,
            presentationTime: sample.presentationTime,
            decodeTime: sample.decodeTime,
            isRandomAccess: sample.isRandomAccess,
            to: &bytes
        )
    }

    mutating func append(audio sample: HLSSample, duration: Int64) {
        guard let audio, let audioIndex, case .frame(let frame) = sample.payload else { return }
        bytes.reserveCapacity(expectedByteCount)
        hasSound = true
        muxer.appendAudio(
            frame: frame, presentationTime: audio.muxerTime(sample.presentationTime), streamIndex: audioIndex,
            to: &bytes)
    }

    func initialization(hasSound: Bool) -> ByteBuffer? { nil }

    mutating func finish(endDecodeTime: Int64) -> ByteBuffer {
        defer { discard() }
        expectedByteCount = bytes.count + bytes.count / 8
        // Sound that is only announced would be waited for by some players.
        var tables: [UInt8] = []
        muxer.appendTables(streamCount: hasSound ? nil : 1, hasMetadata: hasMetadata, to: &tables)
        var content = ByteBufferAllocator().buffer(capacity: tables.count + bytes.count)
        content.writeBytes(tables)
        content.writeBytes(bytes)
        return content
    }

    mutating func discard() {
        bytes = []
        hasSound = false
    }

    mutating func setFormats(_ formats: HLSFormats) {
        parameterSets = formats.video?.media.parameterSets.map { $0[...] } ?? []
    }
}
