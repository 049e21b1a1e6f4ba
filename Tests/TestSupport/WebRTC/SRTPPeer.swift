import Crypto
import CryptoExtras

/// The other end of SRTP, on swift-crypto, apart from the server's own code: opens what is protected and makes reports.
public struct SRTPPeer {
    public enum Profile: UInt16, Sendable, CaseIterable {
        case counterMode = 1
        case gcm = 7
    }

    private struct Keys {
        var encryption: [UInt8]
        var authentication: [UInt8]
        var salt: [UInt8]
    }

    private let profile: Profile
    private let media: Keys
    private let control: Keys

    public init(_ profile: Profile, key: [UInt8], salt: [UInt8]) throws {
        self.profile = profile
        func derived(_ label: UInt8, _ count: Int) throws -> [UInt8] {
            var block = salt + [UInt8](repeating: 0, count: 16 - salt.count)
            block[7] ^= label
            return try Self.counterMode([UInt8](repeating: 0, count: count), key, block)
        }
        func keys(_ label: UInt8) throws -> Keys {
            Keys(
                encryption: try derived(label, 16), authentication: try derived(label + 1, 20),
                salt: try derived(label + 2, salt.count))
        }
        media = try keys(0)
        control = try keys(3)
    }

    /// The RTP packet in an SRTP packet; nil when it is not authentic.
    public func open(_ packet: [UInt8], rollover: UInt32 = 0) throws -> [UInt8]? {
        let header = Self.headerByteCount(packet)
        let roll = Self.four(rollover)
        let nonce = nonce(media, [UInt8](packet[8..<12]), roll + packet[2..<4])
        switch profile {
        case .gcm: return try openGCM(packet, header, [], media, nonce)
        case .counterMode:
            let body = [UInt8](packet.dropLast(10))
            guard code(body + roll, media) == [UInt8](packet.suffix(10)) else { return nil }
            return try [UInt8](body.prefix(header))
                + Self.counterMode([UInt8](body[header...]), media.encryption, nonce)
        }
    }

    /// An SRTP packet.
    public func seal(_ packet: [UInt8], rollover: UInt32 = 0) throws -> [UInt8] {
        let header = Self.headerByteCount(packet)
        let roll = Self.four(rollover)
        let nonce = nonce(media, [UInt8](packet[8..<12]), roll + packet[2..<4])
        switch profile {
        case .gcm:
            let box = try AES.GCM.seal(
                packet[header...], using: SymmetricKey(data: media.encryption), nonce: AES.GCM.Nonce(data: nonce),
                authenticating: packet.prefix(header))
            return [UInt8](packet.prefix(header)) + [UInt8](box.ciphertext) + [UInt8](box.tag)
        case .counterMode:
            let body =
                try [UInt8](packet.prefix(header))
                + Self.counterMode([UInt8](packet[header...]), media.encryption, nonce)
            return body + code(body + roll, media)
        }
    }

    private static func headerByteCount(_ packet: [UInt8]) -> Int {
        let header = 12 + 4 * Int(packet[0] & 15)
        guard packet[0] & 0x10 != 0 else { return header }
        return header + 4 + 4 * (Int(packet[header + 2]) << 8 | Int(packet[header + 3]))
    }

    /// The RTCP compound in an SRTCP packet; nil when it is not authentic.
    public func openControl(_ packet: [UInt8]) throws -> [UInt8]? {
        switch profile {
        case .gcm:
            let trailer = [UInt8](packet.suffix(4))
            return try openGCM([UInt8](packet.dropLast(4)), 8, trailer, control, controlNonce(packet, trailer))
        case .counterMode:
            let body = [UInt8](packet.dropLast(10))
            guard code(body, control) == [UInt8](packet.suffix(10)) else { return nil }
            let nonce = controlNonce(packet, [UInt8](body.suffix(4)))
            return try [UInt8](packet.prefix(8))
                + Self.counterMode([UInt8](body[8...].dropLast(4)), control.encryption, nonce)
        }
    }

    /// An SRTCP packet.
    public func sealControl(_ compound: [UInt8], index: UInt32) throws -> [UInt8] {
        let trailer = Self.four(index | 1 << 31)
        let nonce = controlNonce(compound, trailer)
        switch profile {
        case .gcm:
            let box = try AES.GCM.seal(
                compound[8...], using: SymmetricKey(data: control.encryption), nonce: AES.GCM.Nonce(data: nonce),
                authenticating: compound.prefix(8) + trailer)
            return [UInt8](compound.prefix(8)) + [UInt8](box.ciphertext) + [UInt8](box.tag) + trailer
        case .counterMode:
            let body =
                try [UInt8](compound.prefix(8))
                + Self.counterMode([UInt8](compound[8...]), control.encryption, nonce) + trailer
            return body + code(body, control)
        }
    }

    private func openGCM(
        _ packet: [UInt8], _ header: Int, _ more: [UInt8], _ keys: Keys, _ nonce: [UInt8]
    ) throws -> [UInt8]? {
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: nonce), ciphertext: packet[header...].dropLast(16), tag: packet.suffix(16))
        guard
            let body = try? AES.GCM.open(
                box, using: SymmetricKey(data: keys.encryption), authenticating: packet.prefix(header) + more)
        else { return nil }
        return [UInt8](packet.prefix(header)) + [UInt8](body)
    }

    private func code(_ bytes: [UInt8], _ keys: Keys) -> [UInt8] {
        let key = SymmetricKey(data: keys.authentication)
        return [UInt8](HMAC<Insecure.SHA1>.authenticationCode(for: bytes, using: key).prefix(10))
    }

    private func controlNonce(_ packet: [UInt8], _ trailer: [UInt8]) -> [UInt8] {
        nonce(control, [UInt8](packet[4..<8]), [0, 0, trailer[0] & 0x7F] + [UInt8](trailer[1...]))
    }

    /// Salt, source and the 48 bits of the index, the latter two at the end of what is not the block counter.
    private func nonce(_ keys: Keys, _ source: [UInt8], _ index: [UInt8]) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: keys.salt.count - 10)
        let nonce = zip(keys.salt, zeros + source + index).map { $0 ^ $1 }
        return profile == .gcm ? nonce : nonce + [0, 0]
    }

    private static func four(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func counterMode(_ bytes: [UInt8], _ key: [UInt8], _ counter: [UInt8]) throws -> [UInt8] {
        [UInt8](
            try AES._CTR.encrypt(
                bytes, using: SymmetricKey(data: key), nonce: AES._CTR.Nonce(nonceBytes: counter)))
    }
}
