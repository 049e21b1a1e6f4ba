internal import CLibAV

/// A connection that a stream is sent on, and the one owner of its `AVFormatContext`. Use from one thread, and not on the cooperative
/// pool: everything blocks, until it is done, its time has passed, or the interrupt flag is raised.
@safe public final class StreamOutput {
    /// A goodbye is sent for so long at most, and not answered.
    private static let closingTimeout: Duration = .milliseconds(500)
    /// Pictures and sound are put into the order of their times; what has nothing beside it for so long goes out alone.
    private static let interleaving: Duration = .milliseconds(500)

    private let guarding: IOGuard
    private let subject: String
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var hasHeader = false
    /// On the clock that the container gave each track: it takes none twice.
    private var lastTimes: [Int64?] = []

    /// Connects, or waits to be called.
    ///
    /// - Parameter timeout: nil waits for as long as it takes.
    public init(to address: OutputAddress, timeout: Duration?, interrupt: InterruptFlag) throws(MediaError) {
        MediaKit.ensureRegistered()
        let guarding = IOGuard(flag: interrupt)
        self.guarding = guarding
        subject = address.description
        if let timeout { guarding.begin(timeout: timeout) }
        if let host = address.host {
            switch HostLookup.resolve(host, until: guarding.deadlineInstant, interrupt: interrupt) {
            case .found: break
            case .failed(let reason):
                throw MediaError(kind: .unreachable, operation: "find host", subject: subject, reason: reason)
            case .abandoned: throw .stopped(interrupt, operation: "find host", subject: subject)
            }
        }
        let code = unsafe avformat_alloc_output_context2(&context, nil, address.container.rawValue, address.url)
        guard code >= 0, let context = unsafe context else {
            throw MediaError(libav: code, operation: "make container", subject: address.container.rawValue)
        }
        unsafe context.pointee.interrupt_callback = unsafe guarding.callback
        unsafe context.pointee.flags |= AVFMT_FLAG_FLUSH_PACKETS
        unsafe context.pointee.max_interleave_delta = Self.interleaving.wholeNanoseconds / 1000
        unsafe packet = unsafe av_packet_alloc()
        // RTSP connects when it knows what there is to announce.
        guard address.container != .rtsp else { return }
        var options = OptionDictionary([:])
        for (name, value) in address.options { options.set(name, value) }
        var callback = unsafe guarding.callback
        let opened = unsafe options.withPointer {
            unsafe avio_open2(&context.pointee.pb, address.url, AVIO_FLAG_WRITE, &callback, $0)
        }
        guard opened >= 0 else { throw failure(opened, "connect") }
    }

    deinit { close() }

    /// Says what there is; the first track has number 0.
    public func begin(_ tracks: [OutputTrack], timeout: Duration) throws(MediaError) {
        guard let context = unsafe context else { throw closedError }
        for track in tracks {
            let parameters: CodecParameters
            let clock: CInt
            switch track {
            case .pictures(let codec, let width, let height, let extradata):
                parameters = try CodecParameters(video: codec, width: width, height: height, extradata: extradata)
                clock = MediaTimeBase.mpeg.denominator
            case .sound(let info):
                parameters = try CodecParameters(sound: info)
                clock = CInt(clamping: info.sampleRate)
            }
            guard let stream = unsafe avformat_new_stream(context, nil) else { throw .outOfMemory("add track") }
            let code = unsafe parameters.withPointer { unsafe avcodec_parameters_copy(stream.pointee.codecpar, $0) }
            try check(code, "add track", subject: subject)
            unsafe stream.pointee.time_base = AVRational(num: 1, den: clock)
        }
        lastTimes = Array(repeating: nil, count: tracks.count)
        guarding.begin(timeout: timeout)
        var options = OptionDictionary([
            // It has no end that could be written at its beginning.
            "flvflags": "no_duration_filesize",
            "rtsp_transport": "tcp",
        ])
        let code = unsafe options.withPointer { unsafe avformat_write_header(context, $0) }
        guard code >= 0 else { throw failure(code, "announce stream") }
        hasHeader = true
    }

    /// Sends a picture, behind start codes, or a frame of sound.
    ///
    /// - Parameters:
    ///   - time: of its presentation, since any moment that is the same for all tracks.
    ///   - decodeTime: likewise; they come in its order.
    ///   - newExtradata: the parameter sets, where they may be others than before.
    public func write(
        _ bytes: [UInt8], track: Int, at time: Duration, decodedAt decodeTime: Duration, isKeyframe: Bool,
        newExtradata: [UInt8]? = nil,
        timeout: Duration
    ) throws(MediaError) {
        guard let context = unsafe context, let packet = unsafe packet, hasHeader, lastTimes.indices.contains(track),
            let stream = unsafe context.pointee.streams[track]
        else { throw closedError }
        guard let size = CInt(exactly: bytes.count), size <= CInt.max - AV_INPUT_BUFFER_PADDING_SIZE else {
            throw MediaError(
                kind: .invalidData, operation: "send", subject: subject, reason: "\(bytes.count) bytes are too many")
        }
        unsafe av_packet_unref(packet)
        try check(unsafe av_new_packet(packet, size), "send", subject: subject)
        unsafe UnsafeMutableRawBufferPointer(start: packet.pointee.data, count: bytes.count).copyBytes(from: bytes)
        if let newExtradata,
            let side = unsafe av_packet_new_side_data(
                packet, AV_PKT_DATA_NEW_EXTRADATA, newExtradata.count)
        {
            unsafe UnsafeMutableRawBufferPointer(start: side, count: newExtradata.count).copyBytes(from: newExtradata)
        }
        let clock = unsafe MediaTimeBase(stream.pointee.time_base)
        var ticks = MediaTime(decodeTime, timeBase: clock).ticks
        if let last = lastTimes[track] { ticks = max(ticks, last + 1) }
        lastTimes[track] = ticks
        unsafe packet.pointee.pts = max(MediaTime(time, timeBase: clock).ticks, ticks)
        unsafe packet.pointee.dts = ticks
        unsafe packet.pointee.stream_index = CInt(track)
        unsafe packet.pointee.flags = isKeyframe ? AV_PKT_FLAG_KEY : 0
        guarding.begin(timeout: timeout)
        let code = unsafe av_interleaved_write_frame(context, packet)
        guard code >= 0 else { throw failure(code, "send") }
        // libav does not ask while its buffers have room.
        if guarding.mustStop { throw failure(toposync_av_error_exit, "send") }
    }

    /// Says goodbye, which takes half a second at most. Idempotent.
    public func close() {
        guard let context = unsafe context else { return }
        guarding.beginClosing(timeout: Self.closingTimeout)
        // Also after a failure: RTSP's connection is freed by nothing else.
        if hasHeader { unsafe av_write_trailer(context) }
        if unsafe context.pointee.oformat.pointee.flags & AVFMT_NOFILE == 0 {
            unsafe avio_closep(&context.pointee.pb)
        }
        unsafe avformat_free_context(context)
        unsafe self.context = nil
        unsafe av_packet_free(&packet)
    }

    private func failure(_ code: CInt, _ operation: String) -> MediaError {
        guarding.error(code, operation: operation, subject: subject)
    }

    private var closedError: MediaError {
        MediaError(kind: .interrupted, operation: "send", subject: subject, reason: "the output has been closed")
    }
}
