import CLibAV

@testable import MediaKit

/// Writes encoded video into a file or to a network destination. Use from one thread at a time.
final class Muxer {
    enum Format: String, Sendable, CaseIterable {
        case mp4
        case mpegTS = "mpegts"
    }

    private let video: VideoStreamInfo
    private let guarding: IOGuard
    private let timeout: Duration
    private let subject: String
    private let context: UnsafeMutablePointer<AVFormatContext>
    private var isHeaderWritten = false
    private var isFinished = false

    /// Opens `destination`, a path or a URL that libav can write. Nothing is written before the first keyframe.
    ///
    /// `timeout` bounds opening and each write.
    init(
        destination: String,
        format: Format,
        video: VideoStreamInfo,
        timeout: Duration = .seconds(10),
        interrupt: InterruptFlag = InterruptFlag()
    ) throws(MediaError) {
        MediaKit.ensureRegistered()
        let subject = destination
        let guarding = IOGuard(flag: interrupt)
        guarding.begin(timeout: timeout)
        var created: UnsafeMutablePointer<AVFormatContext>?
        try check(
            avformat_alloc_output_context2(&created, nil, format.rawValue, destination), "open output", subject: subject
        )
        guard let context = created else { throw .outOfMemory("open output") }
        context.pointee.interrupt_callback = guarding.callback
        var callback = guarding.callback
        let code = avio_open2(&context.pointee.pb, destination, AVIO_FLAG_WRITE, &callback, nil)
        guard code >= 0 else {
            avformat_free_context(context)
            throw guarding.error(code, operation: "open output", subject: subject)
        }
        self.video = video
        self.guarding = guarding
        self.timeout = timeout
        self.subject = subject
        self.context = context
    }

    deinit {
        guarding.beginClosing(timeout: .milliseconds(500))
        avio_closep(&context.pointee.pb)
        avformat_free_context(context)
    }

    /// Writes one packet; those before the first keyframe are left out, because nothing could decode them.
    func write(_ packet: EncodedPacket) throws(MediaError) {
        if !isHeaderWritten {
            guard packet.isKeyframe else { return }
            try writeHeader(first: packet)
        }
        guarding.begin(timeout: timeout)
        guard let copy = av_packet_alloc() else { throw .outOfMemory("write") }
        var doomed: UnsafeMutablePointer<AVPacket>? = copy
        defer { av_packet_free(&doomed) }
        try check(packet.withPointer { av_packet_ref(copy, $0) }, "write", subject: subject)
        copy.pointee.stream_index = 0
        guard let stream = context.pointee.streams?[0] else { return }
        av_packet_rescale_ts(copy, packet.timeBase.rational, stream.pointee.time_base)
        let code = av_interleaved_write_frame(context, copy)
        guard code >= 0 else { throw guarding.error(code, operation: "write", subject: subject) }
    }

    /// Writes the trailer. Idempotent.
    func finish() throws(MediaError) {
        guard !isFinished else { return }
        isFinished = true
        guard isHeaderWritten else { return }
        guarding.begin(timeout: timeout)
        let code = av_write_trailer(context)
        guard code >= 0 else { throw guarding.error(code, operation: "finish output", subject: subject) }
    }

    private func writeHeader(first packet: EncodedPacket) throws(MediaError) {
        guard let stream = avformat_new_stream(context, nil), let parameters = stream.pointee.codecpar else {
            throw .outOfMemory("open output")
        }
        try check(
            video.parameters.withPointer { avcodec_parameters_copy(parameters, $0) }, "open output", subject: subject)
        // The tag of the source's container means nothing in this one.
        parameters.pointee.codec_tag = 0
        if parameters.pointee.extradata_size == 0 {
            try ParameterSetExtraction.fill(parameters, from: packet)
        }
        stream.pointee.time_base = packet.timeBase.rational
        guarding.begin(timeout: timeout)
        let code = avformat_write_header(context, nil)
        guard code >= 0 else { throw guarding.error(code, operation: "open output", subject: subject) }
        isHeaderWritten = true
    }
}

/// Gets a codec's out-of-band headers from a keyframe that carries them, for containers that store them once.
enum ParameterSetExtraction {
    static func fill(
        _ parameters: UnsafeMutablePointer<AVCodecParameters>,
        from packet: EncodedPacket
    ) throws(MediaError) {
        var created: UnsafeMutablePointer<AVBSFContext>?
        try check(av_bsf_alloc(av_bsf_get_by_name("extract_extradata"), &created), "read parameter sets")
        defer { av_bsf_free(&created) }
        guard let filter = created, let copy = av_packet_alloc() else { throw .outOfMemory("read parameter sets") }
        var doomed: UnsafeMutablePointer<AVPacket>? = copy
        defer { av_packet_free(&doomed) }
        try check(avcodec_parameters_copy(filter.pointee.par_in, parameters), "read parameter sets")
        try check(av_bsf_init(filter), "read parameter sets")
        try check(packet.withPointer { av_packet_ref(copy, $0) }, "read parameter sets")
        try check(av_bsf_send_packet(filter, copy), "read parameter sets")
        try check(av_bsf_receive_packet(filter, copy), "read parameter sets")
        var size = 0
        guard let data = av_packet_get_side_data(copy, AV_PKT_DATA_NEW_EXTRADATA, &size), size > 0,
            let memory = av_mallocz(size + Int(AV_INPUT_BUFFER_PADDING_SIZE))
        else { return }
        memory.copyMemory(from: data, byteCount: size)
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = CInt(clamping: size)
    }
}
