internal import CLibAV

/// Turns frames of one stream of sound into samples. Use from one thread at a time.
///
/// Damaged frames are counted, not thrown. A rate or a number of channels that changes inside the stream is followed: what is
/// decoded carries its own.
@safe public final class SoundDecoder {
    /// Samples of a frame at most, in each channel: a quarter of a second at the highest rate. What is larger is refused before
    /// memory is taken for it.
    public static let maximumSamples = 1 << 16

    public let stream: SoundStreamInfo
    /// Frames that could not be decoded.
    public private(set) var corruptCount: UInt64 = 0

    private let opened: CodecContext
    private var context: UnsafeMutablePointer<AVCodecContext> { unsafe opened.pointer }

    /// Throws `.unsupported` when libav has no such decoder.
    public init(_ stream: SoundStreamInfo) throws(MediaError) {
        self.stream = stream
        opened = try SoundDecoder.open(stream)
    }

    /// Decodes one frame, of which something may come out with the next one only.
    ///
    /// - Parameter presentationTime: of the frame; always in the same units.
    public func decode(
        _ bytes: ArraySlice<UInt8>, presentationTime: MediaTime
    ) throws(MediaError) -> [DecodedSound] {
        let packet = try EncodedPacket(
            bytes: [UInt8](bytes), kind: .audio, isKeyframe: true, presentationTime: presentationTime)
        unsafe context.pointee.pkt_timebase = presentationTime.timeBase.rational
        let code = unsafe packet.withPointer { unsafe avcodec_send_packet(context, $0) }
        if code == toposync_av_error(ENOMEM) {
            throw MediaError(libav: code, operation: "decode", subject: stream.codec)
        }
        if code < 0 { corruptCount += 1 }
        var decoded: [DecodedSound] = []
        while true {
            switch unsafe avcodec_receive_frame(context, opened.frame) {
            case 0...:
                if let sound = try takeFrame(in: presentationTime.timeBase) { decoded.append(sound) }
            case toposync_av_error(EAGAIN), toposync_av_error_eof:
                return decoded
            case toposync_av_error(ENOMEM):
                throw .outOfMemory("decode")
            default:
                corruptCount += 1
            }
        }
    }

    private func takeFrame(in timeBase: MediaTimeBase) throws(MediaError) -> DecodedSound? {
        let frame = try unsafe opened.takeFrame()
        let sound = unsafe DecodedSound(
            adopting: frame,
            presentationTime: MediaTime(libav: frame.pointee.best_effort_timestamp, timeBase: timeBase))
        guard sound.sampleCount > 0, sound.sampleRate > 0, sound.channelCount > 0 else { return nil }
        return sound
    }

    private static func open(_ stream: SoundStreamInfo) throws(MediaError) -> CodecContext {
        MediaKit.ensureRegistered()
        guard let descriptor = unsafe avcodec_descriptor_get_by_name(stream.codec),
            unsafe descriptor.pointee.type == AVMEDIA_TYPE_AUDIO,
            let decoder = unsafe avcodec_find_decoder(descriptor.pointee.id)
        else {
            throw MediaError(
                libav: toposync_av_error_decoder_not_found, operation: "open decoder", subject: stream.codec)
        }
        let opened = try unsafe CodecContext(decoder, "open decoder")
        let context = unsafe opened.pointer
        unsafe context.pointee.sample_rate = CInt(clamping: stream.sampleRate)
        unsafe av_channel_layout_default(&context.pointee.ch_layout, CInt(clamping: stream.channelCount))
        unsafe context.pointee.bits_per_coded_sample = CInt(clamping: stream.codedBits ?? 0)
        unsafe context.pointee.block_align = CInt(clamping: stream.blockAlign ?? 0)
        unsafe context.pointee.max_samples = Int64(maximumSamples)
        unsafe context.pointee.thread_count = 1
        if !stream.extradata.isEmpty {
            let count = stream.extradata.count
            guard let bytes = unsafe av_mallocz(count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
                throw .outOfMemory("open decoder")
            }
            unsafe bytes.copyMemory(from: stream.extradata, byteCount: count)
            // Freed with the context.
            unsafe context.pointee.extradata = unsafe bytes.assumingMemoryBound(to: UInt8.self)
            unsafe context.pointee.extradata_size = CInt(clamping: count)
        }
        try unsafe check(avcodec_open2(context, decoder, nil), "open decoder", subject: stream.codec)
        return opened
    }
}
