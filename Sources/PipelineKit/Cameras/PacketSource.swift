import MediaKit
import StreamModel
import StreamProtocols
import Synchronization

/// What comes from a camera, in the order that it came in.
enum SourceSample {
    case picture(EncodedPacket)
    case sound(SoundFrame)
    /// Comes before all others: the RTP timestamps of picture and sound with which the camera says that it begins.
    case begins(picture: UInt32, sound: UInt32)
    /// Which time of the camera's wall clock a timestamp is, of the picture or of the sound.
    case report(RTCPSenderReport, isSound: Bool)
}

/// A frame of a camera's sound.
struct SoundFrame: Sendable, Equatable {
    var bytes: ArraySlice<UInt8>
    /// The camera's, unwrapped, in units of the clock of the sound's format.
    var timestamp: Int64
    var arrivalTime: MonotonicInstant
}

/// Whatever hands out the coded pictures and the sound of a camera. Used by one thread; reading blocks.
protocol PacketSource {
    var video: VideoStreamInfo { get }
    /// The sound that is handed out; nil when there is none that is understood.
    var sound: RTPFormat? { get }
    /// Whether timestamps of sound and pictures are on one clock; else only the camera's reports tell which belong together.
    var sharesClock: Bool { get }
    /// The sound as the camera tells of it, understood or not; nil when there is none, or not the track that is asked for.
    var audio: AudioSummary? { get }
    /// All sound that the camera has, in its order.
    var audioTracks: [AudioSummary] { get }
    var access: CameraAccess { get }
    /// Since it was opened; nil where losses are not counted.
    var losses: CameraLosses? { get }

    /// What comes next; nil at the end of the source.
    ///
    /// - Throws: `.timedOut` when no picture comes in time: sound is no sign that more pictures come.
    func read() throws(MediaError) -> SourceSample?
}

/// The pictures and the sound of whatever libav opens.
final class DemuxedPackets: PacketSource {
    let video: VideoStreamInfo
    let losses: CameraLosses? = nil
    let sharesClock = true
    private let demuxer: Demuxer
    private let demuxedSound: DemuxedSound?
    private let readTimeout: Duration
    /// Sound that has not been asked for yet.
    private var frames: ArraySlice<SoundFrame> = []
    /// Until when the next picture has to be there; nil before it is asked for.
    private var deadline: MonotonicInstant?

    init(url: MediaURL, options: DemuxerOptions, interrupt: InterruptFlag) throws(MediaError) {
        demuxer = try Demuxer(url: url, options: options, interrupt: interrupt)
        video = try demuxer.requireVideo()
        demuxedSound = demuxer.audio.flatMap { DemuxedSound($0) }
        readTimeout = options.readTimeout
    }

    var sound: RTPFormat? { demuxedSound?.format }

    var audio: AudioSummary? { demuxer.audio.map { AudioSummary($0) } }

    var audioTracks: [AudioSummary] { demuxer.audioTracks.map { AudioSummary($0) } }

    var access: CameraAccess { demuxer.isOverUDP ? .libavUDP : .libav }

    func read() throws(MediaError) -> SourceSample? {
        let deadline = self.deadline ?? .now + readTimeout
        self.deadline = deadline
        while true {
            if let frame = frames.popFirst() { return .sound(frame) }
            guard let packet = try demuxer.read(until: deadline) else { return nil }
            if packet.streamIndex == video.streamIndex {
                self.deadline = nil
                return .picture(packet)
            }
            frames = try demuxedSound?.frames(of: packet)[...] ?? []
        }
    }
}

/// Chooses what reads a camera: our own client, or libav where that can't.
final class PacketSources: Sendable {
    /// How cameras had to be read last; the first that is known comes from the server.
    private let known = Mutex<[MediaURL: CameraAccess]>([:])
    private let mediaRoots: MediaRoots
    private let homeAssistant: Secret?

    /// - Parameter homeAssistant: where its cameras are read.
    init(mediaRoots: MediaRoots, homeAssistant: Secret? = nil) {
        self.mediaRoots = mediaRoots
        self.homeAssistant = homeAssistant
    }

    func open(
        _ camera: CameraSettings, options: DemuxerOptions, interrupt: InterruptFlag
    ) throws(MediaError)
        -> any PacketSource
    {
        let url = try MediaURL(camera.url)
        try mediaRoots.check(url)
        let access = known.withLock { $0[url] } ?? camera.access
        var options = options
        options.homeAssistant = homeAssistant
        if access == .libavUDP, options.transport == .auto {
            options.transport = .udp
            // A camera that was changed meanwhile is asked for everything.
            do throws(MediaError) {
                return try openByLibAV(url, options, interrupt)
            } catch {
                guard error.kind == .unsupported || error.kind == .invalidData || error.kind == .other else {
                    throw error
                }
                options.transport = .auto
            }
        }
        if RTSPPackets.canRead(url, transport: options.transport), access == nil || access == .rtsp {
            do throws(MediaError) {
                return try RTSPPackets(url: url, options: options, interrupt: interrupt) { [self] in
                    known.withLock { $0[url] = .libav }
                }
            } catch  where error.kind == .unsupported {
                // libav knows more codecs, and UDP; what it says of a camera that it can't read either is what counts.
            }
        }
        return try openByLibAV(url, options, interrupt)
    }

    private func openByLibAV(
        _ url: MediaURL, _ options: DemuxerOptions, _ interrupt: InterruptFlag
    ) throws(MediaError) -> any PacketSource {
        let source = try DemuxedPackets(url: url, options: options, interrupt: interrupt)
        known.withLock { $0[url] = source.access }
        return source
    }
}

extension AudioSummary {
    fileprivate init(_ stream: AudioStreamInfo) {
        self.init(codec: stream.codec, sampleRate: stream.sampleRate, channels: stream.channels)
    }
}

extension MediaRoots {
    /// - Throws: `.unsupported` for a file that may not be read.
    func check(_ url: MediaURL) throws(MediaError) {
        guard let path = url.filePath, let problem = problem(withFile: path) else { return }
        throw MediaError(
            kind: .unsupported, operation: "open input", subject: url.description,
            reason: String(problem.text.dropLast()))
    }
}
