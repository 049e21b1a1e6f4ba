import StreamModel
import StreamProtocols

/// Why a rendition does not reach the engine. The description is the sentence that a user sees.
enum PublishError: Error, Equatable, CustomStringConvertible {
    case unreachable(host: String, port: Int)
    case wrongCredentials
    case refused(method: RTSPMethod, status: RTSPStatus)
    case notRTSP(String)
    case noAnswer(seconds: Int64)
    case closed

    var description: String {
        switch self {
        case .unreachable(let host, let port):
            "The streaming engine does not answer at \(host):\(port); it is asked again until it does."
        case .wrongCredentials:
            "The streaming engine refused our password; restart the engine so that it reads its configuration again."
        case .refused(let method, let status):
            "The streaming engine refused the stream (\(method): \(status)); look in its log for the reason."
        case .notRTSP(let problem):
            "What answers at the streaming engine's port does not speak RTSP: \(problem)"
        case .noAnswer(let seconds):
            "The streaming engine did not answer for \(seconds) s; it is connected to again."
        case .closed:
            "The streaming engine closed the connection; it is connected to again."
        }
    }

    /// What the description says.
    var messageCode: MessageCode {
        switch self {
        case .unreachable(let host, let port):
            MessageCode("publish_unreachable", ["host": host, "port": String(port)])
        case .wrongCredentials: MessageCode("publish_wrong_credentials")
        case .refused(let method, let status):
            MessageCode("publish_refused", ["method": "\(method)", "status": "\(status)"])
        case .notRTSP(let problem): MessageCode("publish_not_rtsp", ["problem": problem])
        case .noAnswer(let seconds): MessageCode("publish_no_answer", ["seconds": String(seconds)])
        case .closed: MessageCode("publish_closed")
        }
    }
}
