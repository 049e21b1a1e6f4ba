import StreamProtocols

/// Protects what we send (RFC 3711, RFC 7714).
///
/// It has one owner, which uses it on one thread at a time; that is why it may go from one to another.
public struct SRTPSender: ~Copyable, @unchecked Sendable {
    /// Sources that may send with one key: sixteen tracks, each with its retransmissions.
    static let sourceLimit = 32

    private static let controlHeaderByteCount = 8
    /// Says in the word of the index that the packet is encrypted (RFC 3711 §3.4).
    static let encryptedFlag: UInt32 = 1 << 31

    private let media: SRTPCipher
    private let control: SRTPCipher
    private var mediaNonce: SRTPNonce
    private var controlNonce: SRTPNonce
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

    /// Makes an RTP packet an SRTP packet, 10 or 16 bytes longer.
    ///
    /// The sequence numbers of a source go forward. One that comes again must belong to the same bytes, as when a lost packet
    /// is repeated: two packets under one number would give both away (RFC 3711 §9.1).
    public mutating func protect(_ packet: inout [UInt8]) throws(SRTPError) {
        let header = try SRTPHeader(packet, packetEnd: packet.count)
        let index = try index(of: header)
        mediaNonce.set(source: header.ssrc, index: index)
        switch media {
        case .gcm(let cipher): try cipher.seal(&packet, body: header.end, nonce: mediaNonce.bytes)
        case .counterMode(let cipher, let mac):
            try cipher.apply(to: &packet, from: header.end, counter: mediaNonce.bytes)
            let rollover = [UInt8](bigEndian: UInt32(truncatingIfNeeded: index >> 16))
            packet += try mac.code(
                of: packet, in: 0..<packet.count, then: rollover, byteCount: SRTPCipher.codeByteCount)
        }
    }

    /// Makes an RTCP compound an SRTCP packet.
    public mutating func protectControl(_ compound: inout [UInt8]) throws(SRTPError) {
        guard compound.count >= Self.controlHeaderByteCount else { throw .tooShort(byteCount: compound.count) }
        // RFC 3711 §9.2: the key has to be replaced before the index wraps.
        guard controlIndex < Self.encryptedFlag - 1 else { throw .exhausted }
        controlIndex += 1
        controlNonce.set(source: compound.bigEndian(at: 4), index: UInt64(controlIndex))
        let trailer = [UInt8](bigEndian: Self.encryptedFlag | controlIndex)
        switch control {
        case .gcm(let cipher):
            // RFC 7714 §9.2, §9.3: the word is authenticated, and stands behind the tag.
            try cipher.seal(
                &compound, body: Self.controlHeaderByteCount, then: trailer, nonce: controlNonce.bytes)
            compound += trailer
        case .counterMode(let cipher, let mac):
            try cipher.apply(to: &compound, from: Self.controlHeaderByteCount, counter: controlNonce.bytes)
            compound += trailer
            compound += try mac.code(of: compound, in: 0..<compound.count, byteCount: SRTPCipher.codeByteCount)
        }
    }

    private mutating func index(of header: SRTPHeader) throws(SRTPError) -> UInt64 {
        guard let place = sources.firstIndex(where: { $0.ssrc == header.ssrc }) else {
            guard sources.count < Self.sourceLimit else { throw .tooManySources(limit: Self.sourceLimit) }
            let index = try header.index(nearestTo: nil)
            sources.append((header.ssrc, index))
            return index
        }
        let index = try header.index(nearestTo: sources[place].index)
        sources[place].index = max(sources[place].index, index)
        return index
    }
}
