internal import CLibAV

/// An immutable copy of a stream's `AVCodecParameters`.
@safe final class CodecParameters: Sendable {
    // Written in init only, and freed in deinit.
    private nonisolated(unsafe) let pointer: UnsafeMutablePointer<AVCodecParameters>

    init(copying source: UnsafePointer<AVCodecParameters>) throws(MediaError) {
        guard let copy = unsafe avcodec_parameters_alloc() else { throw .outOfMemory("copy codec parameters") }
        let code = unsafe avcodec_parameters_copy(copy, source)
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVCodecParameters>? = unsafe copy
            unsafe avcodec_parameters_free(&doomed)
            throw MediaError(libav: code, operation: "copy codec parameters")
        }
        unsafe pointer = unsafe copy
    }

    init(of context: UnsafeMutablePointer<AVCodecContext>) throws(MediaError) {
        guard let copy = unsafe avcodec_parameters_alloc() else { throw .outOfMemory("copy codec parameters") }
        let code = unsafe avcodec_parameters_from_context(copy, context)
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVCodecParameters>? = unsafe copy
            unsafe avcodec_parameters_free(&doomed)
            throw MediaError(libav: code, operation: "copy codec parameters")
        }
        unsafe pointer = unsafe copy
    }

    /// Of a video stream whose parameters were not found by libav.
    init(video codec: String, width: Int, height: Int, extradata: [UInt8]) throws(MediaError) {
        guard let descriptor = unsafe avcodec_descriptor_get_by_name(codec) else {
            throw MediaError(
                libav: toposync_av_error_decoder_not_found, operation: "describe stream", subject: codec)
        }
        guard let new = unsafe avcodec_parameters_alloc() else { throw .outOfMemory("describe stream") }
        unsafe pointer = unsafe new
        unsafe new.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        unsafe new.pointee.codec_id = unsafe descriptor.pointee.id
        unsafe new.pointee.width = CInt(clamping: width)
        unsafe new.pointee.height = CInt(clamping: height)
        try setExtradata(extradata)
    }

    /// Of a stream of sound that was described otherwise than by libav.
    init(sound: SoundStreamInfo) throws(MediaError) {
        guard let descriptor = unsafe avcodec_descriptor_get_by_name(sound.codec) else {
            throw MediaError(
                libav: toposync_av_error_decoder_not_found, operation: "describe stream", subject: sound.codec)
        }
        guard let new = unsafe avcodec_parameters_alloc() else { throw .outOfMemory("describe stream") }
        unsafe pointer = unsafe new
        unsafe new.pointee.codec_type = AVMEDIA_TYPE_AUDIO
        unsafe new.pointee.codec_id = unsafe descriptor.pointee.id
        unsafe new.pointee.sample_rate = CInt(clamping: sound.sampleRate)
        unsafe av_channel_layout_default(&new.pointee.ch_layout, CInt(clamping: sound.channelCount))
        try setExtradata(sound.extradata)
    }

    private func setExtradata(_ extradata: [UInt8]) throws(MediaError) {
        guard !extradata.isEmpty else { return }
        guard let bytes = unsafe av_mallocz(extradata.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
            throw .outOfMemory("describe stream")
        }
        unsafe bytes.copyMemory(from: extradata, byteCount: extradata.count)
        unsafe pointer.pointee.extradata = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        unsafe pointer.pointee.extradata_size = CInt(clamping: extradata.count)
    }

    deinit {
        var doomed: UnsafeMutablePointer<AVCodecParameters>? = unsafe pointer
        unsafe avcodec_parameters_free(&doomed)
    }

    func withPointer<R, E: Error>(_ body: (UnsafePointer<AVCodecParameters>) throws(E) -> R) throws(E) -> R {
        try unsafe body(UnsafePointer(pointer))
    }

    var codecName: String {
        unsafe withPointer { unsafe String(cString: avcodec_get_name($0.pointee.codec_id)) }
    }

    var extradata: [UInt8] {
        unsafe withPointer {
            unsafe Array(
                UnsafeBufferPointer(start: $0.pointee.extradata, count: Int(max($0.pointee.extradata_size, 0))))
        }
    }
}

extension VideoStreamInfo {
    /// A stream that was described otherwise than by libav.
    ///
    /// - Parameters:
    ///   - codec: libav's short name, such as `h264`.
    ///   - extradata: parameter sets with start codes.
    public init(
        codec: String, width: Int, height: Int, frameRate: Double?, extradata: [UInt8], timeBase: MediaTimeBase,
        hasReorderedFrames: Bool
    ) throws(MediaError) {
        self.init(
            codec: codec, width: width, height: height, frameRate: frameRate, extradata: extradata, timeBase: timeBase,
            hasReorderedFrames: hasReorderedFrames, streamIndex: 0,
            parameters: try CodecParameters(video: codec, width: width, height: height, extradata: extradata))
    }

    init(parameters: CodecParameters, frameRate: Double?, timeBase: MediaTimeBase, streamIndex: Int) {
        let (width, height, delay) = unsafe parameters.withPointer {
            unsafe (Int($0.pointee.width), Int($0.pointee.height), $0.pointee.video_delay)
        }
        self.init(
            codec: parameters.codecName,
            width: width,
            height: height,
            frameRate: frameRate,
            extradata: parameters.extradata,
            timeBase: timeBase,
            hasReorderedFrames: delay > 0,
            streamIndex: streamIndex,
            parameters: parameters
        )
    }
}

extension AudioStreamInfo {
    init(parameters: CodecParameters, timeBase: MediaTimeBase, streamIndex: Int) {
        let (sampleRate, channels, codedBits, blockAlign, profile) = unsafe parameters.withPointer {
            unsafe (
                Int($0.pointee.sample_rate), Int($0.pointee.ch_layout.nb_channels),
                Int($0.pointee.bits_per_coded_sample), Int($0.pointee.block_align), $0.pointee.profile
            )
        }
        self.init(
            codec: parameters.codecName,
            sampleRate: sampleRate,
            channels: channels,
            extradata: parameters.extradata,
            codedBits: codedBits > 0 ? codedBits : nil,
            blockAlign: blockAlign > 0 ? blockAlign : nil,
            highEfficiency: parameters.codecName == "aac" ? HighEfficiencyAAC(profile: profile) : nil,
            timeBase: timeBase,
            streamIndex: streamIndex,
            parameters: parameters
        )
    }
}

extension HighEfficiencyAAC {
    /// As libav's decoder found it in the first frames.
    fileprivate init?(profile: CInt) {
        switch profile {
        case FF_PROFILE_AAC_HE: self = .bandReplication
        case FF_PROFILE_AAC_HE_V2: self = .parametricStereo
        default: return nil
        }
    }
}

extension AudioStreamInfo {
    var canBeDecoded: Bool {
        unsafe parameters.withPointer { unsafe avcodec_find_decoder($0.pointee.codec_id) } != nil
    }
}

extension MediaTimeBase {
    init(_ rational: AVRational) {
        if rational.num > 0, rational.den > 0 {
            self.init(numerator: rational.num, denominator: rational.den)
        } else {
            self = .microseconds
        }
    }

    var rational: AVRational { AVRational(num: numerator, den: denominator) }
}

extension MediaTime {
    init?(libav ticks: Int64, timeBase: MediaTimeBase) {
        guard ticks != toposync_av_no_timestamp else { return nil }
        self.init(ticks: ticks, timeBase: timeBase)
    }
}
