import StreamProtocols

/// Opens the media of a peer (RFC 3711 §3.3, RFC 7714 §8).
///
/// It has one owner, which uses it on one thread at a time; that is why it may go from one to another.
public struct SRTPReceiver: ~Copyable, @unchecked Sendable {
    /// Sources whose numbers are remembered: a browser has two for each track.
    static let sourceLimit = 16

    /// What came of one source.
    private struct Source {
        let ssrc: UInt32
        var window: SRTPReplayWindow
    }

    private let cipher: SRTPCipher
    private var nonce: SRTPNonce
    /// The longest silent first.
    private var sources: [Source]

    public init(profile: SRTPProfile, key: SRTPMasterKey) throws(SRTPError) {
        let derivation = try SRTPKeyDerivation(key)
        let cipher = try SRTPCipher(
            profile, derivation, encryption: .mediaEncryption, authentication: .mediaAuthentication, encrypts: false)
        let salt = try derivation.key(.mediaSalt, byteCount: profile.saltByteCount)
        // Nothing may throw once a property has its value.
        self.cipher = cipher
        nonce = SRTPNonce(profile, salt: salt)
        sources = []
    }

    /// The RTP packet in an SRTP packet. What is refused leaves no trace.
    public mutating func unprotect(_ datagram: ArraySlice<UInt8>) throws(SRTPError) -> [UInt8] {
        var bytes = [UInt8](datagram)
        let end = bytes.count - cipher.tagByteCount
        let header = try SRTPHeader(bytes, packetEnd: end)
        let place = sources.firstIndex { $0.ssrc == header.ssrc }
        let highest: UInt64? = if let place { sources[place].window.highest } else { nil }
        let index = try header.index(nearestTo: highest)
        if let place, sources[place].window.contains(index) { throw .replayed(index: index) }
        nonce.set(source: header.ssrc, index: index)
        switch cipher {
        case .gcm(let cipher): try cipher.open(&bytes, body: header.end, then: [], nonce: nonce.bytes)
        case .counterMode(let cipher, let mac):
            // RFC 3711 §4.2: the wraps are authenticated, and not sent.
            try mac.check(bytes, end: end, then: [UInt8](bigEndian: UInt32(truncatingIfNeeded: index >> 16)))
            bytes.removeLast(bytes.count - end)
            try cipher.apply(to: &bytes, from: header.end, counter: nonce.bytes)
        }
        remember(index, of: header.ssrc, at: place)
        return bytes
    }

    private mutating func remember(_ index: UInt64, of ssrc: UInt32, at place: Int?) {
        guard let place else {
            if sources.count >= Self.sourceLimit { sources.removeFirst() }
            sources.append(Source(ssrc: ssrc, window: SRTPReplayWindow(first: index)))
            return
        }
        if place != sources.count - 1 { sources.append(sources.remove(at: place)) }
        sources[sources.count - 1].window.insert(index)
    }
}
