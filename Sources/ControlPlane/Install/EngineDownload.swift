import StreamModel

/// How the installation of MediaMTX goes (`GET /api/streams/engine/download`).
public struct EngineDownload: Hashable, Sendable {
    public enum State: String, CaseIterable, Hashable, Sendable {
        /// Nothing was asked for.
        case idle
        /// Asking for the checksums.
        case preparing
        case downloading
        /// A try failed; the next one comes after a pause.
        case waiting
        /// Comparing the archive with its checksum.
        case verifying
        case unpacking
        /// The release is there and verified.
        case installed
        case failed, cancelled

        /// Whether it is under way.
        public var isActive: Bool {
            switch self {
            case .preparing, .downloading, .waiting, .verifying, .unpacking: true
            case .idle, .installed, .failed, .cancelled: false
            }
        }
    }

    public var state: State
    /// The release, such as `v1.16.2`.
    public var version: String
    /// Such as `linux-x64`; nil where no MediaMTX exists for.
    public var platform: String?
    /// The archive's name.
    public var asset: String?
    /// Bytes of the archive that are there.
    public var bytes = 0
    /// Bytes of the archive; nil until the server said it.
    public var totalBytes: Int?
    /// Of the last seconds; nil while nothing comes.
    public var bytesPerSecond: Double?
    /// The first try is 1.
    public var attempt = 0
    /// The published checksum that the archive is verified against.
    public var archiveSHA256: String?
    /// Where the installed program is.
    public var binaryPath: String?
    /// Why it failed, or why the last try did: one sentence.
    public var error: CodedMessage?
    /// Whether that may go away by itself.
    var mayPass = false
    public var startedAtUnix: Double?
    public var finishedAtUnix: Double?

    init(_ state: State = .idle, version: String, platform: MachinePlatform?) {
        self.state = state
        self.version = version
        self.platform = platform?.rawValue
        asset = platform?.archiveName(version: version)
    }

    /// Seconds until everything is there at the present rate.
    public var remainingSeconds: Double? {
        guard state == .downloading, let totalBytes, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        return Double(totalBytes - bytes) / bytesPerSecond
    }

    public var json: JSONValue { .object(members.merging(CodedMessage.members("error", error)) { $1 }) }

    private var members: [String: JSONValue] {
        [
            "state": .string(state.rawValue), "version": .string(version), "platform": JSONValue(platform),
            "asset": JSONValue(asset), "bytes": .integer(bytes), "total_bytes": JSONValue(totalBytes),
            "bytes_per_second": JSONValue(bytesPerSecond), "remaining_seconds": JSONValue(remainingSeconds),
            "attempt": .integer(attempt), "archive_sha256": JSONValue(archiveSHA256),
            "binary_path": JSONValue(binaryPath),
            "started_at_unix": JSONValue(startedAtUnix), "finished_at_unix": JSONValue(finishedAtUnix),
        ]
    }

    /// What the engine's status shows of it.
    public var shortJSON: JSONValue {
        [
            "state": .string(state.rawValue), "version": .string(version), "bytes": .integer(bytes),
            "total_bytes": JSONValue(totalBytes), "bytes_per_second": JSONValue(bytesPerSecond),
        ]
    }
}
