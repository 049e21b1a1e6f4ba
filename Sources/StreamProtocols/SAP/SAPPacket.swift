import StreamModel

/// A packet of the Session Announcement Protocol (RFC 2974 §6): tells whoever listens on a network of a session, or of its end.
public struct SAPPacket: Sendable, Equatable {
    /// The port that all of them are sent to (RFC 2974 §3).
    public static let port: UInt16 = 9875
    /// Bytes at most. The RFC wants less than 1000, which descriptions with a codec's parameters exceed now and then; VLC takes 5000.
    public static let byteLimit = 4096

    private static let payloadType = "application/sdp"

    /// Whether the session ends by it (RFC 2974 §4).
    public var isDeletion = false
    /// Names this version of the description among those of ``source``; never 0, which is of no use to receivers.
    public var messageIDHash: UInt16
    /// The address that it comes from.
    public var source: IPAddress
    public var description: SessionDescription

    /// The announcement of a session.
    public init(announcing description: SessionDescription, from source: IPAddress, messageIDHash: UInt16) {
        self.description = description
        self.source = source
        self.messageIDHash = messageIDHash
    }

    /// What ends the session that this packet announces.
    public var deletion: SAPPacket {
        var packet = self
        packet.isDeletion = true
        return packet
    }

    /// A description, or of one whose session ends its origin alone (RFC 2974 §6).
    public var payload: String { isDeletion ? "o=\(description.origin)\r\n" : description.serialized() }

    public func serialized() -> [UInt8] {
        // Version 1, neither encrypted nor compressed.
        var flags: UInt8 = 1 << 5
        if !source.isIPv4 { flags |= 0x10 }
        if isDeletion { flags |= 0x04 }
        // Without authentication: the length of what would follow for it is 0.
        var bytes: [UInt8] = [flags, 0]
        bytes.appendBigEndian(messageIDHash)
        if let ipv4 = source.ipv4 { bytes.appendBigEndian(ipv4) } else { bytes.appendBigEndian(source.bits) }
        bytes += Self.payloadType.utf8
        bytes.append(0)
        bytes += payload.utf8
        return bytes
    }

    /// A hash that is the same for the same description each time.
    public static func hash(of description: SessionDescription) -> UInt16 {
        let hash = FNV1a.hash(description.serialized().utf8)
        let folded = UInt16(truncatingIfNeeded: hash >> 16) ^ UInt16(truncatingIfNeeded: hash)
        return folded == 0 ? 1 : folded
    }

    /// The group that sessions are announced to whose media go to `group` (RFC 2974 §3): that of everybody, or the last one of the
    /// part of a network that has both (RFC 2365 §6).
    public static func announcementGroup(of group: IPAddress) -> IPAddress {
        guard let ipv4 = group.ipv4 else {
            // ff0X::2:7ffe, where X is the scope (RFC 4291 §2.7).
            let scope = group.bits >> 112 & 0xF
            return IPAddress(bits: UInt128(0xFF00) << 112 | scope << 112 | 0x2_7FFE)
        }
        // 239.192.0.0/14, an organization, and all else of 239.0.0.0/8, of which a site's own is 239.255.0.0/16.
        if ipv4 >> 18 == 0x3BF0 { return IPAddress(ipv4: 0xEFC3_FFFF) }
        return IPAddress(ipv4: ipv4 >> 24 == 239 ? 0xEFFF_FFFF : 0xE002_7FFE)
    }
}
