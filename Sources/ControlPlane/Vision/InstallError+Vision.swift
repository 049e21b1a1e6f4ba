import StreamModel

extension InstallError {
    /// The sentence about what detection needs, without credentials.
    var visionMessage: CodedMessage { (visionSentence ?? message).redacted }

    /// Nil where it is the same as of MediaMTX.
    private var visionSentence: CodedMessage? {
        let mirror = "name a mirror with TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL."
        return switch self {
        case .unsupportedMachine:
            CodedMessage(
                "vision_no_machine",
                "Detection needs Linux with 64 bits on an x86 or ARM processor, which this machine does not have. Motion works "
                    + "without it.")
        case .notOffered(let asset, let url):
            CodedMessage(
                "vision_not_offered", "There is no \(asset) at \(url). Update the server, or \(mirror)",
                ["asset": .string(asset), "url": .string(url)])
        case .unreachable(let host, let reason):
            CodedMessage(
                "vision_unreachable",
                "\(host) can't be reached (\(reason)). Check the server's connection to the Internet, or \(mirror)",
                ["host": .string(host), "reason": .string(reason)])
        case .refused(let url, let status):
            CodedMessage(
                "vision_refused", "\(url) answered with HTTP status \(status). Try again later, or \(mirror)",
                ["url": .string(url), "status": .integer(status)])
        case .badRedirect(let url):
            CodedMessage(
                "vision_bad_redirect",
                "\(url) leads to an address that can't be used. Update the server, or \(mirror)", ["url": .string(url)])
        case .unusableArchive(let asset, let reason):
            CodedMessage(
                "vision_unusable", "\(asset) can't be used: \(reason). Nothing was installed.",
                ["asset": .string(asset), "reason": .string(reason)])
        case .altered(let path):
            CodedMessage(
                "vision_altered",
                "\(path) was changed after it was installed, so it is not used. Install it again.",
                ["path": .string(path)])
        case .busy:
            CodedMessage(
                "vision_busy", "Another program is installing into the same folder. Wait until it is done.")
        case .noChecksum, .wrongChecksum, .tooLarge, .brokenOff, .disk, .cancelled: nil
        }
    }
}
