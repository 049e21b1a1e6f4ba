/// Reads what ``TSMuxer`` writes, from ISO/IEC 13818-1 §2.4.3 alone and sharing no code with it.
struct TransportStreamReader {
    struct Packet {
        var pid: Int
        var startsUnit: Bool
        var continuityCounter: Int
        var isRandomAccess = false
        var clockReference: Int64?
        var payload: [UInt8] = []
    }

    /// nil when the bytes are not a transport stream.
    static func packets(_ bytes: [UInt8]) -> [Packet]? {
        guard bytes.count % 188 == 0 else { return nil }
        return try? stride(from: 0, to: bytes.count, by: 188).map { try packet(Array(bytes[$0..<$0 + 188])) }
    }

    /// The PES packets of one PID, put together again.
    static func pesPackets(_ packets: [Packet], pid: Int) -> [[UInt8]] {
        var units: [[UInt8]] = []
        for packet in packets where packet.pid == pid {
            if packet.startsUnit { units.append([]) }
            guard !units.isEmpty else { continue }
            units[units.count - 1] += packet.payload
        }
        return units
    }

    private struct Malformed: Error {}

    private static func packet(_ bytes: [UInt8]) throws -> Packet {
        guard bytes[0] == 0x47, bytes[1] & 0x80 == 0, bytes[3] & 0xC0 == 0 else { throw Malformed() }
        var packet = Packet(
            pid: Int(bytes[1] & 0x1F) << 8 | Int(bytes[2]),
            startsUnit: bytes[1] & 0x40 != 0,
            continuityCounter: Int(bytes[3] & 0x0F)
        )
        var payloadStart = 4
        if bytes[3] & 0x20 != 0 {
            let length = Int(bytes[4])
            guard length <= 183 else { throw Malformed() }
            payloadStart = 5 + length
            if length > 0 {
                packet.isRandomAccess = bytes[5] & 0x40 != 0
                if bytes[5] & 0x10 != 0 {
                    let base = bytes[6..<10].reduce(Int64(0)) { $0 << 8 | Int64($1) } << 1 | Int64(bytes[10] >> 7)
                    packet.clockReference = base
                }
            }
        }
        if bytes[3] & 0x10 != 0 { packet.payload = Array(bytes[payloadStart...]) }
        return packet
    }
}
