internal import CLibAV

/// Turns packets of one video stream into pictures. Use from one thread at a time.
///
/// A changed resolution inside the stream is followed: frames carry their own size. Damaged packets are counted, not thrown.
@safe public final class Decoder {
    /// What ``receive()`` found.
    public enum Step: Sendable {
        case produced(VideoFrame)
        /// Send another packet.
        case needsInput
        /// Everything that was sent before ``finish()`` has been handed out.
        case finished
    }

    /// 8K UHD: what is larger is refused before memory is taken for it.
    public static let maximumPixels = 7680 * 4320

    /// Packets and pictures that could not be decoded, or only with errors.
    public private(set) var corruptCount: UInt64 = 0

    private let opened: CodecContext
    private var context: UnsafeMutablePointer<AVCodecContext> { unsafe opened.pointer }
    private let timeBase: MediaTimeBase
    private let codec: String
    private var captureTimes = CaptureTimes()

    /// - Parameters:
    ///   - threads: with more than one, the slices of a picture are decoded in parallel, which adds no delay.
    ///   - showsDamage: whether pictures are handed out whose references are missing: for a stream in which no picture
    ///     can be decoded by itself, and which becomes whole bit by bit.
    public init(stream: VideoStreamInfo, threads: Int = 1, showsDamage: Bool = false) throws(MediaError) {
        guard stream.width * stream.height <= Decoder.maximumPixels else {
            throw MediaError(
                kind: .unsupported, operation: "open decoder", subject: stream.codec,
                reason: "its picture of \(stream.width)x\(stream.height) is larger than 7680x4320")
        }
        codec = stream.codec
        timeBase = stream.timeBase
        opened = try Decoder.open(stream, threads: threads, showsDamage: showsDamage)
    }

    private static func open(
        _ stream: VideoStreamInfo,
        threads: Int,
        showsDamage: Bool
    ) throws(MediaError) -> CodecContext {
        let identifier = unsafe stream.parameters.withPointer { unsafe $0.pointee.codec_id }
        MediaKit.ensureRegistered()
        guard let decoder = unsafe avcodec_find_decoder(identifier) else {
            throw MediaError(
                libav: toposync_av_error_decoder_not_found, operation: "open decoder", subject: stream.codec)
        }
        let opened = try unsafe CodecContext(decoder, "open decoder")
        let context = unsafe opened.pointer
        var code = unsafe stream.parameters.withPointer { unsafe avcodec_parameters_to_context(context, $0) }
        if code >= 0 {
            unsafe context.pointee.pkt_timebase = stream.timeBase.rational
            unsafe context.pointee.max_pixels = Int64(maximumPixels)
            unsafe context.pointee.thread_count = CInt(clamping: max(threads, 1))
            // Frame threads would hold back one picture per thread.
            unsafe context.pointee.thread_type = FF_THREAD_SLICE
            // With the flag, some of libav's decoders hand out reordered pictures in decoding order.
            if !stream.hasReorderedFrames { unsafe context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY }
            if showsDamage { unsafe context.pointee.flags |= CInt(bitPattern: UInt32(AV_CODEC_FLAG_OUTPUT_CORRUPT)) }
            code = unsafe avcodec_open2(context, decoder, nil)
        }
        guard code >= 0 else { throw MediaError(libav: code, operation: "open decoder", subject: stream.codec) }
        return opened
    }

    /// Gives the decoder one packet. Call ``receive()`` until it needs input before the next.
    ///
    /// - Parameter captureTime: of the picture that is made of it; its arrival if nil.
    public func send(_ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant? = nil) throws(MediaError) {
        captureTimes.note(packet, captureTime ?? packet.arrivalTime)
        let code = unsafe packet.withPointer { unsafe avcodec_send_packet(context, $0) }
        switch code {
        case 0...:
            return
        case toposync_av_error(EAGAIN), toposync_av_error(ENOMEM), toposync_av_error_eof:
            throw MediaError(libav: code, operation: "decode", subject: codec)
        default:
            corruptCount += 1
        }
    }

    /// The next picture, if there is one.
    public func receive() throws(MediaError) -> Step {
        while true {
            let code = unsafe avcodec_receive_frame(context, opened.frame)
            switch code {
            case 0...:
                return .produced(try takeFrame())
            case toposync_av_error(EAGAIN):
                return .needsInput
            case toposync_av_error_eof:
                return .finished
            case toposync_av_error(ENOMEM):
                throw MediaError(libav: code, operation: "decode", subject: codec)
            default:
                corruptCount += 1
            }
        }
    }

    /// Says that no more packets come; then ``receive()`` hands out what is left.
    public func finish() {
        unsafe avcodec_send_packet(context, nil)
    }

    /// Forgets everything, for a stream that continues elsewhere: call after a gap or a seek, before a keyframe.
    public func flush() {
        unsafe avcodec_flush_buffers(context)
        captureTimes = CaptureTimes()
    }

    private func takeFrame() throws(MediaError) -> VideoFrame {
        let frame = try unsafe opened.takeFrame()
        if unsafe frame.pointee.decode_error_flags != 0 || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 {
            corruptCount += 1
        }
        if codec == "hevc", unsafe frame.pointee.interlaced_frame != 0 {
            // H.265 codes each field as a picture of its own (ITU-T H.265 §D.3.3, pic_struct): it has no comb teeth, but
            // samples twice as tall.
            let shape = unsafe SampleAspectRatio(
                width: Int(frame.pointee.sample_aspect_ratio.num), height: Int(frame.pointee.sample_aspect_ratio.den))
            unsafe frame.pointee.interlaced_frame = 0
            unsafe frame.pointee.sample_aspect_ratio = AVRational(num: CInt(shape.width), den: CInt(shape.height * 2))
        }
        return unsafe VideoFrame(
            adopting: frame,
            presentationTime: MediaTime(libav: frame.pointee.best_effort_timestamp, timeBase: timeBase),
            captureTime: captureTimes.captureTime(pts: frame.pointee.pts, dts: frame.pointee.pkt_dts)
        )
    }
}

/// Remembers when what is in the latest packets was captured, so that a picture gets the time of the packet that it came
/// from.
private struct CaptureTimes {
    private struct Entry {
        let pts: Int64?
        let dts: Int64?
        let captureTime: MonotonicInstant
    }

    /// H.264 reorders at most 16 pictures (H.264 Annex A.3.1, MaxDpbFrames).
    private static let capacity = 32
    private var entries: [Entry] = []
    private var next = 0

    mutating func note(_ packet: EncodedPacket, _ captureTime: MonotonicInstant) {
        let entry = Entry(
            pts: packet.presentationTime?.ticks, dts: packet.decodeTime?.ticks, captureTime: captureTime)
        if entries.count < CaptureTimes.capacity {
            entries.append(entry)
        } else {
            entries[next] = entry
        }
        next = (next + 1) % CaptureTimes.capacity
    }

    func captureTime(pts: Int64, dts: Int64) -> MonotonicInstant {
        let newest = entries.isEmpty ? nil : entries[(next + CaptureTimes.capacity - 1) % CaptureTimes.capacity]
        if pts != toposync_av_no_timestamp, let entry = entries.last(where: { $0.pts == pts }) {
            return entry.captureTime
        }
        if dts != toposync_av_no_timestamp, let entry = entries.last(where: { $0.dts == dts }) {
            return entry.captureTime
        }
        return newest?.captureTime ?? .now
    }
}
