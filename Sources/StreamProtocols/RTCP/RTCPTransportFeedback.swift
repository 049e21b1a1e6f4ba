/// When packets came, whatever they carried (transport-wide congestion control feedback,
/// draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1): they are named by the numbers of a header extension.
public struct RTCPTransportFeedback: Sendable, Equatable {
    static let format = 15
    /// Packets that one report tells about. A few bytes can name 65 535 that never came; ten times a second, more than this would
    /// be 300 Mb/s.
    public static let packetLimit = 4096
    /// Of ``Status/received(delta:)``.
    public static let deltaUnit: Duration = .microseconds(250)
    /// Of ``referenceTime``.
    public static let referenceUnit: Duration = .milliseconds(64)

    /// Bytes of a report and what it takes in memory and time stay in proportion: a run of those that are missing is one.
    public enum Status: Sendable, Equatable {
        /// So many that did not come, one behind the other.
        case missing(Int)
        /// So many units after the packet that came before it, or after the reference time.
        case received(delta: Int16)
    }

    /// Who reports.
    public var ssrc: UInt32
    public var mediaSSRC: UInt32
    /// Of the first packet.
    public var firstNumber: UInt16
    /// By a clock of the receiver, in 24 bits with a sign.
    public var referenceTime: Int32
    /// Counts the reports, modulo 2⁸.
    public var reportNumber: UInt8
    /// Of the first packet and those that follow it; no run is behind another.
    public var statuses: [Status]

    public init(
        ssrc: UInt32, mediaSSRC: UInt32, firstNumber: UInt16, referenceTime: Int32, reportNumber: UInt8,
        statuses: [Status]
    ) {
        self.ssrc = ssrc
        self.mediaSSRC = mediaSSRC
        self.firstNumber = firstNumber
        self.referenceTime = referenceTime
        self.reportNumber = reportNumber
        self.statuses = statuses
    }

    /// §3.1.1: what two bits say; one bit says the first two of them.
    private enum Symbol: UInt16 {
        case missing, smallDelta, largeDelta
    }

    init?(_ reader: inout ByteReader) {
        guard let ssrc = reader.readUInt32(), let mediaSSRC = reader.readUInt32(), let first = reader.readUInt16(),
            let count = reader.readUInt16(), let reference = reader.readInt24(), let number = reader.readUInt8(),
            count <= Self.packetLimit, let runs = Self.runs(Int(count), &reader)
        else { return nil }
        self.init(
            ssrc: ssrc, mediaSSRC: mediaSSRC, firstNumber: first, referenceTime: reference, reportNumber: number,
            statuses: [])
        for (symbol, length) in runs {
            switch symbol {
            case .missing:
                if case .missing(let before) = statuses.last {
                    statuses[statuses.count - 1] = .missing(before + length)
                } else {
                    statuses.append(.missing(length))
                }
            case .smallDelta:
                for _ in 0..<length {
                    guard let delta = reader.readUInt8() else { return nil }
                    statuses.append(.received(delta: Int16(delta)))
                }
            case .largeDelta:
                for _ in 0..<length {
                    guard let delta = reader.readUInt16() else { return nil }
                    statuses.append(.received(delta: Int16(bitPattern: delta)))
                }
            }
        }
    }

    /// What is said of `count` packets, as it is written: 24 bytes can name thousands.
    private static func runs(_ count: Int, _ reader: inout ByteReader) -> [(symbol: Symbol, length: Int)]? {
        var runs: [(symbol: Symbol, length: Int)] = []
        var wanted = count
        while wanted > 0 {
            guard let chunk = reader.readUInt16() else { return nil }
            if chunk & 0x8000 == 0 {
                // §3.1.3: a run of one symbol, which is never empty.
                let length = min(Int(chunk & 0x1FFF), wanted)
                guard length > 0, let symbol = Symbol(rawValue: chunk >> 13) else { return nil }
                runs.append((symbol, length))
                wanted -= length
            } else {
                // §3.1.4: 14 symbols of one bit, or 7 of two.
                let width: UInt16 = chunk & 0x4000 == 0 ? 1 : 2
                let length = min(Int(14 / width), wanted)
                for place in 1...length {
                    let bits = chunk >> (14 - UInt16(place) * width) & (width << 1 - 1)
                    guard let symbol = Symbol(rawValue: bits) else { return nil }
                    runs.append((symbol, 1))
                }
                wanted -= length
            }
        }
        return runs
    }

    /// All symbols of two bits: short enough for whoever writes a few.
    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(mediaSSRC)
        bytes.appendBigEndian(firstNumber)
        let symbols = statuses.flatMap { status -> [Symbol] in
            switch status {
            case .missing(let count): Array(repeating: Symbol.missing, count: count)
            case .received(let delta): [UInt8(exactly: delta) == nil ? .largeDelta : .smallDelta]
            }
        }
        bytes.appendBigEndian(UInt16(clamping: symbols.count))
        bytes.appendBigEndian(UInt32(bitPattern: referenceTime) << 8 | UInt32(reportNumber))
        var rest = symbols[...]
        while !rest.isEmpty {
            var chunk: UInt16 = 0xC000
            for (place, symbol) in rest.prefix(7).enumerated() {
                chunk |= symbol.rawValue << (12 - 2 * UInt16(place))
            }
            rest = rest.dropFirst(7)
            bytes.appendBigEndian(chunk)
        }
        for case .received(let delta) in statuses {
            if let small = UInt8(exactly: delta) {
                bytes.append(small)
            } else {
                bytes.appendBigEndian(UInt16(bitPattern: delta))
            }
        }
    }
}
