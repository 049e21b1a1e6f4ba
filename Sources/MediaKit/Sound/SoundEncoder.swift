internal import CLibAV

/// Encodes sound, as samples of all channels in turn, −1…1. Use from one thread at a time.
///
/// Samples are counted from zero, and packets are stamped with the first of those that are heard when they are decoded: what an
/// encoder puts before the sound ("priming") is before zero.
@safe public final class SoundEncoder {
    /// Of the packets of codecs that have no frames.
    private static let packetsPerSecond = 50

    public let settings: SoundEncoderSettings
    /// Samples of a frame, in each channel.
    public let frameLength: Int

    private let opened: CodecContext
    private var context: UnsafeMutablePointer<AVCodecContext> { unsafe opened.pointer }
    private var frame: UnsafeMutablePointer<AVFrame> { unsafe opened.frame }
    private let format: AVSampleFormat
    private let timeBase: MediaTimeBase
    /// Samples that are no frame yet.
    private var waiting: [Float] = []
    private var nextSample: Int64 = 0

    /// Throws `.unsupported` with the reason when the settings cannot be had.
    public init(_ settings: SoundEncoderSettings) throws(MediaError) {
        self.settings = settings
        opened = try SoundEncoder.open(settings)
        let length = unsafe Int(opened.pointer.pointee.frame_size)
        frameLength = length > 0 ? length : settings.sampleRate / Self.packetsPerSecond
        format = unsafe opened.pointer.pointee.sample_fmt
        timeBase = MediaTimeBase(denominator: Int32(clamping: settings.sampleRate))
        unsafe frame.pointee.format = unsafe context.pointee.sample_fmt.rawValue
        unsafe frame.pointee.sample_rate = unsafe context.pointee.sample_rate
        unsafe frame.pointee.nb_samples = CInt(frameLength)
        try unsafe check(av_channel_layout_copy(&frame.pointee.ch_layout, &context.pointee.ch_layout), "open encoder")
        try unsafe check(av_frame_get_buffer(frame, 0), "open encoder")
    }

    /// Takes samples that follow on those before, and gives the packets that they complete.
    public func encode(_ samples: [Float]) throws(MediaError) -> [EncodedPacket] {
        waiting += samples
        let length = frameLength * settings.channelCount
        var packets: [EncodedPacket] = []
        var position = 0
        while waiting.count - position >= length {
            try unsafe check(av_frame_make_writable(frame), "encode", subject: settings.codec.encoderName)
            fill(from: waiting[position..<(position + length)])
            unsafe frame.pointee.pts = nextSample
            nextSample += Int64(frameLength)
            position += length
            try unsafe check(avcodec_send_frame(context, frame), "encode", subject: settings.codec.encoderName)
            packets += try receivePackets()
        }
        waiting.removeFirst(position)
        return packets
    }

    private func receivePackets() throws(MediaError) -> [EncodedPacket] {
        var packets: [EncodedPacket] = []
        while let packet = try unsafe receivePacket(from: context, subject: settings.codec.encoderName) {
            unsafe packets.append(
                EncodedPacket(adopting: packet, kind: .audio, timeBase: timeBase, arrivalTime: .now))
        }
        return packets
    }

    /// Writes the frame as its format wants it. What is no number, as damaged sound may be decoded to, is silent.
    private func fill(from samples: ArraySlice<Float>) {
        let channelCount = settings.channelCount
        let bounded = samples.lazy.map { $0.isFinite ? min(max($0, -1), 1) : 0 }
        switch format {
        case AV_SAMPLE_FMT_FLTP:
            for channel in 0..<channelCount {
                guard let plane = unsafe frame.pointee.extended_data[channel] else { continue }
                unsafe plane.withMemoryRebound(to: Float.self, capacity: frameLength) { plane in
                    for (index, sample) in bounded.enumerated() where index % channelCount == channel {
                        unsafe plane[index / channelCount] = sample
                    }
                }
            }
        case AV_SAMPLE_FMT_FLT:
            guard let plane = unsafe frame.pointee.extended_data[0] else { return }
            unsafe plane.withMemoryRebound(to: Float.self, capacity: samples.count) { plane in
                for (index, sample) in bounded.enumerated() { unsafe plane[index] = sample }
            }
        default:
            guard let plane = unsafe frame.pointee.extended_data[0] else { return }
            unsafe plane.withMemoryRebound(to: Int16.self, capacity: samples.count) { plane in
                for (index, sample) in bounded.enumerated() {
                    unsafe plane[index] = Int16((sample * Float(Int16.max)).rounded())
                }
            }
        }
    }

    private static func open(_ settings: SoundEncoderSettings) throws(MediaError) -> CodecContext {
        let name = settings.codec.encoderName
        guard (8000...96_000).contains(settings.sampleRate), (1...2).contains(settings.channelCount),
            settings.bitrate > 0
        else {
            throw MediaError(
                kind: .unsupported, operation: "open encoder", subject: name,
                reason: "\(settings.sampleRate) Hz with \(settings.channelCount) channels can't be encoded")
        }
        MediaKit.ensureRegistered()
        guard let encoder = unsafe avcodec_find_encoder_by_name(name) else {
            throw MediaError(
                kind: .unsupported, operation: "open encoder", subject: name,
                reason: "this libavcodec has no \(name); install Debian's libavcodec-extra or its own libavcodec",
                code: toposync_av_error_encoder_not_found)
        }
        let opened = try unsafe CodecContext(encoder, "open encoder")
        let context = unsafe opened.pointer
        unsafe context.pointee.sample_rate = CInt(settings.sampleRate)
        unsafe av_channel_layout_default(&context.pointee.ch_layout, CInt(settings.channelCount))
        unsafe context.pointee.sample_fmt = settings.codec.sampleFormat
        unsafe context.pointee.time_base = AVRational(num: 1, den: CInt(settings.sampleRate))
        unsafe context.pointee.bit_rate = Int64(settings.bitrate)
        unsafe context.pointee.thread_count = 1
        try unsafe check(avcodec_open2(context, encoder, nil), "open encoder", subject: name)
        return opened
    }
}

extension SoundEncoderSettings.Codec {
    /// How the encoder takes samples.
    fileprivate var sampleFormat: AVSampleFormat {
        switch self {
        case .aac, .mp3: AV_SAMPLE_FMT_FLTP
        case .opus: AV_SAMPLE_FMT_FLT
        case .muLaw, .aLaw: AV_SAMPLE_FMT_S16
        }
    }
}
