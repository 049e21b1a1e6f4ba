import MediaKit
import StreamModel
import StreamProtocols

/// An opened microphone. Used by one thread; reading blocks.
final class MicrophoneSound {
    private static let timeout: Duration = .seconds(5)
    /// Pieces handed on in a second at most: some devices give a thousand.
    private static let piecesPerSecond = 50
    /// A piece that is missing because nobody took it in time is longer than what the times of two pieces differ by otherwise.
    private static let gap: Duration = .milliseconds(50)
    /// What is captured can't be from the future. A device that says so, by more than clocks differ (a hundredth), has no clock, as
    /// ALSA's `null` and `file`, and is read at the pace of time.
    private static let lead: Duration = .milliseconds(40)

    let audio: AudioSummary
    private let demuxer: Demuxer
    private let linear: LinearSound
    private let interrupt: InterruptFlag
    private let started = MonotonicInstant.now
    private let clock: MediaTimeBase
    private var hasClock = true
    /// Samples of a channel up to now.
    private var position: Int64 = 0
    /// Of a sample in each channel.
    private let bytesPerSample: Int
    /// When the next piece begins by ALSA's times, unless some is missing.
    private var expected: Duration?
    private var lastArrival: MonotonicInstant?

    init(_ address: String, interrupt: InterruptFlag) throws(MediaError) {
        let url = try MediaURL(address)
        demuxer = try Demuxer(
            url: url, options: DemuxerOptions(openTimeout: Self.timeout, readTimeout: Self.timeout),
            interrupt: interrupt)
        guard let stream = demuxer.audio else {
            throw MediaError(
                kind: .invalidData, operation: "open input", subject: url.description, reason: "there is no sound")
        }
        linear = try LinearSound(
            SoundStreamInfo(codec: stream.codec, sampleRate: stream.sampleRate, channelCount: stream.channels))
        audio = AudioSummary(codec: stream.codec, sampleRate: stream.sampleRate, channels: stream.channels)
        clock = MediaTimeBase(denominator: Int32(clamping: stream.sampleRate))
        bytesPerSample = 2 * max(stream.channels, 1)
        self.interrupt = interrupt
    }

    var format: RTPFormat { linear.format }

    /// What comes next, of a fiftieth of a second or more.
    func read() throws(MediaError) -> [SoundFrame] {
        let enough = audio.sampleRate / Self.piecesPerSecond * bytesPerSample
        var bytes: [UInt8] = []
        var arrival: MonotonicInstant
        repeat {
            guard let packet = try demuxer.read(), packet.byteCount > 0 else {
                throw MediaError(
                    kind: .endOfStream, operation: "read", subject: demuxer.url.description, reason: "the sound ended")
            }
            arrival = packet.arrivalTime
            if bytes.isEmpty { position += missing(before: packet.presentationTime?.duration, at: arrival) }
            bytes += packet.bytes
        } while bytes.count < enough
        let count = Int64(bytes.count / bytesPerSample)
        let begins = MediaTime(ticks: position, timeBase: clock)
        position += count
        if let expected { self.expected = expected + MediaTime(ticks: count, timeBase: clock).duration }
        lastArrival = arrival
        keepPace()
        let piece = try EncodedPacket(
            bytes: bytes, kind: .audio, isKeyframe: true, presentationTime: begins, arrivalTime: arrival)
        return try linear.frames(of: piece, at: begins).map { frame in
            // It was in the air before it arrived.
            var frame = frame
            frame.arrivalTime = arrival - MediaTime(ticks: position - frame.timestamp, timeBase: clock).duration
            return frame
        }
    }

    /// The samples before a piece that nobody took in time. ALSA's times are of the computer's clock, which may be set meanwhile; but
    /// no more is missing than time has passed.
    private func missing(before time: Duration?, at arrival: MonotonicInstant) -> Int64 {
        defer { expected = time }
        guard let time, let expected, let lastArrival else { return 0 }
        let gap = min(time - expected, lastArrival.duration(to: arrival))
        return gap > Self.gap ? MediaTime(gap, timeBase: clock).ticks : 0
    }

    private func keepPace() {
        let heard = MediaTime(ticks: position, timeBase: clock).duration - Self.lead
        let elapsed = started.duration(to: .now)
        if heard > elapsed + elapsed / 100 { hasClock = false }
        if !hasClock { interrupt.wait(until: started + heard) }
    }
}
