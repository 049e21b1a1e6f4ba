/// A message of RTMP (Adobe's specification 1.0, §6.1), put together from its chunks.
public struct RTMPMessage: Sendable, Equatable {
    /// What a message is about (§5.4, §6.2, §7.1).
    public enum Kind: UInt8, Sendable {
        case setChunkSize = 1
        case abort = 2
        case acknowledgement = 3
        case userControl = 4
        case windowAcknowledgementSize = 5
        case setPeerBandwidth = 6
        case audio = 8
        case video = 9
        case dataAMF3 = 15
        case commandAMF3 = 17
        case dataAMF0 = 18
        case commandAMF0 = 20
    }

    public var typeID: UInt8
    public var streamID: UInt32
    /// Milliseconds; it wraps.
    public var timestamp: UInt32
    public var payload: [UInt8]

    public var kind: Kind? { Kind(rawValue: typeID) }

    public init(typeID: UInt8, streamID: UInt32 = 0, timestamp: UInt32 = 0, payload: [UInt8]) {
        self.typeID = typeID
        self.streamID = streamID
        self.timestamp = timestamp
        self.payload = payload
    }

    init(_ kind: Kind, streamID: UInt32 = 0, payload: [UInt8]) {
        self.init(typeID: kind.rawValue, streamID: streamID, payload: payload)
    }

    /// A command or its answer, in AMF 0.
    init(command values: [AMF0Value], streamID: UInt32 = 0) {
        var payload: [UInt8] = []
        for value in values { value.append(to: &payload) }
        self.init(.commandAMF0, streamID: streamID, payload: payload)
    }

    /// The values of a command or of data; nil of other messages, and of malformed ones.
    var values: [AMF0Value]? {
        switch kind {
        case .commandAMF0, .dataAMF0: AMF0Value.parse(payload[...])
        // A byte of its own comes before, and then AMF 0 as long as nobody switches over.
        case .commandAMF3, .dataAMF3: payload.first == 0 ? AMF0Value.parse(payload.dropFirst()) : nil
        default: nil
        }
    }

    /// The message as chunks (§5.3.1).
    ///
    /// - Parameters:
    ///   - chunkStreamID: 2…63.
    ///   - chunkSize: bytes of payload in a chunk at most.
    public func serialized(chunkStreamID: UInt8, chunkSize: Int) -> [UInt8] {
        var bytes: [UInt8] = [chunkStreamID & 0x3F]
        // All that we send is of the time 0, which needs no extended timestamp.
        bytes += [0, 0, 0]
        let count = UInt32(truncatingIfNeeded: payload.count)
        bytes += [UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8)]
        bytes += [UInt8(truncatingIfNeeded: count), typeID]
        // The only number of RTMP that is little endian.
        for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: streamID >> shift)) }
        var rest = payload[...]
        bytes += rest.prefix(chunkSize)
        rest = rest.dropFirst(chunkSize)
        while !rest.isEmpty {
            bytes.append(0xC0 | chunkStreamID & 0x3F)
            bytes += rest.prefix(chunkSize)
            rest = rest.dropFirst(chunkSize)
        }
        return bytes
    }
}
