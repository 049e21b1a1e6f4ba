/// Takes an MPEG-2 transport stream apart (ISO/IEC 13818-1): which tracks its first program has, and their samples. Where something got
/// lost, pictures go on with the next keyframe.
public struct TSDemuxer: Sendable {
    public enum Output: Sendable, Equatable {
        /// Comes once, before all samples.
        case tracks([MediaFormat])
        /// Its time is in units of the track's clock, from the same moment on for all tracks.
        case sample(Sample, track: Int)
    }

    /// Tracks at most; further ones are left out.
    static let trackLimit = 8
    /// Milliseconds that samples wait for sound of which nothing has come yet. For pictures they wait on: without them it would be
    /// another stream.
    static let patience: Int64 = 1000
    /// Samples, and bytes of them, that wait: then sound is waited for no longer, and while pictures are, the oldest are left out.
    static let waitingLimit = 512
    static let waitingByteLimit = 8 << 20
    /// Bytes that are no packets, after which it is taken for something else.
    static let skippedLimit = 1 << 16

    private var splitter = TSPacketSplitter()
    private var clock = TSClock()
    private var clockPID: UInt16?
    private var programAssociation = TSSectionReader()
    private var programMap = TSSectionReader()
    /// The one that is taken: the first that was named.
    private var program: TSProgramTables.ProgramAssociation.Program?
    private var tracks: [TSTrack] = []
    private var lacks: [String] = []
    private var waiting: [(track: Int, sample: Sample)] = []
    private var waitingByteCount = 0
    /// Milliseconds, of the first sample that waits.
    private var firstTime: Int64?
    /// The tracks that were told, in this order; nil before.
    private var order: [Int]?

    public init() {}

    /// What can't be passed on, for the log.
    public var unsupported: [String] { lacks }

    /// How often something got lost on the way.
    public var lossCount: Int { tracks.reduce(0) { $0 + $1.lossCount } }

    /// What would have followed never came, perhaps more than the counters of its packets can tell.
    public mutating func somethingWasLost() {
        for index in tracks.indices { tracks[index].somethingWasLost() }
    }

    /// Takes what comes of the stream, in pieces of any length.
    ///
    /// - Throws: ``TSError``; the stream can't go on then.
    public mutating func receive(_ bytes: ArraySlice<UInt8>) throws(TSError) -> [Output] {
        var outputs: [Output] = []
        for piece in splitter.append(bytes) {
            guard let packet = TSPacket(piece) else { continue }
            outputs += try receive(packet)
        }
        if tracks.isEmpty, splitter.skippedByteCount > Self.skippedLimit { throw .noTransportStream }
        return outputs
    }

    private mutating func receive(_ packet: TSPacket) throws(TSError) -> [Output] {
        if packet.pid == clockPID, let reference = packet.clockReference { clock.advance(to: reference) }
        if packet.pid == 0 {
            for section in programAssociation.append(packet) { take(programAssociation: section) }
        } else if packet.pid == program?.mapPID {
            for section in programMap.append(packet) { try take(programMap: section) }
        } else if let index = tracks.firstIndex(where: { $0.pid == packet.pid }) {
            var outputs: [Output] = []
            for sample in try tracks[index].receive(packet, &clock) { outputs += try take(sample, ofTrack: index) }
            return outputs
        }
        return []
    }

    // MARK: Program

    private mutating func take(programAssociation section: ArraySlice<UInt8>) {
        guard let association = TSProgramTables.programAssociation(in: section) else { return }
        let same = association.programs.first { $0.number == program?.number }
        // Where it is named no more, another section of the table may name it.
        let isOver = program == nil || association.isWhole
        guard let found = same ?? (isOver ? association.programs.first : nil), found != program else { return }
        program = found
        programMap = TSSectionReader()
    }

    private mutating func take(programMap section: ArraySlice<UInt8>) throws(TSError) {
        guard let program, let map = TSProgramTables.programMap(in: section, of: program.number) else { return }
        clockPID = map.clockPID
        let found = map.streams.compactMap { stream in TSCodec(stream).map { (pid: stream.pid, codec: $0) } }
            .prefix(Self.trackLimit)
        let isSame =
            found.count == tracks.count
            && zip(found, tracks).allSatisfy { $0.pid == $1.pid && $0.codec == $1.codec }
        guard !isSame || found.isEmpty else { return }
        // Of which viewers know nothing.
        if order != nil { throw .otherTracks }
        lacks = []
        for stream in map.streams where TSCodec(stream) == nil {
            guard let name = TSCodec.name(ofType: stream.type), !lacks.contains(name) else { continue }
            lacks.append(name)
        }
        if found.isEmpty, !lacks.isEmpty { throw .nothingToPassOn(lacks) }
        tracks = found.map { TSTrack(pid: $0.pid, codec: $0.codec) }
        waiting = []
        waitingByteCount = 0
        firstTime = nil
    }

    // MARK: Order

    private mutating func take(_ sample: Sample, ofTrack index: Int) throws(TSError) -> [Output] {
        if let order {
            return order.firstIndex(of: index).map { [.sample(sample, track: $0)] } ?? []
        }
        waiting.append((index, sample))
        waitingByteCount += sample.byteCount
        guard isComplete(at: milliseconds(sample, ofTrack: index)) else {
            while isFull { waitingByteCount -= waiting.removeFirst().sample.byteCount }
            return []
        }
        lacks += tracks.filter { $0.format == nil }.map { "a track of which nothing came (PID \($0.pid))" }
        let order = tracks.indices.filter { tracks[$0].format != nil }
        self.order = order
        let samples = waiting.compactMap { item in
            order.firstIndex(of: item.track).map { Output.sample(item.sample, track: $0) }
        }
        waiting = []
        return [.tracks(order.compactMap { tracks[$0].format })] + samples
    }

    private func milliseconds(_ sample: Sample, ofTrack index: Int) -> Int64 {
        sample.presentationTime &* 1000 / Int64(max(tracks[index].format?.clockRate ?? 0, 1))
    }

    /// Whether all that the program names is there, or has been waited for.
    private mutating func isComplete(at time: Int64) -> Bool {
        let first = firstTime ?? time
        firstTime = first
        let missing = tracks.filter { $0.format == nil }
        if missing.isEmpty { return true }
        // Pictures begin with a keyframe, which may be seconds away.
        if missing.contains(where: \.codec.isPictures) { return false }
        return time &- first >= Self.patience || isFull
    }

    private var isFull: Bool { waiting.count >= Self.waitingLimit || waitingByteCount >= Self.waitingByteLimit }
}

/// Why a transport stream can't go on.
public enum TSError: Error, Equatable, Sendable, CustomStringConvertible {
    case noTransportStream
    /// Its tracks became others, of which viewers know nothing.
    case otherTracks
    case nothingToPassOn([String])

    public var description: String {
        switch self {
        case .noTransportStream: "it does not send MPEG-TS"
        case .otherTracks: "its tracks have changed; it is taken again when it connects anew"
        case .nothingToPassOn(let codecs):
            "it sends nothing that can be passed on (\(codecs.joined(separator: ", "))): send H.264 or H.265, and AAC, Opus or MP3"
        }
    }
}
