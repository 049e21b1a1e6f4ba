import MediaKit
import StreamModel
import StreamProtocols

/// The pictures of an RTSP camera that sends H.264 or H.265 over TCP, read by our own client: libav's takes six system
/// calls for each packet, and reads for a while before it says what comes.
final class RTSPPackets: PacketSource {
    let video: VideoStreamInfo
    let audio: AudioSummary?
    let access = CameraAccess.rtsp

    private let connection: RTSPCameraConnection
    private let whenUnreadable: () -> Void
    private var depacketizer: any RTPDepacketizer
    /// What has been put together and was not asked for yet.
    private var units: [(unit: Sample, arrival: MonotonicInstant)] = []

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
        let deadline = MonotonicInstant.now + options.openTimeout
        connection = try RTSPCameraConnection(url: url, options: options, until: deadline, interrupt: interrupt)
        let track = try connection.play(until: deadline)
        depacketizer = track.makeDepacketizer(trustsMarker: false)
        var format = track.media
        guard let codec = format.videoCodec else { throw connection.unsupported("there is no video stream") }
        var hasPictures = false
        // Without them in the description, the first keyframe brings them.
        while format.pictureFormat == nil {
            do throws(MediaError) {
                units = try Self.receive(connection, &depacketizer, until: deadline)
            } catch {
                guard error.kind == .timedOut, hasPictures else { throw error }
                throw connection.unsupported("no keyframe came in time")
            }
            hasPictures = hasPictures || !units.isEmpty
            let found = units.lazy.compactMap { MediaFormat(codec: codec, nalUnits: $0.unit.nalUnits) }.first
            if let found {
                guard found.pictureFormat != nil else {
                    throw connection.unsupported("its parameter sets can't be read")
                }
                format = found
            }
        }
        video = try Self.describe(format)
        audio = connection.audio.map { AudioSummary($0) }
    }

    var losses: CameraLosses? {
        CameraLosses(
            packets: Int(clamping: depacketizer.lostPacketCount),
            pictures: Int(clamping: depacketizer.droppedSampleCount))
    }

    func read() throws(MediaError) -> EncodedPacket? {
        // One limit for the whole picture: packets of which none is ever made are no sign of life.
        let deadline = MonotonicInstant.now + connection.readTimeout
        while units.isEmpty {
            do throws(MediaError) {
                units = try Self.receive(connection, &depacketizer, until: deadline)
            } catch {
                if error.kind == .unsupported { whenUnreadable() }
                throw error
            }
        }
        let (unit, arrival) = units.removeFirst()
        return try EncodedPacket(
            bytes: AnnexB.join(unit.nalUnits), isKeyframe: unit.isRandomAccess,
            presentationTime: MediaTime(ticks: unit.presentationTime, timeBase: video.timeBase),
            isReordered: video.hasReorderedFrames, arrivalTime: arrival)
    }

    private static func receive(
        _ connection: RTSPCameraConnection, _ depacketizer: inout any RTPDepacketizer, until deadline: MonotonicInstant
    ) throws(MediaError) -> [(unit: Sample, arrival: MonotonicInstant)] {
        let patience = depacketizer.awaitsProof ? min(deadline, .now + Self.sliceInterval) : deadline
        do throws(MediaError) {
            // A damaged packet costs its picture, as a lost one does.
            return try connection.receive(until: patience).flatMap { (try? depacketizer.depacketize($0)) ?? [] }
                .map { ($0, .now) }
        } catch {
            guard error.kind == .timedOut, depacketizer.awaitsProof else { throw error }
            return depacketizer.finishAwaited().map { ($0, .now) }
        }
    }

    /// The slices of a picture follow each other faster than this, and pictures mostly more slowly.
    private static let sliceInterval: Duration = .milliseconds(20)

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

extension AudioSummary {
    /// Named as libav names it, which is who else tells of a camera's sound.
    fileprivate init(_ map: SDPRTPMap) {
        let codec =
            switch map.encodingName.lowercased() {
            case "pcmu": "pcm_mulaw"
            case "pcma": "pcm_alaw"
            case "mpeg4-generic", "mp4a-latm": "aac"
            case "mpa": "mp2"
            case "g722": "adpcm_g722"
            case let name where name.hasPrefix("g726"): "adpcm_g726"
            case "l16": "pcm_s16be"
            case let name: name
            }
        self.init(codec: codec, sampleRate: Int(map.clockRate), channels: map.channels ?? 1)
    }
}
