import MediaKit
import StreamProtocols

/// Looks at each packet of a camera: finds its NAL units and parameter sets, and measures. What a camera announces is
/// often wrong.
struct PacketObserver: Sendable {
    /// Rates are measured over windows of at least this.
    static let windowSeconds = 4.0
    /// Timestamps that step by more than this, or back, have jumped, and measuring starts again.
    static let maximumStepSeconds = 10.0
    /// By how much a picture may be shown before the one that was decoded before it.
    static let maximumReorderSeconds = 1.0

    private(set) var facts: CameraFacts
    /// nil for codecs that are not looked into.
    private let codec: VideoCodec?
    /// Bytes in a NAL unit's length when packets are length-prefixed; nil when they have start codes.
    private let lengthSize: Int?
    /// With its parameter sets, once they are known.
    private var format: MediaFormat?

    private var lastTime: Double?
    private var lastPresentation: Double?
    private var lastKeyframeTime: Double?
    /// Between the last two random access points; nil before the second.
    private(set) var keyframeDistance: Double?
    private var windowStart: Double?
    private var windowPackets = 0
    private var windowBytes = 0

    init(_ stream: VideoStreamInfo) {
        self.init(codec: stream.codec, extradata: stream.extradata, frameRate: stream.frameRate)
    }

    init(codec: String, extradata: [UInt8], frameRate: Double?) {
        facts = CameraFacts(codec: codec)
        // libav announces the clock's rate for streams that say nothing useful.
        facts.framesPerSecond = frameRate.flatMap { (1...240).contains($0) ? $0 : nil }
        self.codec = VideoCodec(libavName: codec)
        lengthSize = self.codec?.nalUnitLengthSize(extradata: extradata)
        guard let codec = self.codec else { return }
        note(
            lengthSize == nil
                ? MediaFormat(codec: codec, nalUnits: AnnexB.split(extradata))
                : MediaFormat(codec: codec, decoderConfigurationRecord: extradata))
    }

    /// Whether it is known if the camera sends B-frames; only some codecs are looked into.
    var knowsBFrames: Bool { codec != nil }

    /// - Parameter captureTime: of the picture; when its packet arrived if nil.
    mutating func observe(_ packet: EncodedPacket, capturedAt captureTime: MonotonicInstant? = nil) -> CameraPacket {
        let captureTime = captureTime ?? packet.arrivalTime
        facts.packetCount += 1
        guard let codec else {
            measure(packet, isKeyframe: packet.isKeyframe)
            return CameraPacket(nalUnits: [], isRandomAccess: false, captureTime: captureTime, facts: facts)
        }
        let units = nalUnits(of: packet)
        let randomAccess = RandomAccess(codec: codec, nalUnits: units)
        let isKeyframe = randomAccess != nil
        if case .gradual = randomAccess { facts.isRefreshedGradually = true }
        if isKeyframe { note(MediaFormat(codec: codec, nalUnits: units)) }
        if !facts.hasBFrames { facts.hasBFrames = units.contains(where: codec.isReordered) }
        measure(packet, isKeyframe: isKeyframe)
        return CameraPacket(
            nalUnits: sendable(units, of: codec, isKeyframe: isKeyframe),
            isRandomAccess: isKeyframe && format != nil, captureTime: captureTime, facts: facts,
            metadata: PictureMetadata(nalUnits: units, codec: codec))
    }

    private func nalUnits(of packet: EncodedPacket) -> [ArraySlice<UInt8>] {
        let bytes = packet.bytes
        return lengthSize.map { LengthPrefixedNALUnits.split(bytes[...], lengthSize: $0) ?? [] } ?? AnnexB.split(bytes)
    }

    private mutating func note(_ sets: MediaFormat?) {
        guard let sets, sets != format else { return }
        format = sets
        facts.picture = sets.pictureFormat
    }

    /// A viewer can join at each random access point, so its parameter sets go with it; what only frames the stream of
    /// the camera (delimiters, padding, ends) is left out, and metadata, which only some are to see.
    private func sendable(
        _ units: [ArraySlice<UInt8>], of codec: VideoCodec, isKeyframe: Bool
    ) -> [ArraySlice<UInt8>] {
        var kept = units.filter { unit in
            switch codec.kind(of: unit) {
            case .accessUnitDelimiter, .framing: false
            case .parameterSet: !isKeyframe
            case .randomAccessSlice, .slice, .leadingSlice: true
            case .other: !PictureMetadata.isCarried(by: unit, codec: codec)
            }
        }
        if isKeyframe, let format { kept.insert(contentsOf: format.parameterSets.map { $0[...] }, at: 0) }
        return kept
    }

    private mutating func measure(_ packet: EncodedPacket, isKeyframe: Bool) {
        let presentation = packet.presentationTime?.seconds
        // Decoding order is the order that packets come in, so decoding times never go back.
        guard let time = packet.decodeTime?.seconds ?? presentation else { return }
        let step = lastTime.map { time - $0 } ?? 0
        if packet.decodeTime == nil, (-Self.maximumReorderSeconds..<0).contains(step) {
            // Shown before its predecessor; when it is to be decoded, nobody said.
            facts.hasBFrames = true
            windowPackets += 1
            windowBytes += packet.byteCount
            return
        }
        if step < 0 || step > Self.maximumStepSeconds {
            lastPresentation = nil
            lastKeyframeTime = nil
            windowStart = nil
        } else if let presentation, let lastPresentation, presentation < lastPresentation {
            facts.hasBFrames = true
        }
        lastTime = time
        lastPresentation = presentation
        if isKeyframe {
            keyframeDistance = lastKeyframeTime.map { time - $0 }
            lastKeyframeTime = time
        }
        let waited = lastKeyframeTime.map { time - $0 } ?? 0
        facts.keyframeSeconds =
            keyframeDistance.map { max($0, waited) } ?? (waited > CopyTerms.maximumKeyframeSeconds ? waited : nil)
        measureRates(at: time, byteCount: packet.byteCount)
    }

    private mutating func measureRates(at time: Double, byteCount: Int) {
        guard let start = windowStart else {
            windowStart = time
            windowPackets = 1
            windowBytes = byteCount
            return
        }
        if time - start >= Self.windowSeconds {
            facts.framesPerSecond = Double(windowPackets) / (time - start)
            facts.bitrateKbps = Double(windowBytes) * 8 / 1000 / (time - start)
            windowStart = time
            windowPackets = 0
            windowBytes = 0
        }
        windowPackets += 1
        windowBytes += byteCount
    }
}
