import NIOCore
import StreamProtocols

/// A sample that is not in the writer yet.
enum HLSWaitingSample {
    case picture(HLSSample)
    /// - Parameter start: on the muxer's timeline, of sound alone, whose frames are what parts are made of.
    case sound(HLSSample, duration: Int64, start: Int64?)

    /// When a part can end before the sample; nil where none can.
    var boundary: Int64? {
        switch self {
        case .picture(let sample): sample.decodeTime
        case .sound(_, _, let start): start
        }
    }

    fileprivate var byteCount: Int {
        switch self {
        case .picture(let sample), .sound(let sample, _, _): 64 + sample.payload.byteCount
        }
    }
}

/// The parts of low-latency HLS (RFC 8216bis §3.2): each is on the playlist as soon as the sample has come that follows it.
extension HLSMuxer {
    /// What players of low latency may be shown of the segment that is being written.
    var startedSegment: HLSOpenSegment? { openSegment.flatMap { $0.parts.isEmpty ? nil : $0 } }

    /// What the open segment takes beside what the writer has.
    var partByteCount: Int {
        rhythm == nil ? 0 : waiting.reduce(openSegment?.byteCount ?? 0) { $0 + $1.byteCount }
    }

    /// Takes a sample of the open segment.
    mutating func write(_ sample: HLSWaitingSample) {
        if case .sound = sample {
            // What was not announced with the first part can't come in a later one.
            if let segment = openSegment, !segment.parts.isEmpty, !hasSound {
                hasHeardSound = true
                return
            }
        }
        // As long as the rhythm is not known all wait, then only the last of those that parts are made of.
        let mayBeLast = sample.boundary != nil
        guard let rhythm, mayBeLast || rhythm.target == nil else { return pass(sample) }
        waiting.append(sample)
    }

    private mutating func pass(_ sample: HLSWaitingSample) {
        switch sample {
        case .picture(let picture): writer?.append(video: picture)
        case .sound(let sound, let duration, _): writer?.append(audio: sound, duration: duration)
        }
        guard sample.boundary != nil else { return }
        let isIndependent = if case .picture(let picture) = sample { picture.isRandomAccess } else { true }
        if isIndependent { openSegment?.isPartIndependent = true }
    }

    /// Ends the parts that are long enough, now that a sample comes at `time`.
    ///
    /// - Returns: whether there was one.
    mutating func endParts(at time: Int64) -> Bool {
        guard rhythm != nil else { return false }
        let isLearned = rhythm?.note(time) == true
        guard openSegment != nil, rhythm?.target != nil else { return false }
        let count = openSegment?.parts.count
        if isLearned { replay() }
        passWaiting(until: time)
        if let start = openSegment?.partStart, rhythm?.isEnough(from: start, to: time) == true {
            finishPart(at: time)
            rhythm?.partEnded(from: start, to: time)
        }
        return openSegment?.parts.count != count
    }

    /// Does with what has waited for the rhythm as if it came now.
    private mutating func replay() {
        let came = waiting
        waiting = []
        for sample in came {
            if let time = sample.boundary {
                passWaiting(until: time)
                if let start = openSegment?.partStart, rhythm?.isEnough(from: start, to: time) == true {
                    finishPart(at: time)
                }
                waiting.append(sample)
            } else {
                pass(sample)
            }
        }
    }

    /// Writes the sample that ends at `time`, in a part of its own when the one before would become too long.
    private mutating func passWaiting(until time: Int64) {
        for sample in waiting {
            if let boundary = sample.boundary, let start = openSegment?.partStart, boundary > start,
                rhythm?.isTooLong(from: start, to: time) == true
            {
                finishPart(at: boundary)
                rhythm?.partEnded(from: start, to: boundary)
            }
            pass(sample)
        }
        waiting = []
    }

    /// Ends the last part of the open segment, however short it is.
    mutating func finishLastPart(endDecodeTime: Int64) {
        guard openSegment != nil else { return }
        let step = timeline.frameDuration
        rhythm?.segmentEnded(step: step)
        replay()
        passWaiting(until: endDecodeTime)
        finishPart(at: endDecodeTime)
    }

    /// Puts what is in the writer on the playlist as a part. Nothing is no part.
    private mutating func finishPart(at end: Int64) {
        guard var segment = openSegment, writer.map({ $0.byteCount > 0 }) == true else { return }
        if segment.parts.isEmpty {
            fillSilentSegment()
            announce(hasSound: writer?.hasSound == true || hasHeardSound, in: &segment)
            hasHeardSound = false
        }
        guard let writer, let content = self.writer?.finish(endDecodeTime: end) else { return }
        hasHeardSound = hasHeardSound || writer.hasSound
        segment.parts.append(
            HLSPart(ticks: end - segment.partStart, isIndependent: segment.isPartIndependent, content: content))
        segment.partStart = end
        segment.isPartIndependent = false
        openSegment = segment
        raiseTargetDuration(to: segment.duration)
    }

    // MARK: Names

    func segmentName(_ sequenceNumber: Int) -> String { "\(namePrefix)_\(sequenceNumber)" }

    func partName(_ index: Int, ofSegment sequenceNumber: Int) -> String {
        "\(segmentName(sequenceNumber))_\(index).mp4"
    }

    /// Whether a name looks like that of a part.
    static func canBePart(_ name: String) -> Bool { name.utf8.count { $0 == UInt8(ascii: "_") } == 2 }

    /// The part that comes next.
    var nextPartName: String { partName(openSegment?.parts.count ?? 0, ofSegment: nextSequenceNumber) }

    /// The part of a name that ``partName(_:ofSegment:)`` makes, while it is kept.
    func part(named name: String) -> HLSPart? {
        let numbers = name.dropFirst(namePrefix.utf8.count).dropLast(4).split(separator: "_").compactMap { Int($0) }
        guard numbers.count == 2, name == partName(numbers[1], ofSegment: numbers[0]) else { return nil }
        let segment = segments.last { $0.sequenceNumber == numbers[0] }
        let parts =
            segment?.parts ?? (numbers[0] == nextSequenceNumber ? openSegment?.parts : nil) ?? []
        return parts.indices.contains(numbers[1]) ? parts[numbers[1]] : nil
    }
}

extension Sample.Payload {
    fileprivate var byteCount: Int {
        Sample(payload: self, presentationTime: 0, isRandomAccess: false).byteCount
    }
}
