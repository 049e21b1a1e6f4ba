import StreamProtocols

/// Why a caller of SRT is not let in.
struct SRTRefusal: Error, Equatable {
    /// What the caller is told: the numbers of HTTP and a thousand (libsrt, `access_control.h`).
    enum Reason: Int32 {
        case badRequest = 1400
        case unauthorized = 1401
        case overload = 1402
        case forbidden = 1403
        case notFound = 1404
        case badMode = 1405
        case conflict = 1409
        case unsupportedMedia = 1415
        case internalError = 1500
        case down = 1503
    }

    var reason: Reason
    /// For the log, which people read.
    var sentence: String

    init(_ reason: Reason, _ sentence: String) {
        self.reason = reason
        self.sentence = sentence
    }

    init(_ error: SRTStreamIDError) {
        switch error {
        case .missing, .malformed: self.init(.badRequest, "\(error)")
        case .notAStream: self.init(.unsupportedMedia, "\(error)")
        }
    }

    init(_ error: PathError) {
        let reason: Reason =
            switch error {
            case .invalidName: .badRequest
            case .notConfigured, .noStream: .notFound
            case .alreadyPublished: .conflict
            case .notPublishable: .forbidden
            case .closing: .down
            case .timedOut, .commandEnded, .tooManyReaders, .noRoomForViewer: .internalError
            }
        self.init(reason, "\(error)")
    }
}
