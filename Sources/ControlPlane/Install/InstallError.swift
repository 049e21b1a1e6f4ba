import StreamModel

/// Why MediaMTX was not installed or is not started: a sentence that says what to do.
public enum InstallError: Error, Hashable, Sendable, CustomStringConvertible {
    case unsupportedMachine
    /// The release, or the archive for this machine, does not exist.
    case notOffered(asset: String, url: String)
    case unreachable(host: String, reason: String)
    case refused(url: String, status: Int)
    case badRedirect(url: String)
    /// The file of checksums has no line for the archive.
    case noChecksum(asset: String, url: String)
    case wrongChecksum(asset: String)
    case tooLarge(asset: String, limit: Int)
    case brokenOff(asset: String, bytes: Int)
    case unusableArchive(asset: String, reason: String)
    case disk(path: String, reason: String)
    /// The installed program is not what was installed.
    case altered(path: String)
    /// Another process installs into the same folder.
    case busy
    case cancelled

    static func badArchive(asset: String, _ error: ArchiveError) -> Self {
        .unusableArchive(asset: asset, reason: error.description)
    }

    /// Whether the same may go well a little later.
    var isPassing: Bool {
        switch self {
        case .unreachable, .brokenOff, .busy: true
        case .refused(_, let status): status >= 500 || status == 408 || status == 429
        case .unsupportedMachine, .notOffered, .badRedirect, .noChecksum, .wrongChecksum, .tooLarge, .unusableArchive,
            .disk, .altered, .cancelled:
            false
        }
    }

    public var description: String { message.text }

    /// The sentence, without credentials.
    var message: CodedMessage { sentence.redacted }

    private var sentence: CodedMessage {
        switch self {
        case .unsupportedMachine:
            CodedMessage(
                "install_no_machine",
                "MediaMTX has no download for this kind of machine. Set TOPOSYNC_STREAMING_ENGINE_PATH to a program that "
                    + "runs here, or set the engine kind to 'builtin'.")
        case .notOffered(let asset, let url):
            CodedMessage(
                "install_not_offered",
                "There is no \(asset) at \(url). Choose another MediaMTX version in the settings.",
                ["asset": .string(asset), "url": .string(url)])
        case .unreachable(let host, let reason):
            CodedMessage(
                "install_unreachable",
                "\(host) can't be reached (\(reason)). Check the server's connection to the Internet, or name a mirror with "
                    + "TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL.",
                ["host": .string(host), "reason": .string(reason)])
        case .refused(let url, let status):
            CodedMessage(
                "install_refused",
                "\(url) answered with HTTP status \(status). Try again later, or name a mirror with "
                    + "TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL.",
                ["url": .string(url), "status": .integer(status)])
        case .badRedirect(let url):
            CodedMessage(
                "install_bad_redirect",
                "\(url) leads to an address that can't be used. Name another mirror with "
                    + "TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL.", ["url": .string(url)])
        case .noChecksum(let asset, let url):
            CodedMessage(
                "install_no_checksum",
                "\(url) has no checksum for \(asset), so it can't be verified and was not downloaded. Choose another "
                    + "MediaMTX version.", ["asset": .string(asset), "url": .string(url)])
        case .wrongChecksum(let asset):
            CodedMessage(
                "install_wrong_checksum",
                "\(asset) does not match its published checksum. It was deleted and nothing was installed. Try again; when "
                    + "it happens again, don't trust where it comes from.", ["asset": .string(asset)])
        case .tooLarge(let asset, let limit):
            CodedMessage(
                "install_too_large",
                "\(asset) is larger than \(limit >> 20) MB, which no release is. Nothing was installed.",
                ["asset": .string(asset), "limit": .integer(limit >> 20)])
        case .brokenOff(let asset, let bytes):
            CodedMessage(
                "install_broken_off",
                "The download of \(asset) broke off after \(bytes) bytes. Starting it again goes on from there.",
                ["asset": .string(asset), "bytes": .integer(bytes)])
        case .unusableArchive(let asset, let reason):
            CodedMessage(
                "install_unusable",
                "\(asset) can't be used: \(reason). Nothing was installed. Choose another MediaMTX version.",
                ["asset": .string(asset), "reason": .string(reason)])
        case .disk(let path, let reason):
            CodedMessage(
                "install_disk",
                "\(path) can't be read or written: \(reason). Make room or give this user access, then try again.",
                ["path": .string(path), "reason": .string(reason)])
        case .altered(let path):
            CodedMessage(
                "install_altered",
                "The MediaMTX program \(path) was changed after it was installed, so it is not started. Install it again, "
                    + "or set the engine kind to 'builtin'.", ["path": .string(path)])
        case .busy:
            CodedMessage(
                "install_busy",
                "Another program is installing MediaMTX into the same folder. Wait until it is done.")
        case .cancelled:
            CodedMessage(
                "install_cancelled",
                "The download was cancelled. What was downloaded is kept; starting it again goes on from there.")
        }
    }
}
