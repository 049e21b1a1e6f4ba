/// Puts together the tracks of a stream that comes as FLV: which there are, and their samples.
public struct FLVStream: Sendable {
    public enum Output: Sendable, Equatable {
        /// Comes once, before all samples.
        case tracks([MediaFormat])
        /// Its time is in units of the track's clock, from the same moment on for all tracks.
        case sample(Sample, track: Int)
    }

    /// Milliseconds that pictures wait for sound of which nothing has been said yet, and sound for pictures.
    static let patience: Int64 = 1000
    /// Samples, and bytes of them, that wait at most.
    static let waitingLimit = 512
    static let waitingByteLimit = 8 << 20
    /// Milliseconds by which times of sound may be rounded.
    private static let rounding: Int64 = 3

    private enum Source: Sendable { case pictures, sound }

    private var pictures: MediaFormat?
    private var sound: MediaFormat?
    private var lengthSize = 4
    /// By what is said about the stream; nil before.
    private var announced: (pictures: Bool, sound: Bool)?
    /// Of a codec that is not understood.
    private var lacks: [String] = []
    private var waiting: [(source: Source, sample: Sample)] = []
    private var waitingByteCount = 0
    private var order: [Source]?
    private var unwrapper = RTPTimestampUnwrapper()
    private var firstTime: Int64?
    /// Parameter sets that are newer than what was told of the track.
    private var newSets: [[UInt8]] = []
    private var nextSoundTime: Int64?

    public init() {}

    /// What can't be passed on, for the log.
    public var unsupported: [String] { lacks }

    /// Takes a message of the stream.
    ///
    /// - Throws: ``FLVError``; the stream can't go on then.
    public mutating func receive(_ message: RTMPMessage) throws(FLVError) -> [Output] {
        switch message.kind {
        case .dataAMF0, .dataAMF3:
            receive(data: message.values ?? [])
            return try outputs(of: nil)
        case .video: return try receive(pictures: message)
        case .audio: return try receive(sound: message)
        default: return []
        }
    }

    private mutating func receive(data values: [AMF0Value]) {
        let values = values.first?.text == "@setDataFrame" ? values.dropFirst() : values[...]
        guard values.first?.text == "onMetaData", let description = values.dropFirst().first else { return }
        func has(_ name: String) -> Bool {
            guard let value = description[name] else { return false }
            return value != .null && value != .number(0) && value != .string("")
        }
        announced = (has("videocodecid"), has("audiocodecid"))
    }

    // MARK: Pictures

    private mutating func receive(pictures message: RTMPMessage) throws(FLVError) -> [Output] {
        guard let video = FLVVideo(message.payload[...]) else { throw .malformed("pictures") }
        switch video {
        case .configuration(let format, let size):
            if order != nil {
                guard let pictures, pictures.videoCodec == format.videoCodec else { throw .otherTracks }
                if pictures != format { newSets = format.parameterSets }
            }
            pictures = format
            lengthSize = size
            return try outputs(of: nil)
        case .picture(let codec, let bytes, let offset):
            let time = time(of: message)
            guard pictures?.videoCodec == codec else { return [] }
            guard var nalUnits = LengthPrefixedNALUnits.split(bytes, lengthSize: lengthSize) else {
                throw .malformed("pictures")
            }
            guard !nalUnits.isEmpty else { return [] }
            let isRandomAccess = RandomAccess(codec: codec, nalUnits: nalUnits) != nil
            if isRandomAccess, !newSets.isEmpty {
                nalUnits = newSets.map { $0[...] } + nalUnits
                newSets = []
            }
            let sample = Sample(
                nalUnits: nalUnits, presentationTime: (time &+ Int64(offset)) &* Int64(VideoCodec.clockRate / 1000),
                isRandomAccess: isRandomAccess)
            return try outputs(of: (.pictures, sample), at: time)
        case .unsupported(let codec):
            note(codec)
            return []
        case .nothing: return []
        }
    }

    // MARK: Sound

    private mutating func receive(sound message: RTMPMessage) throws(FLVError) -> [Output] {
        guard let audio = FLVAudio(message.payload[...]) else { throw .malformed("sound") }
        switch audio {
        case .configuration(let format):
            if order != nil, sound != format { throw .otherTracks }
            sound = format
            return try outputs(of: nil)
        case .frame(let frame):
            let time = time(of: message)
            guard let sound, !frame.isEmpty else { return [] }
            let rate = Int64(sound.clockRate)
            var ticks = time &* rate / 1000
            // Whole milliseconds are no times of frames: those follow each other without gaps.
            if let next = nextSoundTime, abs(next - ticks) <= Self.rounding * rate / 1000 { ticks = next }
            nextSoundTime = ticks + sound.duration(of: frame, clockRate: sound.clockRate)
            return try outputs(of: (.sound, Sample(frame: frame, presentationTime: ticks)), at: time)
        case .unsupported(let codec):
            note(codec)
            return []
        case .nothing: return []
        }
    }

    private mutating func note(_ codec: String) {
        if !lacks.contains(codec), lacks.count < 4 { lacks.append(codec) }
    }

    private mutating func time(of message: RTMPMessage) -> Int64 {
        let time = unwrapper.unwrap(message.timestamp)
        firstTime = firstTime ?? time
        return time
    }

    // MARK: Order

    /// - Parameter time: that of the message, in milliseconds.
    private mutating func outputs(
        of next: (source: Source, sample: Sample)?, at time: Int64? = nil
    ) throws(FLVError) -> [Output] {
        if let order {
            return next.flatMap { next in
                order.firstIndex(of: next.source).map { [.sample(next.sample, track: $0)] }
            } ?? []
        }
        if let next {
            waiting.append(next)
            waitingByteCount += next.sample.byteCount
        }
        guard isComplete(at: time) else { return [] }
        let order = [pictures.map { _ in Source.pictures }, sound.map { _ in Source.sound }].compactMap(\.self)
        guard !order.isEmpty else { throw .nothingToPassOn(lacks) }
        self.order = order
        let samples = waiting.compactMap { item in
            order.firstIndex(of: item.source).map { Output.sample(item.sample, track: $0) }
        }
        waiting = []
        return [.tracks([pictures, sound].compactMap(\.self))] + samples
    }

    /// Whether all that is announced is there, or has been waited for.
    private func isComplete(at time: Int64?) -> Bool {
        if waiting.count >= Self.waitingLimit || waitingByteCount >= Self.waitingByteLimit { return true }
        if let time, let firstTime, time - firstTime >= Self.patience { return true }
        if pictures != nil, sound != nil { return true }
        guard let announced, lacks.isEmpty, announced.pictures || announced.sound else { return false }
        return (pictures != nil) == announced.pictures && (sound != nil) == announced.sound
    }
}

/// Why a stream that comes as FLV can't go on.
public enum FLVError: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed(String)
    /// Its tracks became others, of which viewers know nothing.
    case otherTracks
    case nothingToPassOn([String])

    public var description: String {
        switch self {
        case .malformed(let what): "it has sent \(what) that can't be read"
        case .otherTracks: "its tracks have changed; it is taken again when it connects anew"
        case .nothingToPassOn(let codecs):
            "it sends nothing that can be passed on\(codecs.isEmpty ? "" : " (\(codecs.joined(separator: ", ")))"): send H.264 or H.265, and AAC"
        }
    }
}
