/// Puts messages together from the chunks that they come in (Adobe's specification 1.0, §5.3).
public struct RTMPChunkReader: Sendable {
    /// Chunk streams at once; programs use three or four.
    static let chunkStreamLimit = 32
    /// Bytes of a chunk before the peer sets another size (§5.4.1).
    static let initialChunkSize = 128

    /// Bytes of a message, and of all that are not whole yet together, at most.
    public var messageLimit: Int
    private var chunkSize = RTMPChunkReader.initialChunkSize
    private var bytes: [UInt8] = []
    private var position = 0
    private var chunkStreams: [UInt32: ChunkStream] = [:]
    /// What has come of messages that are not whole yet, by chunk stream. Apart, so that it grows in its place.
    private var partials: [UInt32: [UInt8]] = [:]
    private var partialByteCount = 0

    private struct ChunkStream {
        var timestamp: UInt32 = 0
        /// As the last header had it: a time, or a step.
        var timestampField: UInt32 = 0
        var hasExtendedTimestamp = false
        var length = 0
        var typeID: UInt8 = 0
        var streamID: UInt32 = 0
    }

    public init(messageLimit: Int) { self.messageLimit = messageLimit }

    public mutating func append(_ more: some Collection<UInt8>) {
        if position > 0 {
            bytes.removeFirst(position)
            position = 0
        }
        bytes += more
    }

    /// The next message; nil until more has come.
    public mutating func next() throws(RTMPError) -> RTMPMessage? {
        while true {
            switch try readChunk() {
            case .incomplete: return nil
            case .part: continue
            case .message(let message):
                if message.kind == .setChunkSize { try setChunkSize(message.payload) }
                if message.kind == .abort { abort(message.payload) }
                return message
            }
        }
    }

    private enum Step {
        case incomplete
        case part
        case message(RTMPMessage)
    }

    private mutating func readChunk() throws(RTMPError) -> Step {
        var reader = ByteReader(bytes[position...])
        guard let (format, id) = Self.basicHeader(&reader) else { return .incomplete }
        var stream: ChunkStream
        if let known = chunkStreams[id] {
            stream = known
        } else {
            // The first chunk of a stream says everything.
            guard format == 0 else { throw .malformedChunk }
            guard chunkStreams.count < Self.chunkStreamLimit else { throw .tooManyChunkStreams }
            stream = ChunkStream()
        }
        let partialCount = partials[id]?.count
        // A message is not broken off by the next one of its stream.
        guard format == 3 || partialCount == nil else { throw .malformedChunk }
        guard Self.messageHeader(&reader, format, &stream) else { return .incomplete }
        guard stream.length <= messageLimit else { throw .messageTooLong(stream.length) }
        guard let part = reader.readBytes(min(chunkSize, stream.length - (partialCount ?? 0))) else {
            return .incomplete
        }
        if partialCount == nil {
            stream.timestamp = format == 0 ? stream.timestampField : stream.timestamp &+ stream.timestampField
        }
        position = bytes.count - reader.rest.count
        chunkStreams[id] = stream
        partialByteCount += part.count
        guard partialByteCount <= messageLimit else { throw .messageTooLong(partialByteCount) }
        partials[id, default: []] += part
        guard let payload = partials[id], payload.count == stream.length else { return .part }
        partialByteCount -= payload.count
        partials[id] = nil
        return .message(
            RTMPMessage(
                typeID: stream.typeID, streamID: stream.streamID, timestamp: stream.timestamp, payload: payload))
    }

    /// §5.3.1.1: the format of the message header and the chunk stream; nil when it is not whole.
    private static func basicHeader(_ reader: inout ByteReader) -> (format: UInt8, id: UInt32)? {
        guard let first = reader.readUInt8() else { return nil }
        switch first & 0x3F {
        case 0: return reader.readUInt8().map { (first >> 6, UInt32($0) + 64) }
        case 1:
            guard let low = reader.readUInt8(), let high = reader.readUInt8() else { return nil }
            return (first >> 6, UInt32(high) << 8 + UInt32(low) + 64)
        case let id: return (first >> 6, UInt32(id))
        }
    }

    /// §5.3.1.2 and 5.3.1.3.
    ///
    /// - Returns: false when it is not whole.
    private static func messageHeader(
        _ reader: inout ByteReader, _ format: UInt8, _ stream: inout ChunkStream
    ) -> Bool {
        if format < 3 {
            guard let field = reader.readUInt24() else { return false }
            stream.timestampField = field
            stream.hasExtendedTimestamp = field == 0xFF_FFFF
        }
        if format < 2 {
            guard let length = reader.readUInt24(), let typeID = reader.readUInt8() else { return false }
            stream.length = Int(length)
            stream.typeID = typeID
        }
        if format < 1 {
            guard let id = reader.readUInt32() else { return false }
            stream.streamID = id.byteSwapped
        }
        guard stream.hasExtendedTimestamp else { return true }
        guard let field = reader.readUInt32() else { return false }
        stream.timestampField = field
        return true
    }

    private mutating func setChunkSize(_ payload: [UInt8]) throws(RTMPError) {
        var reader = ByteReader(payload[...])
        guard let size = reader.readUInt32(), (1...0x7FFF_FFFF).contains(size) else { throw .malformedChunk }
        chunkSize = Int(size)
    }

    private mutating func abort(_ payload: [UInt8]) {
        var reader = ByteReader(payload[...])
        guard let id = reader.readUInt32() else { return }
        partialByteCount -= partials.removeValue(forKey: id)?.count ?? 0
    }
}
