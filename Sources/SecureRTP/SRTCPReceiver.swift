import StreamProtocols

/// Opens the reports of a peer (RFC 3711 §3.4, RFC 7714 §9).
///
/// It has one owner, which uses it on one thread at a time; that is why it may go from one to another.
public struct SRTCPReceiver: ~Copyable, @unchecked Sendable {
    /// Packets that may pass each other on their way.
    private static let windowSize: UInt32 = 64
    /// Sources whose numbers are remembered: a browser has one for each track.
    private static let sourceLimit = 16

    private static let headerByteCount = 8
    private static let trailerByteCount = 4

    /// What came of one source.
    private struct Window {
        let ssrc: UInt32
        var highest: UInt32
        /// Bit n: the packet that is n before the highest.
        var seen: UInt64

        func contains(_ index: UInt32) -> Bool {
            guard index <= highest else { return false }
            let age = highest - index
            return age >= SRTCPReceiver.windowSize || seen >> UInt64(age) & 1 != 0
        }

        mutating func insert(_ index: UInt32) {
            if index > highest {
                // A shift by 64 or more leaves nothing.
                seen = seen << UInt64(index - highest) | 1
                highest = index
            } else {
                seen |= 1 << UInt64(highest - index)
            }
        }
    }

    private let cipher: SRTPCipher
    private var nonce: SRTPNonce
    /// The longest silent first.
    private var windows: [Window]

    public init(profile: SRTPProfile, key: SRTPMasterKey) throws(SRTPError) {
        let derivation = try SRTPKeyDerivation(key)
        let cipher = try SRTPCipher(
            profile, derivation, encryption: .controlEncryption, authentication: .controlAuthentication, encrypts: false
        )
        let salt = try derivation.key(.controlSalt, byteCount: profile.saltByteCount)
        // Nothing may throw once a property has its value.
        self.cipher = cipher
        nonce = SRTPNonce(profile, salt: salt)
        windows = []
    }

    /// The RTCP compound in an SRTCP packet.
    public mutating func unprotect(_ datagram: ArraySlice<UInt8>) throws(SRTPError) -> [UInt8] {
        var bytes = [UInt8](datagram)
        let tagByteCount = cipher.tagByteCount
        guard bytes.count >= Self.headerByteCount + tagByteCount + Self.trailerByteCount else {
            throw .tooShort(byteCount: bytes.count)
        }
        let ssrc = bytes.bigEndian(at: 4, as: UInt32.self)
        let index: UInt32
        switch cipher {
        case .gcm(let cipher):
            let trailer = [UInt8](bytes.suffix(Self.trailerByteCount))
            index = try number(trailer.bigEndian(at: 0), of: ssrc)
            bytes.removeLast(Self.trailerByteCount)
            nonce.set(source: ssrc, index: UInt64(index))
            try cipher.open(&bytes, body: Self.headerByteCount, then: trailer, nonce: nonce.bytes)
        case .counterMode(let cipher, let mac):
            let end = bytes.count - tagByteCount
            index = try number(bytes.bigEndian(at: end - Self.trailerByteCount), of: ssrc)
            try mac.check(bytes, end: end)
            bytes.removeLast(tagByteCount + Self.trailerByteCount)
            nonce.set(source: ssrc, index: UInt64(index))
            try cipher.apply(to: &bytes, from: Self.headerByteCount, counter: nonce.bytes)
        }
        remember(index, of: ssrc)
        return bytes
    }

    /// The number in the word behind a packet.
    private func number(_ word: UInt32, of ssrc: UInt32) throws(SRTPError) -> UInt32 {
        guard word & SRTPSender.encryptedFlag != 0 else { throw .notEncrypted }
        let index = word & ~SRTPSender.encryptedFlag
        guard windows.first(where: { $0.ssrc == ssrc })?.contains(index) != true else {
            throw .replayed(index: UInt64(index))
        }
        return index
    }

    private mutating func remember(_ index: UInt32, of ssrc: UInt32) {
        var window = Window(ssrc: ssrc, highest: index, seen: 1)
        if let place = windows.firstIndex(where: { $0.ssrc == ssrc }) {
            window = windows.remove(at: place)
            window.insert(index)
        } else if windows.count >= Self.sourceLimit {
            windows.removeFirst()
        }
        windows.append(window)
    }
}
