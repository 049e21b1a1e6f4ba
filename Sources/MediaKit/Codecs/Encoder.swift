internal import CLibAV

/// Encodes pictures as H.264 or H.265 in Annex B, for live streams. Use from one thread at a time.
///
/// On the CPU every picture comes out of the call that it went into, unless B-frames were asked for, and each keyframe repeats its
/// parameter sets, so that a viewer can join at any of them; hardware may keep a few pictures, and send its parameter sets once. With
/// B-frames, pictures come in the order in which they are decoded. Each group of pictures is closed.
@safe public final class Encoder {
    public private(set) var settings: EncoderSettings
    public let backend: EncoderBackend
    public var codec: Codec { settings.codec }
    /// What a decoder has to know. Its `extradata` is empty: the parameter sets are in the stream.
    public let streamInfo: VideoStreamInfo

    private let opened: CodecContext
    private var context: UnsafeMutablePointer<AVCodecContext> { unsafe opened.pointer }
    private var scratch: UnsafeMutablePointer<AVFrame> { unsafe opened.frame }
    /// Nil for encoders that read our memory.
    private let upload: HardwareUpload?
    private let keyframeDistance: Int64?
    private var lastPresentation: Int64?
    private var lastKeyframe: Int64?

    /// Throws `.unsupported` with the reason when the settings cannot be had. With a hardware encoder it may block for as
    /// long as the driver does.
    public init(settings: EncoderSettings, backend: EncoderBackend = .cpu) throws(MediaError) {
        try settings.validate(for: backend)
        (opened, upload) = try Encoder.open(settings, backend)
        streamInfo = unsafe VideoStreamInfo(
            parameters: try CodecParameters(of: opened.pointer), frameRate: Double(settings.fps), timeBase: .mpeg,
            streamIndex: 0)
        self.settings = settings
        self.backend = backend
        switch settings.keyframeInterval {
        case .frames, .refresh: keyframeDistance = nil
        case .duration(let interval): keyframeDistance = MediaTime(interval).ticks
        }
    }

    /// Encodes one yuv420p picture of exactly the settings' size and colour.
    ///
    /// A presentation time that does not lie after the last one is moved one tick (1/90000 s) after it.
    public func encode(
        _ frame: VideoFrame,
        presentationTime: MediaTime,
        forceKeyframe: Bool = false
    ) throws(MediaError) -> [EncodedPacket] {
        guard frame.width == settings.width, frame.height == settings.height, frame.format == AV_PIX_FMT_YUV420P else {
            throw MediaError(
                kind: .unsupported, operation: "encode", subject: codec.subject,
                reason: "the picture is \(frame.pixelFormat) \(frame.width)x\(frame.height) and must be yuv420p "
                    + "\(settings.width)x\(settings.height); scale it first")
        }
        guard frame.colour == settings.colour else {
            throw MediaError(
                kind: .unsupported, operation: "encode", subject: codec.subject,
                reason: "the picture has other colours than the encoder was opened for")
        }
        let wanted = presentationTime.rescaled(to: .mpeg).ticks
        let pts = lastPresentation.map { max(wanted, $0 + 1) } ?? wanted
        let isKeyframe = forceKeyframe || isKeyframeDue(at: pts)
        defer { unsafe av_frame_unref(scratch) }
        try unsafe frame.storage.withPointer { (source) throws(MediaError) in
            if let upload {
                try unsafe upload.upload(source, into: scratch)
            } else {
                try unsafe check(av_frame_ref(scratch, source), "encode", subject: codec.subject)
            }
            // The picture carries its own codec's type and time; both are ours to choose here.
            unsafe scratch.pointee.pict_type = isKeyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
            unsafe scratch.pointee.pts = pts
            try unsafe check(avcodec_send_frame(context, scratch), "encode", subject: codec.subject)
        }
        lastPresentation = pts
        // Hardware may hand it out later; it must not be asked for again until then.
        if isKeyframe { lastKeyframe = pts }
        return try receivePackets(captureTime: frame.captureTime)
    }

    /// Takes on other settings from the next picture on, which needs no keyframe for it.
    ///
    /// - Returns: false where only another encoder can have them; this one is what it was then.
    public func reconfigure(_ new: EncoderSettings) -> Bool {
        guard backend == .cpu, codec == .h264, settings.isReconfigurable(to: new),
            (try? new.validate(for: backend)) != nil
        else {
            return false
        }
        settings = new
        // libavcodec compares them before each picture with those that x264 has.
        unsafe Encoder.setRates(context, new)
        return true
    }

    /// Hands out what the encoder still holds; it takes no pictures after this.
    public func finish() throws(MediaError) -> [EncodedPacket] {
        try unsafe check(avcodec_send_frame(context, nil), "finish encoding", subject: codec.subject)
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
        while let packet = try unsafe receivePacket(from: context, subject: codec.subject) {
            if unsafe packet.pointee.flags & AV_PKT_FLAG_KEY != 0 { lastKeyframe = unsafe packet.pointee.pts }
            // The nominal one: containers use it for the last picture, which has no successor to tell.
            unsafe packet.pointee.duration = Int64(90_000 / settings.fps)
            unsafe packets.append(
                EncodedPacket(adopting: packet, kind: .video, timeBase: .mpeg, arrivalTime: captureTime))
        }
        return packets
    }

    private static func open(
        _ settings: EncoderSettings, _ backend: EncoderBackend
    ) throws(MediaError) -> (CodecContext, HardwareUpload?) {
        let codec = settings.codec
        MediaKit.ensureRegistered()
        guard let encoder = unsafe avcodec_find_encoder_by_name(codec.encoderName(backend)) else {
            let remedy = backend == .cpu ? "; install Debian's libavcodec-extra or its own libavcodec" : ""
            throw MediaError(
                kind: .unsupported, operation: "open encoder", subject: codec.subject,
                reason: "this libavcodec has no \(codec.encoderName(backend))\(remedy)",
                code: toposync_av_error_encoder_not_found)
        }
        let opened = try unsafe CodecContext(encoder, "open encoder")
        let context = unsafe opened.pointer
        unsafe configure(context, settings)
        let upload = try unsafe configure(context, settings, for: backend)
        var options = codec.options(settings, backend)
        try unsafe check(
            options.withPointer { unsafe avcodec_open2(context, encoder, $0) }, "open encoder",
            subject: codec.encoderName(backend))
        // An option that x264 does not take would otherwise be without effect and without a word.
        if backend == .cpu, !options.remainingNames.isEmpty {
            throw MediaError(libav: toposync_av_error(EINVAL), operation: "open encoder", subject: codec.subject)
        }
        return (opened, upload)
    }

    /// What hardware encoders want otherwise.
    private static func configure(
        _ context: UnsafeMutablePointer<AVCodecContext>, _ settings: EncoderSettings, for backend: EncoderBackend
    ) throws(MediaError) -> HardwareUpload? {
        guard backend != .cpu else { return nil }
        unsafe context.pointee.gop_size = CInt(settings.hardwareGroupSize)
        unsafe context.pointee.bit_rate = Int64(settings.hardwareBitrateKbps) * 1000
        // Above the bitrate: where both are equal, VAAPI fills it up.
        unsafe context.pointee.rc_max_rate =
            settings.bitrateKbps == nil
            ? unsafe context.pointee.bit_rate * 11 / 10 : Int64(settings.maximumRateKbps) * 1000
        guard let type = backend.deviceType else { return nil }
        unsafe context.pointee.pix_fmt = backend == .qsv ? AV_PIX_FMT_QSV : AV_PIX_FMT_VAAPI
        let upload = try unsafe HardwareUpload(
            type, format: context.pointee.pix_fmt, width: settings.width, height: settings.height,
            subject: backend.codecName)
        guard let frames = unsafe upload.framesReference() else { throw .outOfMemory("open encoder") }
        unsafe context.pointee.hw_frames_ctx = unsafe frames
        return upload
    }

    private static func configure(_ context: UnsafeMutablePointer<AVCodecContext>, _ settings: EncoderSettings) {
        unsafe context.pointee.width = CInt(settings.width)
        unsafe context.pointee.height = CInt(settings.height)
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        unsafe context.pointee.time_base = MediaTimeBase.mpeg.rational
        unsafe context.pointee.framerate = AVRational(num: CInt(settings.fps), den: 1)
        unsafe context.pointee.color_range = settings.colour.range
        unsafe context.pointee.colorspace = settings.colour.colorspace
        unsafe context.pointee.color_primaries = settings.colour.primaries
        unsafe context.pointee.color_trc = settings.colour.transfer
        unsafe context.pointee.max_b_frames = CInt(settings.bFrames)
        unsafe context.pointee.thread_count = CInt(settings.threads)
        unsafe context.pointee.flags |= CInt(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        switch settings.keyframeInterval {
        case .frames(let count), .refresh(let count):
            unsafe context.pointee.gop_size = CInt(count)
            unsafe context.pointee.keyint_min = CInt(count)
        case .duration:
            // x264's "infinite": keyframes come when ``isKeyframeDue(at:)`` says so.
            unsafe context.pointee.gop_size = 1 << 30
        }
        unsafe setRates(context, settings)
    }

    private static func setRates(_ context: UnsafeMutablePointer<AVCodecContext>, _ settings: EncoderSettings) {
        if let bitrate = settings.bitrateKbps { unsafe context.pointee.bit_rate = Int64(bitrate) * 1000 }
        unsafe context.pointee.rc_max_rate = Int64(settings.maximumRateKbps) * 1000
        unsafe context.pointee.rc_buffer_size = CInt(clamping: Int64(settings.bufferKbits) * 1000)
    }
}
