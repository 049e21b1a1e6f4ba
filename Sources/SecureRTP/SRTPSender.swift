import StreamProtocols

/// Protects what we send (RFC 3711, RFC 7714).
///
/// It has one owner, which uses it on one thread at a time; that is why it may go from one to another.
public struct SRTPSender: ~Copyable, @unchecked Sendable {
    /// Sources that may send with one key: sixteen tracks, each with its retransmissions.
    static let sourceLimit = 32

    private static let headerByteCount = 12
    private static let controlHeaderByteCount = 8
    /// Says in the word of the index that the packet is encrypted (RFC 3711 §3.4).
    static let encryptedFlag: UInt32 = 1 << 31

    private let media: SRTPCipher
    private let control: SRTPCipher
    private let mediaNonce: SRTPNonce
    private let controlNonce: SRTPNonce
    private var sources: [(ssrc: UInt32, index: UInt64)]
    private var controlIndex: UInt32

    public init(profile: SRTPProfile, key: SRTPMasterKey) throws(SRTPError) {
        let derivation = try SRTPKeyDerivation(key)
        let media = try SRTPCipher(
            profile, derivation, encryption: .mediaEncryption, authentication: .mediaAuthentication, encrypts: true)
        let control = try SRTPCipher(
            profile, derivation, encryption: .controlEncryption, authentication: .controlAuthentication, encrypts: true)
        let mediaSalt = try derivation.key(.mediaSalt, byteCount: profile.saltByteCount)
        let controlSalt = try derivation.key(.controlSalt, byteCount: profile.saltByteCount)
        // Nothing may throw once a property has its value.
        self.media = media
        self.control = control
        mediaNonce = SRTPNonce(profile, salt: mediaSalt)
        controlNonce = SRTPNonce(profile, salt: controlSalt)
        sources = []
        controlIndex = 0
    }

    /// Makes the RTP packet that `buffer` has from `start` to its end an SRTP packet, 10 or 16 bytes longer.
    ///
    /// The sequence numbers of a source go forward. One that comes again must belong to the same bytes, as when a lost packet
    /// is repeated: two packets under one number would give both away (RFC 3711 §9.1).
    public mutating func protect(_ buffer: inout [UInt8], from start: Int) throws(SRTPError) {
        let byteCount = buffer.count - start
        guard start >= 0, byteCount >= Self.headerByteCount else { throw .tooShort(byteCount: byteCount) }
        let first = buffer[start]
        var body = start + Self.headerByteCount + 4 * Int(first & 0x0F)
        if first & 0x10 != 0 {
            guard body + 4 <= buffer.count else { throw .tooShort(byteCount: byteCount) }
            body += 4 + 4 * Int(buffer.bigEndian(at: body + 2, as: UInt16.self))
        }
        guard body <= buffer.count else { throw .tooShort(byteCount: byteCount) }
        let sequenceNumber = buffer.bigEndian(at: start + 2, as: UInt16.self)
        let ssrc = buffer.bigEndian(at: start + 8, as: UInt32.self)
        let index = try index(of: sequenceNumber, ssrc: ssrc)
        let nonce = mediaNonce.bytes(source: ssrc, index: index)
        switch media {
        case .gcm(let cipher): try cipher.seal(&buffer, from: start, body: body, nonce: nonce)
        case .counterMode(let cipher, let mac):
            try cipher.apply(to: &buffer, from: body, counter: nonce)
            let rollover = [UInt8](bigEndian: UInt32(truncatingIfNeeded: index >> 16))
            buffer += try mac.code(
                of: buffer, in: start..<buffer.count, then: rollover, byteCount: SRTPCipher.codeByteCount)
        }
    }

    /// Makes an RTCP compound an SRTCP packet.
    public mutating func protectControl(_ buffer: inout [UInt8]) throws(SRTPError) {
        guard buffer.count >= Self.controlHeaderByteCount else { throw .tooShort(byteCount: buffer.count) }
        // RFC 3711 §9.2: the key has to be replaced before the index wraps.
        guard controlIndex < Self.encryptedFlag - 1 else { throw .exhausted }
        controlIndex += 1
        let nonce = controlNonce.bytes(source: buffer.bigEndian(at: 4), index: UInt64(controlIndex))
        let trailer = [UInt8](bigEndian: Self.encryptedFlag | controlIndex)
        switch control {
        case .gcm(let cipher):
            // RFC 7714 §9.2, §9.3: the word is authenticated, and stands behind the tag.
            try cipher.seal(&buffer, from: 0, body: Self.controlHeaderByteCount, then: trailer, nonce: nonce)
            buffer += trailer
        case .counterMode(let cipher, let mac):
            try cipher.apply(to: &buffer, from: Self.controlHeaderByteCount, counter: nonce)
            buffer += trailer
            buffer += try mac.code(of: buffer, in: 0..<buffer.count, byteCount: SRTPCipher.codeByteCount)
        }
    }

    /// The packet's number with the wraps above its 16 bits, by what is nearest to the highest so far (RFC 3711 §3.3.1).
    private mutating func index(of sequenceNumber: UInt16, ssrc: UInt32) throws(SRTPError) -> UInt64 {
        guard let place = sources.firstIndex(where: { $0.ssrc == ssrc }) else {
            guard sources.count < Self.sourceLimit else { throw .tooManySources(limit: Self.sourceLimit) }
            sources.append((ssrc, UInt64(sequenceNumber)))
            return UInt64(sequenceNumber)
        }
        let highest = sources[place].index
        // Numbers are modulo 2¹⁶; as signed, a negative step is an older packet.
        let step = Int16(truncatingIfNeeded: Int(sequenceNumber) - Int(highest & 0xFFFF))
        if step > 0 {
            // 2⁴⁸ packets are centuries.
            sources[place].index = highest + UInt64(step)
            return sources[place].index
        }
        let distance = UInt64(-Int(step))
        guard distance <= highest else { throw .tooOld(sequenceNumber: sequenceNumber) }
        return highest - distance
    }
}
