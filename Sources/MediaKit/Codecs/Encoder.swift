internal import CLibAV

/// Encodes pictures as H.264 in Annex B, for live streams. Use from one thread at a time.
///
/// Every picture comes out of the call that it went into; there are no B-frames, each group of pictures is closed, and
/// each keyframe repeats its parameter sets, so that a viewer can join at any of them.
public final class Encoder {
    public let settings: H264EncoderSettings
    /// For a ``Muxer``. Its `extradata` is empty: the parameter sets are in the stream.
    public let streamInfo: VideoStreamInfo

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let scratch: UnsafeMutablePointer<AVFrame>
    private let keyframeDistance: Int64?
    private var lastPresentation: Int64?
    private var lastKeyframe: Int64?

    /// Throws `.unsupported` with the reason when the settings cannot be had.
    public init(settings: H264EncoderSettings) throws(MediaError) {
        try settings.validate()
        let context = try Encoder.open(settings)
        do throws(MediaError) {
            streamInfo = VideoStreamInfo(
                parameters: try CodecParameters(of: context), frameRate: Double(settings.fps), timeBase: .mpeg,
                streamIndex: 0)
            guard let frame = av_frame_alloc() else { throw .outOfMemory("open encoder") }
            scratch = frame
        } catch {
            var doomed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&doomed)
            throw error
        }
        self.context = context
        self.settings = settings
        switch settings.keyframeInterval {
        case .frames: keyframeDistance = nil
        case .duration(let interval): keyframeDistance = MediaTime(interval).ticks
        }
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = scratch
        av_frame_free(&frame)
        var doomed: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&doomed)
    }

    /// Encodes one yuv420p picture of exactly the settings' size.
    ///
    /// A presentation time that does not lie after the last one is moved one tick (1/90000 s) after it.
    public func encode(
        _ frame: VideoFrame,
        presentationTime: MediaTime,
        forceKeyframe: Bool = false
    ) throws(MediaError) -> [EncodedPacket] {
        guard frame.width == settings.width, frame.height == settings.height, frame.format == AV_PIX_FMT_YUV420P else {
            throw MediaError(
                kind: .unsupported, operation: "encode", subject: "h264",
                reason: "the picture is \(frame.pixelFormat) \(frame.width)x\(frame.height) and must be yuv420p "
                    + "\(settings.width)x\(settings.height); scale it first")
        }
        let wanted = presentationTime.rescaled(to: .mpeg).ticks
        let pts = lastPresentation.map { max(wanted, $0 + 1) } ?? wanted
        let isKeyframe = forceKeyframe || isKeyframeDue(at: pts)
        let code = frame.storage.withPointer { source -> CInt in
            let code = av_frame_ref(scratch, source)
            guard code >= 0 else { return code }
            // The picture carries its own codec's type and time; both are ours to choose here.
            scratch.pointee.pict_type = isKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
            scratch.pointee.pts = pts
            return avcodec_send_frame(context, scratch)
        }
        av_frame_unref(scratch)
        try check(code, "encode", subject: "h264")
        lastPresentation = pts
        return try receivePackets(captureTime: frame.captureTime)
    }

    /// Hands out what the encoder still holds; it takes no pictures after this.
    public func finish() throws(MediaError) -> [EncodedPacket] {
        try check(avcodec_send_frame(context, nil), "finish encoding", subject: "h264")
        return try receivePackets(captureTime: .now)
    }

    private func isKeyframeDue(at pts: Int64) -> Bool {
        guard let keyframeDistance else { return false }
        guard let lastKeyframe else { return true }
        // Half a frame early rather than a frame late, because times jitter.
        let halfFrame = Int64(90_000 / settings.fps / 2)
        return pts - lastKeyframe >= keyframeDistance - halfFrame
    }

    private func receivePackets(captureTime: MonotonicInstant) throws(MediaError) -> [EncodedPacket] {
        var packets: [EncodedPacket] = []
        while true {
            guard let packet = av_packet_alloc() else { throw .outOfMemory("encode") }
            var code = avcodec_receive_packet(context, packet)
            if code >= 0 { code = av_packet_make_refcounted(packet) }
            guard code >= 0 else {
                var doomed: UnsafeMutablePointer<AVPacket>? = packet
                av_packet_free(&doomed)
                if code == toposync_av_error(EAGAIN) || code == toposync_av_error_eof { return packets }
                throw MediaError(libav: code, operation: "encode", subject: "h264")
            }
            if packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { lastKeyframe = packet.pointee.pts }
            // The nominal one: containers use it for the last picture, which has no successor to tell.
            packet.pointee.duration = Int64(90_000 / settings.fps)
            packets.append(
                EncodedPacket(adopting: packet, kind: .video, timeBase: .mpeg, arrivalTime: captureTime))
        }
    }

    private static func open(_ settings: H264EncoderSettings) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext>
    {
        MediaKit.ensureRegistered()
        guard let encoder = avcodec_find_encoder_by_name("libx264") else {
            throw MediaError(
                kind: .unsupported, operation: "open encoder", subject: "h264",
                reason: "this libavcodec has no libx264; install Debian's libavcodec-extra or its own libavcodec",
                code: toposync_av_error_encoder_not_found)
        }
        guard let context = avcodec_alloc_context3(encoder) else { throw .outOfMemory("open encoder") }
        configure(context, settings)
        var options = settings.privateOptions
        var code = options.withPointer { avcodec_open2(context, encoder, $0) }
        // An option that nothing took would otherwise be without effect and without a word.
        if code >= 0, !options.remainingNames.isEmpty { code = toposync_av_error(EINVAL) }
        guard code >= 0 else {
            var doomed: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&doomed)
            throw MediaError(libav: code, operation: "open encoder", subject: "h264")
        }
        return context
    }

    private static func configure(_ context: UnsafeMutablePointer<AVCodecContext>, _ settings: H264EncoderSettings) {
        context.pointee.width = CInt(settings.width)
        context.pointee.height = CInt(settings.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.pointee.time_base = MediaTimeBase.mpeg.rational
        context.pointee.framerate = AVRational(num: CInt(settings.fps), den: 1)
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.colorspace = AVCOL_SPC_BT709
        context.pointee.color_primaries = AVCOL_PRI_BT709
        context.pointee.color_trc = AVCOL_TRC_BT709
        context.pointee.max_b_frames = 0
        context.pointee.thread_count = CInt(settings.threads)
        context.pointee.flags |= CInt(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        switch settings.keyframeInterval {
        case .frames(let count):
            context.pointee.gop_size = CInt(count)
            context.pointee.keyint_min = CInt(count)
        case .duration:
            // x264's "infinite": keyframes come when ``isKeyframeDue(at:)`` says so.
            context.pointee.gop_size = 1 << 30
        }
        if let bitrate = settings.bitrateKbps { context.pointee.bit_rate = Int64(bitrate) * 1000 }
        context.pointee.rc_max_rate = Int64(settings.maximumRateKbps) * 1000
        context.pointee.rc_buffer_size = CInt(clamping: Int64(settings.bufferKbits) * 1000)
    }
}
