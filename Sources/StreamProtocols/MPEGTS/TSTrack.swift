/// One elementary stream of a program: makes samples of its packets.
struct TSTrack: Sendable {
    /// Bytes of a picture, and of the frames of sound in one PES packet, at most.
    static let pictureLimit = 8 << 20
    static let soundLimit = 1 << 16
    /// Bytes of a frame of sound whose rest is to come: more than the longest of AAC.
    private static let carriedLimit = 1 << 13
    /// By how much a frame of sound may seem to be early or late, in units of 90 kHz: what writers round.
    private static let rounding: Int64 = 270

    let pid: UInt16
    let codec: TSCodec
    /// As the first sample tells it; nil before.
    private(set) var format: MediaFormat?
    /// How often something of it got lost.
    private(set) var lossCount = 0
    private var continuity = TSContinuity()
    private var reader: PESReader
    /// Whether pictures are left out up to the next one at which decoding can begin.
    private var awaitsKeyframe = true
    /// The access unit of which more may come.
    private var gathered: AccessUnit?
    /// Whether access units go over several PES packets.
    private var isSplit = false
    /// The beginning of a frame of sound.
    private var carried: [UInt8] = []
    /// When the next frame of sound follows, in units of the track's clock.
    private var nextTime: Int64?
    /// What the frame before was, when that is another than ``format``.
    private var otherFormat: MediaFormat?

    init(pid: UInt16, codec: TSCodec) {
        self.pid = pid
        self.codec = codec
        reader = PESReader(limit: codec.isPictures ? Self.pictureLimit : Self.soundLimit)
    }

    /// The samples that a packet completes, with times in units of the track's clock.
    ///
    /// - Throws: ``TSError/otherTracks`` when what comes is another format.
    mutating func receive(_ packet: TSPacket, _ clock: inout TSClock) throws(TSError) -> [Sample] {
        switch continuity.verdict(on: packet) {
        case .next: break
        case .duplicate: return []
        case .gap:
            reader.drop()
            noteLoss()
        }
        guard let payload = packet.payload else { return [] }
        var samples: [Sample] = []
        for event in reader.append(payload, startsUnit: packet.startsUnit) {
            switch (event, codec) {
            case (.damaged, _): noteLoss()
            case (.unit(let unit), .pictures(let codec)): samples += pictures(codec, unit, &clock)
            case (.unit(let unit), .sound(let sound)): samples += try frames(sound, unit, &clock)
            }
        }
        return samples
    }

    /// Packets were lost, perhaps so many that their counters went round.
    mutating func somethingWasLost() {
        continuity = TSContinuity()
        reader.drop()
        noteLoss()
    }

    private mutating func noteLoss() {
        lossCount += 1
        awaitsKeyframe = true
        gathered = nil
        carried = []
    }

    // MARK: Pictures

    /// NAL units that belong to one moment.
    private struct AccessUnit {
        var nalUnits: [ArraySlice<UInt8>]
        /// In units of 90 kHz.
        var time: Int64
        var hasPicture: Bool
        var byteCount: Int
    }

    /// Most writers put an access unit into each PES packet. Some put each NAL unit into one of its own, as GStreamer does with what
    /// comes by RTP: of those the first alone has a time, and what follows without one belongs to it.
    private mutating func pictures(_ codec: VideoCodec, _ unit: PESUnit, _ clock: inout TSClock) -> [Sample] {
        let found = AnnexB.split(unit.payload, limit: H264Depacketizer.maxNALUnitCount + 1)
        guard found.count <= H264Depacketizer.maxNALUnitCount else {
            noteLoss()
            return []
        }
        let nalUnits = Self.withoutSurroundings(found.filter { codec.isNALUnit($0) }, of: unit.payload)
        let hasPicture = nalUnits.contains { codec.kind(of: $0).isPicture }
        guard let timestamp = unit.presentationTime else {
            goOn(with: nalUnits.filter { codec.kind(of: $0) != .accessUnitDelimiter }, hasPicture: hasPicture)
            return []
        }
        let before = gathered.take().flatMap { sample(codec, $0) }
        let new = AccessUnit(
            nalUnits: nalUnits, time: clock.time(of: timestamp), hasPicture: hasPicture,
            byteCount: nalUnits.reduce(0) { $0 + $1.count })
        guard hasPicture, !isSplit else {
            gathered = new
            return [before].compactMap(\.self)
        }
        return [before, sample(codec, new)].compactMap(\.self)
    }

    /// More of the access unit that began with a time.
    private mutating func goOn(with nalUnits: [ArraySlice<UInt8>], hasPicture: Bool) {
        guard var unit = gathered.take() else {
            if hasPicture { noteLoss() }
            return
        }
        // From now on each is taken to be whole when the next begins.
        isSplit = isSplit || hasPicture
        unit.nalUnits += nalUnits
        unit.hasPicture = unit.hasPicture || hasPicture
        unit.byteCount += nalUnits.reduce(0) { $0 + $1.count }
        guard unit.nalUnits.count <= H264Depacketizer.maxNALUnitCount, unit.byteCount <= Self.pictureLimit else {
            return noteLoss()
        }
        gathered = unit
    }

    /// Nil of one that has no picture, or that can't be decoded.
    private mutating func sample(_ codec: VideoCodec, _ unit: AccessUnit) -> Sample? {
        var known = format ?? MediaFormat(codec)
        var sample = Sample(
            nalUnits: unit.nalUnits, presentationTime: unit.time,
            isRandomAccess: RandomAccess(codec: codec, nalUnits: unit.nalUnits) != nil)
        guard unit.hasPicture else {
            // Parameter sets may come ahead of their picture.
            if known.learn(from: sample) == .changed { format = known }
            return nil
        }
        if sample.isRandomAccess {
            known.complete(&sample)
            guard !known.parameterSets.isEmpty else { return nil }
            format = known
            awaitsKeyframe = false
        }
        return awaitsKeyframe ? nil : sample
    }

    /// What units are cut out of is kept with them, and counted nowhere: where most of it was stuffing, they are copied.
    private static func withoutSurroundings(
        _ nalUnits: [ArraySlice<UInt8>], of payload: ArraySlice<UInt8>
    ) -> [ArraySlice<UInt8>] {
        guard nalUnits.reduce(0, { $0 + $1.count }) < payload.count / 2 else { return nalUnits }
        return nalUnits.map { [UInt8]($0)[...] }
    }

    // MARK: Sound

    private mutating func frames(
        _ sound: TSSound, _ unit: PESUnit, _ clock: inout TSClock
    ) throws(TSError) -> [Sample] {
        var rest = (carried + unit.payload)[...]
        // The time is that of the first frame that begins in this packet (ISO/IEC 13818-1 §2.4.3.7).
        let beginning = rest.startIndex + carried.count
        var timestamp = unit.presentationTime.map { clock.time(of: $0) }
        carried = []
        var samples: [Sample] = []
        while !rest.isEmpty {
            switch sound.next(in: rest) {
            case .nothing: rest = rest.dropFirst()
            case .incomplete:
                if rest.count <= Self.carriedLimit { carried = [UInt8](rest) }
                return samples
            case .frame(let frame, let format, let byteCount):
                let time = rest.startIndex < beginning ? nil : timestamp.take()
                rest = rest.dropFirst(byteCount)
                guard !frame.isEmpty, try isKnown(format) else { continue }
                if let ticks = place(frame, format, at: time) {
                    // In storage of its own: what was around it is counted nowhere.
                    samples.append(Sample(frame: [UInt8](frame)[...], presentationTime: ticks))
                }
            }
        }
        return samples
    }

    /// Whether a frame is one of the track.
    private mutating func isKnown(_ new: MediaFormat) throws(TSError) -> Bool {
        guard let format else {
            format = new
            return true
        }
        if format.isCompatible(with: new) {
            otherFormat = nil
            return true
        }
        // What looks like a header may be none, but hardly twice.
        if otherFormat == new { throw .otherTracks }
        otherFormat = new
        return false
    }

    /// The time of a frame in units of the track's clock; nil before the first is known.
    ///
    /// - Parameter time: what is said of it, in units of 90 kHz.
    private mutating func place(_ frame: ArraySlice<UInt8>, _ format: MediaFormat, at time: Int64?) -> Int64? {
        let rate = Int64(format.clockRate)
        var ticks = nextTime
        if let time {
            let told = time &* rate / 90_000
            // Frames follow each other without gaps, and what is said is rounded.
            let isNear = nextTime.map { ($0 &- told).magnitude <= UInt64(Self.rounding * rate / 90_000) } ?? false
            if !isNear { ticks = told }
        }
        nextTime = ticks.map { $0 &+ format.duration(of: frame, clockRate: format.clockRate) }
        return ticks
    }
}
