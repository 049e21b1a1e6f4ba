/// A value of the Action Message Format (AMF 0, Adobe 2007), of which RTMP's commands are made.
public enum AMF0Value: Sendable, Equatable {
    case number(Double)
    case boolean(Bool)
    case string(String)
    /// An object, or an ECMA array, whose members are the same.
    case object([String: AMF0Value])
    case array([AMF0Value])
    /// Null, undefined, and what holds nothing that we use: dates and XML.
    case null

    /// Objects within objects at most.
    static let depthLimit = 8
    /// Values of one message at most.
    static let countLimit = 1024

    /// The values of a message.
    ///
    /// - Returns: nil when it is malformed, or has more than anybody sends.
    public static func parse(_ bytes: ArraySlice<UInt8>) -> [AMF0Value]? {
        var parser = Parser(reader: ByteReader(bytes))
        var values: [AMF0Value] = []
        while !parser.reader.isAtEnd {
            guard let value = parser.value(depth: 0) else { return nil }
            values.append(value)
        }
        return values
    }

    /// Appends the value as it is sent.
    public func append(to bytes: inout [UInt8]) {
        switch self {
        case .number(let number):
            bytes.append(Marker.number)
            bytes.appendBigEndian(number.bitPattern)
        case .boolean(let truth): bytes += [Marker.boolean, truth ? 1 : 0]
        case .string(let text):
            let isLong = text.utf8.count > Int(UInt16.max)
            bytes.append(isLong ? Marker.longString : Marker.string)
            if isLong {
                bytes.appendBigEndian(UInt32(truncatingIfNeeded: text.utf8.count))
            } else {
                bytes.appendBigEndian(UInt16(truncatingIfNeeded: text.utf8.count))
            }
            bytes += text.utf8
        case .object(let members):
            bytes.append(Marker.object)
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let name = name.utf8.prefix(Int(UInt16.max))
                bytes.appendBigEndian(UInt16(truncatingIfNeeded: name.count))
                bytes += name
                value.append(to: &bytes)
            }
            bytes += [0, 0, Marker.objectEnd]
        case .array(let elements):
            bytes.append(Marker.strictArray)
            bytes.appendBigEndian(UInt32(truncatingIfNeeded: elements.count))
            for element in elements { element.append(to: &bytes) }
        case .null: bytes.append(Marker.null)
        }
    }

    public var text: String? { if case .string(let text) = self { text } else { nil } }
    public var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// A member of an object; nil of anything else.
    public subscript(name: String) -> AMF0Value? { if case .object(let members) = self { members[name] } else { nil } }

    /// §2.1 of the specification.
    private enum Marker {
        static let number: UInt8 = 0
        static let boolean: UInt8 = 1
        static let string: UInt8 = 2
        static let object: UInt8 = 3
        static let null: UInt8 = 5
        static let undefined: UInt8 = 6
        static let ecmaArray: UInt8 = 8
        static let objectEnd: UInt8 = 9
        static let strictArray: UInt8 = 10
        static let date: UInt8 = 11
        static let longString: UInt8 = 12
        static let unsupported: UInt8 = 13
        static let xmlDocument: UInt8 = 15
    }

    private struct Parser {
        var reader: ByteReader
        private var count = 0

        init(reader: ByteReader) { self.reader = reader }

        mutating func value(depth: Int) -> AMF0Value? {
            count += 1
            guard count <= AMF0Value.countLimit, depth <= AMF0Value.depthLimit, let marker = reader.readUInt8() else {
                return nil
            }
            switch marker {
            case Marker.number: return reader.readUInt64().map { .number(Double(bitPattern: $0)) }
            case Marker.boolean: return reader.readUInt8().map { .boolean($0 != 0) }
            case Marker.string: return text().map { .string($0) }
            case Marker.object: return members(depth: depth).map { .object($0) }
            case Marker.ecmaArray: return reader.skip(4) ? members(depth: depth).map { .object($0) } : nil
            case Marker.strictArray: return elements(depth: depth).map { .array($0) }
            case Marker.longString: return longText().map { .string($0) }
            case Marker.xmlDocument: return longText().map { _ in .null }
            case Marker.date: return reader.skip(10) ? .null : nil
            case Marker.null, Marker.undefined, Marker.unsupported: return .null
            default: return nil
            }
        }

        private mutating func text() -> String? {
            reader.readUInt16().flatMap { reader.readBytes(Int($0)) }.map { String(decoding: $0, as: UTF8.self) }
        }

        private mutating func longText() -> String? {
            reader.readUInt32().flatMap { reader.readBytes(Int($0)) }.map { String(decoding: $0, as: UTF8.self) }
        }

        /// An ECMA array's count is a hint alone: what ends it is the empty name.
        private mutating func members(depth: Int) -> [String: AMF0Value]? {
            var members: [String: AMF0Value] = [:]
            while let name = text() {
                if name.isEmpty, reader.rest.first == Marker.objectEnd { return reader.skip(1) ? members : nil }
                guard let value = value(depth: depth + 1) else { return nil }
                members[name] = value
            }
            return nil
        }

        private mutating func elements(depth: Int) -> [AMF0Value]? {
            guard let length = reader.readUInt32(), length <= AMF0Value.countLimit else { return nil }
            var elements: [AMF0Value] = []
            for _ in 0..<length {
                guard let value = value(depth: depth + 1) else { return nil }
                elements.append(value)
            }
            return elements
        }
    }
}
