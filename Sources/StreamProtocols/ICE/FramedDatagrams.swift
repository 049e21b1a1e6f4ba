/// Datagrams that come over TCP, each with its length in two bytes before it (RFC 4571 §2), as they are told apart.
public struct FramedDatagrams: Sendable {
    /// A datagram is announced that is longer than any that is taken; where the next one begins is not worth knowing.
    public struct TooLong: Error, Equatable, CustomStringConvertible {
        public let byteCount: Int
        public let limit: Int

        public var description: String {
            "A datagram of \(byteCount) bytes is announced, but at most \(limit) are taken; this is no WebRTC by TCP."
        }
    }

    private static let lengthByteCount = 2

    private let limit: Int
    /// What came and was not taken yet, behind what was.
    private var pending: [UInt8] = []
    private var position = 0

    /// - Parameter limit: bytes of a datagram at most.
    public init(limit: Int) { self.limit = limit }

    /// Bytes that wait for the rest of their datagram.
    public var pendingByteCount: Int { pending.count - position }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        // Once for many datagrams, so that each byte is moved once.
        pending.removeFirst(position)
        position = 0
        pending.append(contentsOf: bytes)
    }

    /// The next datagram; nil until all of it has come.
    public mutating func next() throws(TooLong) -> ArraySlice<UInt8>? {
        var rest = ByteReader(pending[position...])
        guard let length = rest.readUInt16() else { return nil }
        guard length <= limit else { throw TooLong(byteCount: Int(length), limit: limit) }
        guard let datagram = rest.readBytes(Int(length)) else { return nil }
        position += Self.lengthByteCount + Int(length)
        return datagram
    }
}
