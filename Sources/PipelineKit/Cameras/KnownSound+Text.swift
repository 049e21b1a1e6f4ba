import StreamProtocols

/// How one worker tells the next, by way of the server, what a camera's sound is.
extension KnownSound {
    /// What a session description says of the sound; empty for a camera without, nil when that is not known.
    var text: String? {
        switch self {
        case .unknown: nil
        case .none: ""
        case .format(let format): SessionDescription(media: [format.mediaDescription()]).serialized()
        }
    }

    /// What can't be read is not known.
    init(text: String?) {
        guard let text else {
            self = .unknown
            return
        }
        guard !text.isEmpty else {
            self = .none
            return
        }
        let media = (try? SessionDescription(parsing: [UInt8](text.utf8)))?.media.first
        self = media.flatMap { RTPFormat(sound: $0) }.map { .format($0) } ?? .unknown
    }
}
