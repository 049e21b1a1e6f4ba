import MediaKit
import StreamProtocols

/// Looks at each packet of a camera: finds its NAL units and parameter sets, and measures. What a camera announces is
/// often wrong.
struct PacketObserver: Sendable {
    /// Rates are measured over windows of at least this.
    static let windowSeconds = 4.0
    /// Timestamps that step by more than this, or back, have jumped, and measuring starts again.
    static let maximumStepSeconds = 10.0

    private(set) var facts: CameraFacts
    private let isH264: Bool
    /// Bytes in a NAL unit's length when packets are length-prefixed (`avcC`); nil when they have start codes.
    private let lengthSize: Int?
    private var parameterSets: H264ParameterSets?
    private var clock: CaptureClock

    private var lastTime: Double?
    private var lastPresentation: Double?
    private var lastKeyframeTime: Double?
    private var keyframeDistance: Double?
    private var windowStart: Double?
    private var windowPackets = 0
    private var windowBytes = 0

    init(_ stream: VideoStreamInfo, clock: CaptureClock = CaptureClock()) {
        self.init(codec: stream.codec, extradata: stream.extradata, frameRate: stream.frameRate, clock: clock)
    }

    init(codec: String, extradata: [UInt8], frameRate: Double?, clock: CaptureClock = CaptureClock()) {
        self.clock = clock
        facts = CameraFacts(codec: codec)
        // libav announces the clock's rate for streams that say nothing useful.
        facts.framesPerSecond = frameRate.flatMap { (1...240).contains($0) ? $0 : nil }
        isH264 = codec == "h264"
        // ISO/IEC 14496-15 §5.3.3.1: the record begins with version 1; Annex B begins with a start code.
        let isRecord = isH264 && extradata.count > 4 && extradata[0] == 1
        lengthSize = isRecord ? Int(extradata[4] & 3) + 1 : nil
        guard isH264 else { return }
        note(
            isRecord
                ? H264ParameterSets(avcDecoderConfigurationRecord: extradata)
                : H264ParameterSets(nalUnits: AnnexB.split(extradata)))
    }

    mutating func observe(_ packet: EncodedPacket) -> CameraPacket {
        facts.packetCount += 1
        let units = isH264 ? nalUnits(of: packet) : []
        let isIDR = units.contains { H264NALType(of: $0) == .idrSlice }
        if isIDR { note(H264ParameterSets(nalUnits: units)) }
        if !facts.hasBFrames { facts.hasBFrames = units.contains { H264SliceHeader.sliceType(of: $0) == .b } }
        measure(packet, isIDR: isIDR)
        let captured = clock.captureTime(
            timestamp: packet.presentationTime ?? packet.decodeTime, arrival: packet.arrivalTime)
        return CameraPacket(
            nalUnits: sendable(units, isIDR: isIDR), isRandomAccess: isIDR && parameterSets != nil,
            captureTime: captured, facts: facts)
    }

    private func nalUnits(of packet: EncodedPacket) -> [ArraySlice<UInt8>] {
        let bytes = packet.bytes
        return lengthSize.map { LengthPrefixedNALUnits.split(bytes[...], lengthSize: $0) ?? [] } ?? AnnexB.split(bytes)
    }

    private mutating func note(_ sets: H264ParameterSets?) {
        guard let sets, sets != parameterSets else { return }
        parameterSets = sets
        facts.sps = try? H264SPS(sets.sps)
    }

    /// A viewer can join at each random access point, so its parameter sets go with it; what only frames the stream of
    /// the camera (delimiters, padding, ends) is left out.
    private func sendable(_ units: [ArraySlice<UInt8>], isIDR: Bool) -> [ArraySlice<UInt8>] {
        var kept = units.filter { unit in
            switch H264NALType(of: unit) {
            case .accessUnitDelimiter, .endOfSequence, .endOfStream, .fillerData: false
            case .sps, .pps: !isIDR
            default: true
            }
        }
        if isIDR, let parameterSets { kept.insert(contentsOf: parameterSets.nalUnits.map { $0[...] }, at: 0) }
        return kept
    }

    private mutating func measure(_ packet: EncodedPacket, isIDR: Bool) {
        let presentation = packet.presentationTime?.seconds
        // Decoding order is the order that packets come in, so decoding times never go back.
        guard let time = packet.decodeTime?.seconds ?? presentation else { return }
        let step = lastTime.map { time - $0 } ?? 0
        if step < 0 || step > Self.maximumStepSeconds {
            lastPresentation = nil
            lastKeyframeTime = nil
            windowStart = nil
        } else if let presentation, let lastPresentation, presentation < lastPresentation {
            facts.hasBFrames = true
        }
        lastTime = time
        lastPresentation = presentation
        if isIDR {
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
