import MediaKit
import StreamModel
import StreamProtocols

/// The pictures and the sound of an RTSP camera that sends H.264 or H.265 over TCP, read by our own client: libav's takes six
/// system calls for each packet, and reads for a while before it says what comes.
final class RTSPPackets: PacketSource {
    let video: VideoStreamInfo
    let sound: RTPFormat?
    let sharesClock = false
    let audio: AudioSummary?
    let audioTracks: [AudioSummary]
    let access = CameraAccess.rtsp

    private var reception: Reception
    private let readTimeout: Duration
    private let whenUnreadable: () -> Void
    /// What the tracks begin with, until it has been handed out.
    private var beginning: [UInt32]
    /// What has been put together and was not asked for yet.
    private var received: ArraySlice<Reception.Element> = []
    /// Until when the next picture has to be there; nil before it is asked for.
    private var deadline: MonotonicInstant?

    /// Whether ours is the client for the source; the others are libav's.
    static func canRead(_ url: MediaURL, transport: DemuxerOptions.Transport) -> Bool {
        url.scheme == "rtsp" && transport != .udp
    }

    /// Returns as soon as it is known what the camera sends.
    ///
    /// - Parameter whenUnreadable: is called when what the camera sends later can't be read.
    /// - Throws: `.unsupported` when the camera has to be read otherwise.
    init(
        url: MediaURL, options: DemuxerOptions, interrupt: InterruptFlag, whenUnreadable: @escaping () -> Void
    ) throws(MediaError) {
        self.whenUnreadable = whenUnreadable
        readTimeout = options.readTimeout
        let deadline = MonotonicInstant.now + options.openTimeout
        let connection = try RTSPCameraConnection(url: url, options: options, until: deadline, interrupt: interrupt)
        let tracks = try connection.play(until: deadline)
        guard var format = tracks.first?.media, let codec = format.videoCodec else {
            throw connection.unsupported("there is no video stream")
        }
        var reception = Reception(connection, tracks)
        var hasPictures = false
        // Without them in the description, the first keyframe brings them.
        while format.pictureFormat == nil {
            do throws(MediaError) {
                received = try reception.receive(until: deadline)[...]
            } catch {
                guard error.kind == .timedOut, hasPictures else { throw error }
                throw connection.unsupported("no keyframe came in time")
            }
            for case .sample(let sample, track: 0, arrival: _) in received where format.pictureFormat == nil {
                hasPictures = true
                guard let found = MediaFormat(codec: codec, nalUnits: sample.nalUnits) else { continue }
                guard found.pictureFormat != nil else {
                    throw connection.unsupported("its parameter sets can't be read")
                }
                format = found
            }
        }
        self.reception = reception
        beginning = connection.beginning
        video = try Self.describe(format)
        sound = tracks.dropFirst().first
        audio = connection.audio
        audioTracks = connection.audioTracks
    }

    var losses: CameraLosses? { reception.losses }

    func read() throws(MediaError) -> SourceSample? {
        if beginning.count == 2 {
            defer { beginning = [] }
            return .begins(picture: beginning[0], sound: beginning[1])
        }
        // One limit for the whole picture: packets of which none is ever made are no sign of life.
        let deadline = self.deadline ?? .now + readTimeout
        self.deadline = deadline
        while true {
            switch try next(until: deadline) {
            case .sample(let sample, track: 0, arrival: let arrival):
                self.deadline = nil
                return .picture(
                    try EncodedPacket(
                        bytes: AnnexB.join(sample.nalUnits), isKeyframe: sample.isRandomAccess,
                        presentationTime: MediaTime(ticks: sample.presentationTime, timeBase: video.timeBase),
                        isReordered: video.hasReorderedFrames, arrivalTime: arrival))
            case .sample(let sample, track: _, arrival: let arrival):
                let bytes: ArraySlice<UInt8>
                switch sample.payload {
                case .frame(let frame): bytes = frame
                case .packet(let packet): bytes = packet.payload
                case .nalUnits: continue
                }
                return .sound(
                    SoundFrame(bytes: bytes, timestamp: sample.presentationTime, arrivalTime: arrival))
            case .report(let report, track: let track): return .report(report, isSound: track != 0)
            }
        }
    }

    private func next(until deadline: MonotonicInstant) throws(MediaError) -> Reception.Element {
        while true {
            if let element = received.popFirst() { return element }
            do throws(MediaError) {
                received = try reception.receive(until: deadline)[...]
            } catch {
                if error.kind == .unsupported { whenUnreadable() }
                throw error
            }
        }
    }

    private static func describe(
        _ format: MediaFormat
    ) throws(MediaError) -> VideoStreamInfo {
        let picture = format.pictureFormat
        return try VideoStreamInfo(
            codec: format.videoCodec?.libavName ?? "", width: picture?.width ?? 0, height: picture?.height ?? 0,
            frameRate: picture?.frameRate, extradata: AnnexB.join(format.parameterSets.map { $0[...] }),
            timeBase: MediaTimeBase(numerator: 1, denominator: Int32(clamping: VideoCodec.clockRate)),
            hasReorderedFrames: (picture?.reorderDepth ?? 0) > 0)
    }
}
