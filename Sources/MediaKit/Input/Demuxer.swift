internal import CLibAV

/// Opens a source and hands out its packets. Use from one thread at a time, and not on the cooperative pool: both
/// opening and reading block, until data comes, the timeout passes, or the interrupt flag is raised.
public final class Demuxer {
    /// One stream of the source, also of the kinds that are not handed out.
    public struct StreamSummary: Sendable, Hashable {
        public let index: Int
        /// `video`, `audio`, `data`, `subtitle` or `unknown`.
        public let kind: String
        public let codec: String
    }

    public let url: MediaURL
    /// The streams found when opening.
    public let streams: [StreamSummary]
    /// The video stream whose packets ``read()`` hands out.
    public let video: VideoStreamInfo?
    /// The audio stream whose packets ``read()`` hands out.
    public let audio: AudioStreamInfo?
    /// The audio streams that belong to the video stream, in their order.
    public let audioTracks: [AudioStreamInfo]
    /// Whether the source is delivered at the speed of its timestamps rather than as fast as it can be read.
    public var isPaced: Bool { pacer != nil }

    /// Whether an RTSP source sends over UDP.
    public var isOverUDP: Bool { input.isOverUDP }

    private let options: DemuxerOptions
    private let interrupt: InterruptFlag
    private let input: InputContext
    private let stampsByArrival: Bool
    private var pacer: Pacer?
    private var timeline: LoopTimeline?
    private let openedAt: MonotonicInstant

    /// Opens `url`. Throws a ``MediaError`` whose subject is the redacted address.
    public init(
        url: MediaURL,
        options: DemuxerOptions = DemuxerOptions(),
        interrupt: InterruptFlag = InterruptFlag()
    ) throws(MediaError) {
        MediaKit.ensureRegistered()
        let input = try InputContext.open(url, options: options, interrupt: interrupt)
        let stampsByArrival = url.isLive && input.hasNoClock
        let selection = try input.selectStreams(
            overridingTimeBase: stampsByArrival ? .mpeg : nil, soundTrack: options.soundTrack)
        self.url = url
        self.options = options
        self.interrupt = interrupt
        self.input = input
        self.stampsByArrival = stampsByArrival
        streams = selection.streams
        video = selection.video
        audio = selection.audio
        audioTracks = selection.audioTracks
        if options.realTime, input.isFasterThanRealTime(url), !stampsByArrival { pacer = Pacer() }
        if options.loop, !url.isLive { timeline = LoopTimeline() }
        openedAt = .now
    }

    /// The video stream, or the error that tells the user that there is none.
    public func requireVideo() throws(MediaError) -> VideoStreamInfo {
        guard let video else {
            throw MediaError(
                kind: .noVideo, operation: "open input", subject: url.description, reason: "there is no video stream",
                code: toposync_av_error_stream_not_found)
        }
        return video
    }

    /// The next packet of the video or audio stream; nil at the end of the source.
    ///
    /// - Parameter deadline: when it must be there at the latest, if that is before the time-out of a read.
    public func read(until deadline: MonotonicInstant? = nil) throws(MediaError) -> EncodedPacket? {
        let timeout = deadline.map { MonotonicInstant.now.duration(to: $0) } ?? options.readTimeout
        input.guarding.begin(timeout: min(timeout, options.readTimeout))
        while true {
            switch unsafe try input.readFrame() {
            case .packet(let packet):
                if let result = try unsafe accept(packet) { return result }
            case .tryAgain:
                try waitForDevice()
            case .end:
                guard try rewind() else { return nil }
            }
        }
    }

    /// Says goodbye to the source and frees everything; reading afterwards throws. Idempotent; `deinit` does it too.
    public func close() {
        input.close()
    }

    /// Wraps a packet of a stream that is handed out, once it is due, and leaves `packet` empty.
    private func accept(_ packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) -> EncodedPacket? {
        let index = unsafe Int(packet.pointee.stream_index)
        let kind: EncodedPacket.MediaKind
        let timeBase: MediaTimeBase
        if let video, video.streamIndex == index {
            (kind, timeBase) = (.video, video.timeBase)
        } else if let audio, audio.streamIndex == index {
            (kind, timeBase) = (.audio, audio.timeBase)
        } else {
            return nil
        }
        try unsafe check(av_packet_make_refcounted(packet), "read", subject: url.description)
        if stampsByArrival {
            let elapsed = MediaTime(openedAt.duration(to: .now), timeBase: timeBase).ticks
            unsafe packet.pointee.pts = elapsed
            unsafe packet.pointee.dts = elapsed
        }
        unsafe timeline?.place(packet, timeBase: timeBase, frameRate: kind == .video ? video?.frameRate : nil)
        var arrival = MonotonicInstant.now
        if pacer != nil, let time = unsafe MediaTime(libav: packet.pointee.dts, timeBase: timeBase) {
            arrival = pacer?.due(time.duration, now: arrival) ?? arrival
            guard !interrupt.wait(until: arrival) else {
                throw input.guarding.error(toposync_av_error_exit, operation: "read", subject: url.description)
            }
        }
        guard let taken = unsafe av_packet_alloc() else { throw .outOfMemory("read") }
        unsafe av_packet_move_ref(taken, packet)
        return unsafe EncodedPacket(adopting: taken, kind: kind, timeBase: timeBase, arrivalTime: arrival)
    }

    /// Back to the start of a looped file. False when the source ends here.
    private func rewind() throws(MediaError) -> Bool {
        guard timeline != nil else { return false }
        guard timeline?.startNextPass() == true else {
            throw MediaError(
                kind: .invalidData, operation: "read", subject: url.description, reason: "the file holds no pictures")
        }
        try input.seekToStart()
        return true
    }

    /// A device has nothing yet. libav does not lend its descriptor to wait on, so it is asked again shortly.
    private func waitForDevice() throws(MediaError) {
        let interrupted = interrupt.wait(until: .now + .milliseconds(2))
        if interrupted || input.guarding.isExpired {
            throw input.guarding.error(toposync_av_error_exit, operation: "read", subject: url.description)
        }
    }
}
