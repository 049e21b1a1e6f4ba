internal import CLibAV

extension MediaError {
    /// Builds the error for a failed libav call, with libav's text.
    init(libav code: CInt, operation: String, subject: String? = nil) {
        self.init(
            kind: Kind(libav: code),
            operation: operation,
            subject: subject,
            reason: MediaError.text(of: code),
            code: code
        )
    }

    /// Builds the error for a failed system call.
    init(errno code: CInt, operation: String, subject: String? = nil) {
        self.init(libav: toposync_av_error(code), operation: operation, subject: subject)
    }

    /// libav reports a failed allocation by a null pointer.
    static func outOfMemory(_ operation: String) -> MediaError {
        MediaError(libav: toposync_av_error(ENOMEM), operation: operation)
    }

    private static func text(of code: CInt) -> String {
        var buffer = [CChar](repeating: 0, count: Int(AV_ERROR_MAX_STRING_SIZE))
        unsafe av_strerror(code, &buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension MediaError.Kind {
    /// The one place where libav's and POSIX's numbers get their meaning.
    init(libav code: CInt) {
        switch code {
        case toposync_av_error_eof:
            self = .endOfStream
        case toposync_av_error_exit:
            self = .interrupted
        case toposync_av_error(ETIMEDOUT):
            self = .timedOut
        case toposync_av_error_http_unauthorized, toposync_av_error_http_forbidden, toposync_av_error(EACCES),
            toposync_av_error(EPERM):
            self = .unauthorized
        case toposync_av_error_http_not_found, toposync_av_error(ENOENT), toposync_av_error(ENODEV),
            toposync_av_error(ENXIO):
            self = .notFound
        case toposync_av_error(ECONNREFUSED), toposync_av_error(ECONNRESET), toposync_av_error(EPIPE):
            self = .refused
        case toposync_av_error(EHOSTUNREACH), toposync_av_error(ENETUNREACH), toposync_av_error(EHOSTDOWN),
            toposync_av_error(ENETDOWN), toposync_av_error(EADDRNOTAVAIL):
            self = .unreachable
        case toposync_av_error_invalid_data, toposync_av_error_http_bad_request, toposync_av_error_http_other_4xx,
            toposync_av_error_http_server_error:
            self = .invalidData
        case toposync_av_error_stream_not_found:
            self = .noVideo
        case toposync_av_error_decoder_not_found, toposync_av_error_encoder_not_found,
            toposync_av_error_demuxer_not_found, toposync_av_error_protocol_not_found,
            toposync_av_error_patch_welcome, toposync_av_error(EPROTONOSUPPORT), toposync_av_error(ENOSYS):
            self = .unsupported
        default:
            self = .other
        }
    }
}

/// Throws when a libav call that returns a negative code on failure has failed.
@discardableResult
func check(_ code: CInt, _ operation: String, subject: String? = nil) throws(MediaError) -> CInt {
    guard code >= 0 else { throw MediaError(libav: code, operation: operation, subject: subject) }
    return code
}
