import Foundation
import MediaKit
import StreamModel
import StreamProtocols

/// Opens a camera once, looks at what it sends, and takes a still. Blocks: run it on a thread of its own.
struct CameraTest {
    static let openTimeout: Duration = .seconds(9)
    /// How long the stream is looked at, unless two keyframes have been seen before.
    static let inspectionTime: Duration = .seconds(6)
    /// Nothing takes longer altogether.
    static let totalTime: Duration = .seconds(15)
    /// Tests that one worker makes at the same time.
    static let limit = 16
    /// Fewer packets than these say little about rate and B-frames.
    private static let minimumPackets = 25
    private static let stillWidth = 640

    private let camera: CameraSettings
    private let sources: PacketSources
    private let interrupt: InterruptFlag

    init(_ camera: Camera, from sources: PacketSources, interrupt: InterruptFlag) {
        self.camera = CameraSettings(camera)
        self.sources = sources
        self.interrupt = interrupt
    }

    func run() -> CameraTestResult {
        do throws(MediaError) {
            return heard(camera.isDemo ? try demo() : try inspect())
        } catch {
            return CameraTestResult(
                ok: false, CodedMessage(error.messageCode(isAway: false), error.userMessage))
        }
    }

    /// With the microphone in place of the camera's own sound, where there is one.
    private func heard(_ result: CameraTestResult) -> CameraTestResult {
        guard let microphone = camera.microphone else { return result }
        var result = result
        do throws(MediaError) {
            result.audio = try Microphone.test(microphone, interrupt: interrupt)
            result.sound = Self.sound(result.audio, isPassedOn: true, missingTrack: nil)
        } catch {
            result.audio = nil
            let problem = MicrophoneProblem(of: microphone, error)
            result.sound = CodedMessage(problem.code, problem.sentence)
        }
        return result
    }

    private func demo() throws(MediaError) -> CameraTestResult {
        let frame = try DemoPictures(interrupt: interrupt).next().frame
        var result = CameraTestResult(ok: true, CodedMessage("camera_works", ""))
        result.codec = "demo"
        result.width = frame.width
        result.height = frame.height
        result.fps = Double(DemoPictures.framesPerSecond)
        result.hasBFrames = false
        result.audio = AudioSummary(DemoTone.format.media)
        result.sound = Self.sound(result.audio, isPassedOn: true, missingTrack: nil)
        result.still = try still(frame)
        result.message = "The built-in picture, \(frame.width)×\(frame.height) at \(DemoPictures.framesPerSecond) fps."
        return result
    }

    /// By the client that will read the camera, so that what works here works there.
    private func inspect() throws(MediaError) -> CameraTestResult {
        let url = try MediaURL(camera.url)
        let source = try sources.open(
            camera, options: camera.demuxerOptions(openTimeout: Self.openTimeout, realTime: false), interrupt: interrupt
        )
        let video = source.video
        var decoder: Decoder?
        // What came before decoding could begin.
        var missed: [EncodedPacket] = []
        var observer = PacketObserver(video)
        let deadline = MonotonicInstant.now + Self.inspectionTime
        var picture: VideoFrame?
        var times: [Double] = []
        while MonotonicInstant.now < deadline {
            // The first packet of a stream may come without a time, so keyframes are not counted but measured.
            if picture != nil, observer.keyframeDistance != nil,
                observer.facts.packetCount >= Self.minimumPackets
            {
                break
            }
            guard let sample = try source.read() else { break }
            guard case .picture(let packet) = sample else { continue }
            _ = observer.observe(packet)
            if let time = packet.presentationTime?.seconds { times.append(time) }
            guard picture == nil else { continue }
            if packet.isKeyframe, decoder == nil { decoder = try Decoder(stream: video) }
            if let decoder {
                try decoder.send(packet)
                if case .produced(let frame) = try decoder.receive() { picture = frame }
            } else if missed.count < PictureGroup.packetLimit {
                missed.append(packet)
            }
        }
        if picture == nil { picture = try lastPicture(decoder, missed, video) }
        guard let picture else {
            throw MediaError(
                kind: .invalidData, operation: "decode", subject: url.description, reason: "no picture could be decoded"
            )
        }
        return try result(
            picture, video: video, source, framesPerSecond: Self.framesPerSecond(times), observer: observer)
    }

    /// The picture that a decoder still holds, or what can be seen of a stream without a keyframe.
    private func lastPicture(
        _ decoder: Decoder?, _ missed: [EncodedPacket], _ video: VideoStreamInfo
    ) throws(MediaError) -> VideoFrame? {
        let last = if let decoder { decoder } else { try Decoder(stream: video, showsDamage: true) }
        var picture: VideoFrame?
        for packet in decoder == nil ? missed : [] {
            try last.send(packet)
            while case .produced(let frame) = try last.receive() { picture = frame }
        }
        last.finish()
        while case .produced(let frame) = try last.receive() { picture = frame }
        return picture
    }

    private func result(
        _ frame: VideoFrame, video: VideoStreamInfo, _ source: any PacketSource, framesPerSecond: Double?,
        observer: PacketObserver
    ) throws(MediaError) -> CameraTestResult {
        var result = CameraTestResult(ok: true, CodedMessage("camera_works", ""))
        result.codec = video.codec
        result.width = frame.width
        result.height = frame.height
        result.fps = framesPerSecond ?? video.frameRate
        result.keyframeIntervalSeconds = observer.keyframeDistance
        result.hasBFrames = observer.knowsBFrames ? observer.facts.hasBFrames : video.hasReorderedFrames
        result.audio = source.audio
        result.sound = Self.sound(
            source.audio, isPassedOn: source.sound != nil,
            missingTrack: source.audioTracks.isEmpty ? nil : camera.soundTrack)
        result.soundTracks = source.audioTracks.map { $0.described() }
        result.still = try still(frame)
        result.message = Self.sentence(result)
        return result
    }

    /// The mean rate of pictures, but for the steps that are odd: the first picture may be older than what follows, and a
    /// recording that begins anew jumps.
    static func framesPerSecond(_ times: [Double]) -> Double? {
        let sorted = times.sorted()
        let steps = zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
        let usual = steps.dropFirst(steps.count / 10).dropLast(steps.count / 10)
        return usual.isEmpty ? nil : Double(usual.count) / usual.reduce(0, +)
    }

    private func still(_ frame: VideoFrame) throws(MediaError) -> String {
        let jpeg = try JPEGEncoder(maximumWidth: Self.stillWidth).encode(frame)
        return "data:image/jpeg;base64,\(Data(jpeg).base64EncodedString())"
    }

    /// - Parameter missingTrack: the track that was asked for of a camera with others; nil when none was.
    static func sound(_ audio: AudioSummary?, isPassedOn: Bool, missingTrack: Int?) -> CodedMessage {
        guard let audio else {
            return missingTrack.map {
                CodedMessage("camera_sound_no_track", "No sound track \($0)", ["track": .integer($0)])
            } ?? CodedMessage("camera_sound_none", "No sound")
        }
        let described = audio.described()
        return isPassedOn
            ? CodedMessage("camera_sound", "Sound: \(described.text)", ["sound": described.json])
            : CodedMessage(
                "camera_sound_other", "Sound of a kind that can't be passed on: \(described.text)",
                ["sound": described.json])
    }

    /// `H264 1920×1080 at 25 fps, a keyframe every 2 s, no B-frames, with sound (aac).`
    static func sentence(_ result: CameraTestResult) -> String {
        var parts = ["\(result.codec?.uppercased() ?? "Video") \(result.width ?? 0)×\(result.height ?? 0)"]
        if let fps = result.fps { parts[0] += " at \(rounded(fps)) fps" }
        if let interval = result.keyframeIntervalSeconds { parts.append("a keyframe every \(rounded(interval)) s") }
        if let hasBFrames = result.hasBFrames { parts.append(hasBFrames ? "with B-frames" : "no B-frames") }
        parts.append(result.audio.map { "with sound (\($0.codec))" } ?? "no sound")
        return parts.joined(separator: ", ") + "."
    }

    /// To one decimal place, without a trailing zero.
    private static func rounded(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
