import COpenSSL

/// AES-128 in counter mode (NIST SP 800-38A §6.5).
///
/// It belongs to one owner, which uses it on one thread at a time.
@safe final class AESCounterMode {
    private let context: OpaquePointer

    init(key: [UInt8]) throws(SRTPError) {
        guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .library(operation: "EVP_CIPHER_CTX_new") }
        guard key.count == SRTPProfile.keyByteCount,
            unsafe EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nil, key, nil) == 1
        else {
            unsafe EVP_CIPHER_CTX_free(context)
            throw .library(operation: "EVP_EncryptInit_ex")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_CIPHER_CTX_free(context) }

    /// Combines the bytes from `start` to the end with the key stream that begins with a block of 16 bytes.
    func apply(to bytes: inout [UInt8], from start: Int, counter: [UInt8]) throws(SRTPError) {
        guard start >= 0, start < bytes.count else { return }
        let isDone = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard counter.count == 16, let base = buffer.baseAddress else { return false }
            let body = unsafe base + start
            var written: CInt = 0
            return unsafe EVP_EncryptInit_ex(context, nil, nil, nil, counter) == 1
                && EVP_EncryptUpdate(context, body, &written, body, CInt(clamping: buffer.count - start)) == 1
        }
        guard isDone else { throw .library(operation: "EVP_EncryptUpdate") }
    }
}
