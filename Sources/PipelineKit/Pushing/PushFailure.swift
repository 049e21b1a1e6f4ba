import MediaKit
import StreamModel

/// Why a destination gets nothing. The text is the sentence that a user sees.
struct PushFailure: Hashable, Sendable {
    var text: String
    var code: MessageCode

    /// - Parameters:
    ///   - target: the address, without secrets.
    ///   - wasSending: whether it had been sent before.
    init(_ error: MediaError, target: String, wasSending: Bool) {
        let (name, sentence): (String, String) =
            switch error.kind {
            case .refused where !wasSending:
                ("destination_refused", "\(target) refused the connection; check host and port.")
            case .timedOut where wasSending:
                ("destination_stuck", "\(target) took nothing any more; it is connected to again.")
            case .timedOut:
                ("destination_no_answer", "\(target) did not answer in time; check host and port, and the network.")
            case .unreachable:
                ("destination_unreachable", "\(target) can't be reached; check the host's name, and the network.")
            case .unauthorized:
                ("destination_unauthorized", "\(target) refused the account or the key; check them.")
            case .notFound: ("destination_not_found", "\(target) has no such place; check the end of the address.")
            case .unsupported:
                (
                    "destination_unsupported",
                    "\(target) can't be used: this server's libavformat does not have its protocol (\(error.reason))."
                )
            case .refused, .endOfStream, .interrupted, .invalidData, .noVideo, .other:
                wasSending
                    ? (
                        "destination_broke_off",
                        "\(target) broke the connection off (\(error.reason)); it is connected to again."
                    )
                    : (
                        "destination_failed",
                        "\(target) did not take the stream (\(error.reason)); check the address, and the key or the passphrase."
                    )
            }
        text = sentence
        code = MessageCode(name, ["target": target, "reason": error.reason])
    }

    /// It would be connected to each time that the stream is another one, which is too often.
    init(ofChangesAt target: String) {
        text =
            "What is sent to \(target) changes again and again, such as sound that comes and goes; it is connected to later."
        code = MessageCode("destination_changes", ["target": target])
    }
}
