internal import CLibAV
internal import Glibc

/// The one owner of an opened `AVFormatContext`.
@safe final class InputContext {
    @unsafe enum ReadStep {
        /// Valid until the next read.
        case packet(UnsafeMutablePointer<AVPacket>)
        case tryAgain
        case end
    }

    struct Selection {
        let streams: [Demuxer.StreamSummary]
        let video: VideoStreamInfo?
        let audio: AudioStreamInfo?
        let audioTracks: [AudioStreamInfo]
    }

    let guarding: IOGuard
    private let subject: String
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private var scratch: UnsafeMutablePointer<AVPacket>?

    private init(_ context: UnsafeMutablePointer<AVFormatContext>, guarding: IOGuard, subject: String) {
        unsafe self.context = unsafe context
        self.guarding = guarding
        self.subject = subject
        unsafe scratch = unsafe av_packet_alloc()
    }

    deinit { close() }

    /// Whether the source refused TCP, or was asked for UDP.
    private(set) var isOverUDP = false

    /// Tries the plans of `url` within one common time limit.
    static func open(
        _ url: MediaURL,
        options: DemuxerOptions,
        interrupt: InterruptFlag
    ) throws(MediaError) -> InputContext {
        let guarding = IOGuard(flag: interrupt)
        guarding.begin(timeout: options.openTimeout)
        try lookUpHost(of: url, guarding: guarding, interrupt: interrupt)
        switch url.source {
        case .camera, .microphone: try DeviceLibrary.load()
        case .rtsp, .http, .file, .homeAssistant: break
        }
        if case .homeAssistant = url.source, options.homeAssistant == nil {
            throw MediaError(
                kind: .unsupported, operation: "open input", subject: url.description,
                reason:
                    "this server is no add-on of Home Assistant, which alone can use its cameras; give the camera's own "
                    + "address")
        }
        let plans = OpenPlan.plans(for: url, options: options)
        var failure: CInt = 0
        for plan in plans {
            var opened: UnsafeMutablePointer<AVFormatContext>?
            failure = unsafe open(plan, guarding: guarding, into: &opened)
            if failure >= 0, let opened = unsafe opened {
                let input = unsafe InputContext(opened, guarding: guarding, subject: url.description)
                input.isOverUDP = plan.isOverUDP
                try input.probe(plan)
                return input
            }
            guard !guarding.mustStop, plan.isRefusal(failure) else { break }
        }
        throw guarding.openError(failure, url: url)
    }

    private static func lookUpHost(
        of url: MediaURL,
        guarding: IOGuard,
        interrupt: InterruptFlag
    ) throws(MediaError) {
        // Behind a proxy, names are the proxy's business.
        if case .http = url.source, unsafe getenv("http_proxy") != nil { return }
        _ = try HostLookup.addresses(of: url, until: guarding.deadlineInstant, interrupt: interrupt)
    }

    private static func open(
        _ plan: OpenPlan,
        guarding: IOGuard,
        into result: inout UnsafeMutablePointer<AVFormatContext>?
    ) -> CInt {
        guard let context = unsafe avformat_alloc_context() else { return toposync_av_error(ENOMEM) }
        unsafe context.pointee.interrupt_callback = unsafe guarding.callback
        if plan.nonBlocking { unsafe context.pointee.flags |= AVFMT_FLAG_NONBLOCK }
        let demuxer = unsafe plan.demuxer.flatMap { unsafe av_find_input_format($0) }
        guard unsafe plan.demuxer == nil || demuxer != nil else {
            unsafe avformat_free_context(context)
            return toposync_av_error_demuxer_not_found
        }
        var options = OptionDictionary(plan.options)
        // On failure libav frees the context and clears the pointer.
        unsafe result = unsafe context
        return unsafe options.withPointer { unsafe avformat_open_input(&result, plan.url, demuxer, $0) }
    }

    /// Learns the codecs' parameters, where the container does not tell them.
    private func probe(_ plan: OpenPlan) throws(MediaError) {
        guard let context = unsafe context else { return }
        unsafe discardLesserVariants(of: context)
        guard plan.probes else { return }
        let code = unsafe avformat_find_stream_info(context, nil)
        // Also after success: an interrupted probe returns what it has.
        if code < 0 || guarding.mustStop {
            throw guarding.error(code, operation: "open input", subject: subject)
        }
    }

    /// An HLS playlist's other renditions would all be downloaded too.
    private func discardLesserVariants(of context: UnsafeMutablePointer<AVFormatContext>) {
        guard demuxerName == "hls", unsafe context.pointee.nb_programs > 1,
            let programs = unsafe context.pointee.programs
        else {
            return
        }
        var best: (bitrate: Int, program: UnsafeMutablePointer<AVProgram>)?
        for index in unsafe 0..<Int(context.pointee.nb_programs) {
            guard let program = unsafe programs[index] else { continue }
            let entry = unsafe av_dict_get(program.pointee.metadata, "variant_bitrate", nil, 0)
            let bitrate = unsafe entry.flatMap { unsafe Int(String(cString: $0.pointee.value)) } ?? 0
            if unsafe bitrate > best?.bitrate ?? -1 { unsafe best = unsafe (bitrate, program) }
        }
        guard let best = unsafe best else { return }
        let kept = unsafe Set(
            (0..<Int(best.program.pointee.nb_stream_indexes)).map { unsafe best.program.pointee.stream_index[$0] })
        for index in unsafe 0..<context.pointee.nb_streams where !kept.contains(index) {
            unsafe context.pointee.streams[Int(index)]?.pointee.discard = AVDISCARD_ALL
        }
    }

    /// Picks the best video stream and one of the audio streams that belong to it, and tells libav to skip the rest.
    ///
    /// - Parameter soundTrack: which one, counted from 1; nil for the first that can be decoded.
    func selectStreams(overridingTimeBase: MediaTimeBase?, soundTrack: Int?) throws(MediaError) -> Selection {
        guard let context = unsafe context else { throw closedError }
        let videoIndex = unsafe pictureStream(of: context)
        let program = unsafe videoIndex.flatMap { unsafe av_find_program_from_stream(context, nil, $0) }
        var summaries: [Demuxer.StreamSummary] = []
        var video: VideoStreamInfo?
        var tracks: [AudioStreamInfo] = []
        for index in unsafe 0..<Int(context.pointee.nb_streams) {
            guard let stream = unsafe context.pointee.streams[index], let parameters = unsafe stream.pointee.codecpar
            else {
                continue
            }
            let copy = try unsafe CodecParameters(copying: parameters)
            let kind =
                unsafe av_get_media_type_string(parameters.pointee.codec_type).map { unsafe String(cString: $0) }
                ?? "unknown"
            summaries.append(Demuxer.StreamSummary(index: index, kind: kind, codec: copy.codecName))
            let timeBase = unsafe overridingTimeBase ?? MediaTimeBase(stream.pointee.time_base)
            if CInt(index) == videoIndex {
                video = unsafe VideoStreamInfo(
                    parameters: copy, frameRate: frameRate(of: stream), timeBase: timeBase, streamIndex: index)
            } else if unsafe parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO,
                unsafe stream.pointee.discard != AVDISCARD_ALL, unsafe isStream(index, of: program)
            {
                tracks.append(AudioStreamInfo(parameters: copy, timeBase: timeBase, streamIndex: index))
            }
        }
        let audio =
            soundTrack.map { tracks.indices.contains($0 - 1) ? tracks[$0 - 1] : nil }
            ?? tracks.first(where: \.canBeDecoded) ?? tracks.first
        for index in unsafe 0..<Int(context.pointee.nb_streams)
        where index != video?.streamIndex && index != audio?.streamIndex {
            unsafe context.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
        }
        return Selection(streams: summaries, video: video, audio: audio, audioTracks: tracks)
    }

    /// Whether a stream is of a program; all are where there are none.
    private func isStream(_ index: Int, of program: UnsafeMutablePointer<AVProgram>?) -> Bool {
        guard let program = unsafe program else { return true }
        return unsafe (0..<Int(program.pointee.nb_stream_indexes)).contains {
            unsafe Int(program.pointee.stream_index[$0]) == index
        }
    }

    /// The cover picture of a music file is not a video.
    private func pictureStream(of context: UnsafeMutablePointer<AVFormatContext>) -> CInt? {
        let index = unsafe av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        guard index >= 0, let stream = unsafe context.pointee.streams[Int(index)],
            unsafe stream.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0,
            unsafe stream.pointee.discard != AVDISCARD_ALL
        else { return nil }
        return index
    }

    /// Rates that no camera has are guesses of libav (the time base turned upside down), so they count as unknown.
    private func frameRate(of stream: UnsafeMutablePointer<AVStream>) -> Double? {
        for rate in unsafe [stream.pointee.avg_frame_rate, stream.pointee.r_frame_rate]
        where rate.num > 0 && rate.den > 0 {
            let value = Double(rate.num) / Double(rate.den)
            if value <= 240 { return value }
        }
        return nil
    }

    private var demuxerName: String {
        guard let name = unsafe context?.pointee.iformat?.pointee.name else { return "" }
        return unsafe String(cString: name)
    }

    /// Motion JPEG streams have no timestamps, and a V4L2 driver's may be on any clock.
    var hasNoClock: Bool {
        ["mpjpeg", "mjpeg", "video4linux2,v4l2"].contains(demuxerName)
    }

    /// Whether reading would run ahead of the pictures' times: files, recordings behind HTTP, and playlists, which
    /// come a whole segment at once.
    func isFasterThanRealTime(_ url: MediaURL) -> Bool {
        guard let context = unsafe context else { return false }
        switch url.source {
        case .file: return true
        case .http, .homeAssistant: return unsafe demuxerName == "hls" || context.pointee.duration > 0
        case .rtsp, .camera, .microphone: return false
        }
    }

    func readFrame() throws(MediaError) -> ReadStep {
        guard let context = unsafe context else { throw closedError }
        guard let scratch = unsafe scratch else { throw .outOfMemory("read") }
        unsafe av_packet_unref(scratch)
        // libav does not ask while it has data at hand.
        if guarding.mustStop { throw guarding.error(toposync_av_error_exit, operation: "read", subject: subject) }
        let code = unsafe av_read_frame(context, scratch)
        switch code {
        case 0...: return unsafe .packet(scratch)
        case toposync_av_error(EAGAIN): return unsafe .tryAgain
        case toposync_av_error_eof where !guarding.mustStop: return unsafe .end
        default: throw guarding.error(code, operation: "read", subject: subject)
        }
    }

    func seekToStart() throws(MediaError) {
        guard let context = unsafe context else { throw closedError }
        let start = unsafe context.pointee.start_time == toposync_av_no_timestamp ? 0 : context.pointee.start_time
        var code = unsafe av_seek_frame(context, -1, start, AVSEEK_FLAG_BACKWARD)
        // Raw streams have no index to find a time in.
        if code < 0 { code = unsafe av_seek_frame(context, -1, 0, AVSEEK_FLAG_BYTE) }
        guard code >= 0 else { throw guarding.error(code, operation: "start the file again", subject: subject) }
    }

    /// Half a second is enough for an RTSP TEARDOWN, which is sent and not answered.
    func close() {
        guard unsafe context != nil else { return }
        guarding.beginClosing(timeout: .milliseconds(500))
        unsafe avformat_close_input(&context)
        unsafe av_packet_free(&scratch)
    }

    private var closedError: MediaError {
        MediaError(kind: .interrupted, operation: "read", subject: subject, reason: "the source has been closed")
    }
}

extension IOGuard {
    /// Opening has codes of its own: "invalid argument" is a format that is not on the white list, and "I/O error" a
    /// peer that does not speak the protocol.
    fileprivate func openError(_ code: CInt, url: MediaURL) -> MediaError {
        let error = error(code, operation: "open input", subject: url.description)
        let isGarbage = code == toposync_av_error(EINVAL) || (code == toposync_av_error(EIO) && url.host != nil)
        guard error.kind == .other, isGarbage else { return error }
        return MediaError(
            kind: .invalidData, operation: error.operation, subject: error.subject, reason: error.reason, code: code)
    }
}
