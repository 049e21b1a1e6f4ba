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

    public enum Status: Sendable, Equatable {
        case missing
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
    /// Of the first packet and those that follow it.
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
            count <= Self.packetLimit, let symbols = Self.symbols(Int(count), &reader)
        else { return nil }
        self.init(
            ssrc: ssrc, mediaSSRC: mediaSSRC, firstNumber: first, referenceTime: reference, reportNumber: number,
            statuses: [])
        statuses.reserveCapacity(symbols.count)
        for symbol in symbols {
            switch symbol {
            case .missing: statuses.append(.missing)
            case .smallDelta:
                guard let delta = reader.readUInt8() else { return nil }
                statuses.append(.received(delta: Int16(delta)))
            case .largeDelta:
                guard let delta = reader.readUInt16() else { return nil }
                statuses.append(.received(delta: Int16(bitPattern: delta)))
            }
        }
    }

    private static func symbols(_ count: Int, _ reader: inout ByteReader) -> [Symbol]? {
        var symbols: [Symbol] = []
        symbols.reserveCapacity(count)
        while symbols.count < count {
            guard let chunk = reader.readUInt16() else { return nil }
            let wanted = count - symbols.count
            if chunk & 0x8000 == 0 {
                // §3.1.3: a run of one symbol, which is never empty.
                let length = min(Int(chunk & 0x1FFF), wanted)
                guard length > 0, let symbol = Symbol(rawValue: chunk >> 13) else { return nil }
                symbols += repeatElement(symbol, count: length)
            } else {
                // §3.1.4: 14 symbols of one bit, or 7 of two.
                let width: UInt16 = chunk & 0x4000 == 0 ? 1 : 2
                for place in 1...Int(14 / width) where place <= wanted {
                    let bits = chunk >> (14 - UInt16(place) * width) & (width << 1 - 1)
                    guard let symbol = Symbol(rawValue: bits) else { return nil }
                    symbols.append(symbol)
                }
            }
        }
        return symbols
    }

    /// All symbols of two bits: short enough for whoever writes a few.
    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(ssrc)
        bytes.appendBigEndian(mediaSSRC)
        bytes.appendBigEndian(firstNumber)
        let written = statuses.prefix(Self.packetLimit)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: written.count))
        bytes.appendBigEndian(UInt32(bitPattern: referenceTime) << 8 | UInt32(reportNumber))
        var rest = written
        while !rest.isEmpty {
            var chunk: UInt16 = 0xC000
            for (place, status) in rest.prefix(7).enumerated() {
                chunk |= Self.symbol(of: status).rawValue << (12 - 2 * UInt16(place))
            }
            rest = rest.dropFirst(7)
            bytes.appendBigEndian(chunk)
        }
        for case .received(let delta) in written {
            if let small = UInt8(exactly: delta) {
                bytes.append(small)
            } else {
                bytes.appendBigEndian(UInt16(bitPattern: delta))
            }
        }
    }

    private static func symbol(of status: Status) -> Symbol {
        switch status {
        case .missing: .missing
        case .received(let delta): UInt8(exactly: delta) == nil ? .largeDelta : .smallDelta
        }
    }
}
