import COpenSSL

/// AES-128 in Galois/Counter Mode (NIST SP 800-38D) with tags of 16 bytes and nonces of 12, in one direction.
///
/// It belongs to one owner, which uses it on one thread at a time.
@safe final class AESGCM {
    static let tagByteCount = 16
    static let nonceByteCount = 12

    /// Room for a tag, which is appended as a whole.
    private static let emptyTag = [UInt8](repeating: 0, count: tagByteCount)

    private let context: OpaquePointer
    private let encrypts: Bool

    init(key: [UInt8], encrypts: Bool) throws(SRTPError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .library(operation: "EVP_CIPHER_CTX_new") }
        guard key.count == SRTPProfile.keyByteCount,
            unsafe EVP_CipherInit_ex(context, EVP_aes_128_gcm(), nil, key, nil, encrypts ? 1 : 0) == 1
        else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .library(operation: "EVP_CipherInit_ex")
        }
        unsafe self.context = context
        self.encrypts = encrypts
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Encrypts the bytes from `body` to the end in place, and appends the tag. Those before stay clear and are authenticated.
    ///
    /// - Parameter more: authenticated after them.
    func seal(_ bytes: inout [UInt8], body: Int, then more: [UInt8] = [], nonce: [UInt8]) throws(SRTPError) {
        let end = bytes.count
        bytes.append(contentsOf: Self.emptyTag)
        let isDone = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard unsafe transform(buffer, body: body, end: end, then: more, nonce: nonce),
                let base = buffer.baseAddress
            else { return false }
            var written: CInt = 0
            return unsafe EVP_CipherFinal_ex(context, base + end, &written) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CInt(Self.tagByteCount), base + end) == 1
        }
        guard encrypts, isDone else { throw .library(operation: "EVP_EncryptFinal_ex") }
    }

    /// Decrypts the bytes from `body` to the end, where the tag is, in place, and takes the tag away.
    func open(
        _ bytes: inout [UInt8], body: Int, then more: [UInt8], nonce: [UInt8]
    ) throws(SRTPError) {
        let end = bytes.count - Self.tagByteCount
        guard !encrypts, body <= end else { throw .tooShort(byteCount: bytes.count) }
        let isAuthentic = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard unsafe transform(buffer, body: body, end: end, then: more, nonce: nonce),
                let base = buffer.baseAddress
            else { return false }
            var written: CInt = 0
            return unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, CInt(Self.tagByteCount), base + end) == 1
                && EVP_CipherFinal_ex(context, base + end, &written) == 1
        }
        guard isAuthentic else { throw .notAuthentic }
        bytes.removeLast(Self.tagByteCount)
    }

    private func transform(
        _ buffer: UnsafeMutableBufferPointer<UInt8>, body: Int, end: Int, then more: [UInt8], nonce: [UInt8]
    ) -> Bool {
        guard nonce.count == Self.nonceByteCount, body >= 0, body <= end, end <= buffer.count,
            let base = buffer.baseAddress
        else { return false }
        var written: CInt = 0
        return unsafe EVP_CipherInit_ex(context, nil, nil, nil, nonce, -1) == 1
            && EVP_CipherUpdate(context, nil, &written, base, CInt(clamping: body)) == 1
            && (more.isEmpty || EVP_CipherUpdate(context, nil, &written, more, CInt(more.count)) == 1)
            && EVP_CipherUpdate(context, base + body, &written, base + body, CInt(clamping: end - body)) == 1
    }
}
