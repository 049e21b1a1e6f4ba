import COpenSSL

/// HMAC with SHA-1 (RFC 2104) under one key.
///
/// It belongs to one owner, which uses it on one thread at a time.
@safe final class HMACSHA1 {
    private let context: OpaquePointer
    private var code = [UInt8](repeating: 0, count: 20)

    init(key: [UInt8]) throws(SRTPError) {
        guard let mac = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else { throw .library(operation: "EVP_MAC_fetch") }
        defer { unsafe EVP_MAC_free(mac) }
        guard let context = unsafe EVP_MAC_CTX_new(mac) else { throw .library(operation: "EVP_MAC_CTX_new") }
        var digest = [CChar]("SHA1".utf8CString)
        // A parameter points to its name and its value: both have to last until it is read.
        let isReady = unsafe OSSL_MAC_PARAM_DIGEST.withCString { name in
            unsafe digest.withUnsafeMutableBufferPointer { value in
                let parameters = unsafe [
                    OSSL_PARAM_construct_utf8_string(name, value.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return unsafe EVP_MAC_init(context, key, key.count, parameters) == 1
            }
        }
        guard isReady else {
            unsafe EVP_MAC_CTX_free(context)
            throw .library(operation: "EVP_MAC_init")
        }
        unsafe self.context = context
    }

    deinit { unsafe EVP_MAC_CTX_free(context) }

    /// The first bytes of the code of the bytes in a range and what follows them.
    func code(
        of bytes: [UInt8], in range: Range<Int>, then more: [UInt8] = [], byteCount: Int
    ) throws(SRTPError) -> ArraySlice<UInt8> {
        let isDone = unsafe bytes.withUnsafeBufferPointer { buffer in
            guard range.upperBound <= buffer.count, range.lowerBound >= 0, let base = buffer.baseAddress else {
                return false
            }
            var size = 0
            let capacity = code.count
            // Without a key the one before stays.
            return unsafe EVP_MAC_init(context, nil, 0, nil) == 1
                && EVP_MAC_update(context, base + range.lowerBound, range.count) == 1
                && (more.isEmpty || EVP_MAC_update(context, more, more.count) == 1)
                && EVP_MAC_final(context, &code, &size, capacity) == 1
        }
        guard isDone else { throw .library(operation: "EVP_MAC_update") }
        return code.prefix(byteCount)
    }

    /// Checks that what stands behind `end` is the beginning of the code of what stands before it and of what follows.
    func check(_ bytes: [UInt8], end: Int, then more: [UInt8] = []) throws(SRTPError) {
        let actual = [UInt8](bytes.suffix(bytes.count - end))
        let expected = [UInt8](try code(of: bytes, in: 0..<end, then: more, byteCount: actual.count))
        guard unsafe CRYPTO_memcmp(expected, actual, actual.count) == 0 else { throw .notAuthentic }
    }
}
