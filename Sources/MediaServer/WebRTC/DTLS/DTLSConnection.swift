internal import COpenSSL
import SecureRTP

/// The server's side of one DTLS 1.2 connection (RFC 6347), for the keys of SRTP (RFC 5764). It takes datagrams and gives
/// datagrams; sockets and timers are its holder's.
@safe final class DTLSConnection {
    /// Bytes of a datagram at most: what any network carries in one piece.
    static let datagramLimit = 1200
    /// Nothing of a handshake is longer than this, and nothing else is read.
    static let inputLimit = 2048

    enum Event {
        /// The peer is who the offer said.
        case established(SRTPProfile, SRTPMasterKeys)
        case failed(DTLSError)
        /// The peer has said goodbye.
        case closed
    }

    /// What to do after something was given to the connection.
    struct Outcome {
        var datagrams: [[UInt8]] = []
        var event: Event?
    }

    private enum State {
        case handshaking, established, over
    }

    /// An `SSL`, which owns both memories.
    private let ssl: OpaquePointer
    /// `BIO`s in memory.
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let accepts: ([UInt8]) -> Bool
    /// The context must outlive its connections.
    private let context: DTLSContext
    private var state = State.handshaking

    /// - Parameter accepts: whether a certificate (in DER) is the one that the client's offer names.
    init(_ context: DTLSContext, accepts: @escaping ([UInt8]) -> Bool) throws(DTLSError) {
        guard let ssl = unsafe SSL_new(context.pointer) else { throw .library("SSL_new") }
        guard let input = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(ssl)
            throw .library("BIO_new")
        }
        guard let output = unsafe BIO_new(BIO_s_mem()) else {
            unsafe BIO_free(input)
            unsafe SSL_free(ssl)
            throw .library("BIO_new")
        }
        unsafe self.ssl = ssl
        unsafe self.input = input
        unsafe self.output = output
        self.context = context
        self.accepts = accepts
        unsafe SSL_set_bio(ssl, input, output)
        unsafe toposync_dtls_set_mtu(ssl, Self.datagramLimit)
        // The first retransmission comes after 100 ms, not after a second: nobody waits for it longer than needed.
        unsafe DTLS_set_timer_cb(ssl) { _, former in former == 0 ? 100_000 : min(2 * former, 4_000_000) }
        unsafe SSL_set_accept_state(ssl)
    }

    deinit { unsafe SSL_free(ssl) }

    /// After how long ``timerFired()`` is to be called, if nothing comes; nil when there is nothing to repeat.
    var timeout: Duration? {
        guard state == .handshaking else { return nil }
        let microseconds = unsafe toposync_dtls_timeout(ssl)
        return microseconds < 0 ? nil : .microseconds(microseconds)
    }

    /// Takes a datagram of the peer.
    func receive(_ datagram: ArraySlice<UInt8>) -> Outcome {
        guard state != .over, !datagram.isEmpty, datagram.count <= Self.inputLimit else { return Outcome() }
        ERR_clear_error()
        let count = Int32(datagram.count)
        guard unsafe datagram.withUnsafeBytes({ unsafe BIO_write(input, $0.baseAddress, count) }) == count else {
            return fail(.library("BIO_write"))
        }
        let outcome = advance()
        // A rest would be taken for the beginning of the next datagram.
        unsafe BIO_ctrl(input, BIO_CTRL_RESET, 0, nil)
        return outcome
    }

    /// Repeats what seems to be lost.
    func timerFired() -> Outcome {
        guard state == .handshaking else { return Outcome() }
        ERR_clear_error()
        guard unsafe toposync_dtls_handle_timeout(ssl) >= 0 else { return fail(.timedOut) }
        return Outcome(datagrams: takeDatagrams())
    }

    /// Says goodbye.
    func close() -> [[UInt8]] {
        guard state == .established else { return [] }
        state = .over
        ERR_clear_error()
        // OpenSSL writes into memory that it makes when it reads, and that may be released.
        var byte: UInt8 = 0
        unsafe SSL_read(ssl, &byte, 1)
        unsafe SSL_shutdown(ssl)
        return takeDatagrams()
    }

    /// Gives back the memory for records, 33 kB: nothing is expected any more until the goodbye, and what comes makes it anew.
    private func releaseBuffers() { unsafe SSL_free_buffers(ssl) }

    private func advance() -> Outcome {
        guard state == .handshaking else { return read() }
        let result = unsafe SSL_do_handshake(ssl)
        guard result == 1 else {
            return unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ
                ? Outcome(datagrams: takeDatagrams()) : fail(.handshake(Self.reason))
        }
        guard isPeerAsOffered else { return fail(.wrongFingerprint) }
        guard let profile, let keys = keys(of: profile) else { return fail(.noProfile) }
        state = .established
        defer { releaseBuffers() }
        return Outcome(datagrams: takeDatagrams(), event: .established(profile, keys))
    }

    /// After the handshake nothing is expected but a repetition of its end, which is answered, and a goodbye.
    private func read() -> Outcome {
        var byte: UInt8 = 0
        var result: Int32
        repeat { result = unsafe SSL_read(ssl, &byte, 1) } while result > 0
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            defer { releaseBuffers() }
            return Outcome(datagrams: takeDatagrams())
        case SSL_ERROR_ZERO_RETURN:
            let goodbye = close()
            return Outcome(datagrams: goodbye, event: .closed)
        default: return fail(.handshake(Self.reason))
        }
    }

    private func fail(_ error: DTLSError) -> Outcome {
        state = .over
        // The alert that tells the peer why.
        return Outcome(datagrams: takeDatagrams(), event: .failed(error))
    }

    private var isPeerAsOffered: Bool {
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return false }
        defer { unsafe X509_free(certificate) }
        return accepts(unsafe DER.bytes(of: certificate))
    }

    private var profile: SRTPProfile? {
        guard let selected = unsafe SSL_get_selected_srtp_profile(ssl) else { return nil }
        return SRTPProfile(rawValue: UInt16(truncatingIfNeeded: unsafe selected.pointee.id))
    }

    private func keys(of profile: SRTPProfile) -> SRTPMasterKeys? {
        let label = "EXTRACTOR-dtls_srtp"
        var material = [UInt8](repeating: 0, count: profile.keyingMaterialByteCount)
        guard
            unsafe SSL_export_keying_material(
                ssl, &material, material.count, label, label.utf8.count, nil, 0, 0) == 1
        else { return nil }
        return try? SRTPMasterKeys(profile: profile, keyingMaterial: material)
    }

    /// What the connection wants to send. The memory holds one record after the other; as many as fit go into a datagram.
    private func takeDatagrams() -> [[UInt8]] {
        let pending = unsafe BIO_ctrl_pending(output)
        guard pending > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: pending)
        let count = unsafe BIO_read(output, &bytes, Int32(clamping: pending))
        return DTLSRecords.datagrams(of: bytes.prefix(Int(max(count, 0))), limit: Self.datagramLimit)
    }

    private static var reason: String {
        let code = ERR_get_error()
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "the client has ended it" }
        return unsafe String(cString: text)
    }
}

/// DTLS records that lie one behind the other (RFC 6347 §4.1).
enum DTLSRecords {
    /// Type, version, epoch, sequence number, and the length in the last two bytes.
    private static let headerSize = 13

    /// As many whole records in each datagram as fit; one that is longer goes alone.
    static func datagrams(of bytes: ArraySlice<UInt8>, limit: Int) -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        var rest = bytes
        while let record = takeRecord(from: &rest) {
            if let last = datagrams.last, last.count + record.count <= limit {
                datagrams[datagrams.count - 1] += record
            } else {
                datagrams.append(Array(record))
            }
        }
        return datagrams
    }

    private static func takeRecord(from bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.count >= headerSize else { return nil }
        let length = bytes.dropFirst(headerSize - 2).prefix(2).reduce(0) { $0 << 8 | Int($1) }
        let record = bytes.prefix(headerSize + length)
        bytes = bytes.dropFirst(record.count)
        return record
    }
}
