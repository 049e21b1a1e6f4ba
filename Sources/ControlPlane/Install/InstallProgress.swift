import StreamModel

/// What an installation reports while it runs.
enum InstallStep: Hashable, Sendable {
    case preparing
    case expecting(sha256: String)
    case attempt(Int)
    case received(bytes: Int, total: Int?)
    case waiting(InstallError)
    case verifying
    case unpacking
}

/// How far the installation of something is.
public struct InstallProgress: Hashable, Sendable {
    public enum State: String, CaseIterable, Hashable, Sendable {
        /// Nothing was asked for.
        case idle
        /// Asking for the checksums.
        case preparing
        case downloading
        /// A try failed; the next one comes after a pause.
        case waiting
        /// Comparing the download with its checksum.
        case verifying
        case unpacking
        /// It is there and verified.
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
    /// Bytes of the download that are there.
    public var bytes = 0
    /// Bytes of the download; nil until the server said it.
    public var totalBytes: Int?
    /// Of the last seconds; nil while nothing comes.
    public var bytesPerSecond: Double?
    /// The first try is 1.
    public var attempt = 0
    /// Why it failed, or why the last try did: one sentence.
    public var error: CodedMessage?
    /// Whether that may go away by itself.
    var mayPass = false
    public var startedAtUnix: Double?
    public var finishedAtUnix: Double?
    private var rate = TransferRate()

    init(_ state: State = .idle, startedAtUnix: Double? = nil) {
        self.state = state
        self.startedAtUnix = startedAtUnix
    }

    /// Seconds until everything is there at the present rate.
    public var remainingSeconds: Double? {
        guard state == .downloading, let totalBytes, let bytesPerSecond, bytesPerSecond > 0 else { return nil }
        return Double(totalBytes - bytes) / bytesPerSecond
    }

    /// - Parameters:
    ///   - now: time on a clock that only goes forward.
    ///   - sentence: what an error says of this thing.
    mutating func note(_ step: InstallStep, at now: Duration, _ sentence: (InstallError) -> CodedMessage) {
        switch step {
        case .preparing: state = .preparing
        case .expecting: break
        case .attempt(let number):
            state = .downloading
            attempt = number
            error = nil
            rate = TransferRate()
        case .received(let bytes, let total):
            self.bytes = bytes
            if let total { totalBytes = total }
            rate.record(bytes: bytes, at: now)
            bytesPerSecond = rate.bytesPerSecond
        case .waiting(let error):
            state = .waiting
            bytesPerSecond = nil
            self.error = sentence(error)
        case .verifying: state = .verifying
        case .unpacking: state = .unpacking
        }
    }

    /// - Parameter error: nil when it is installed.
    mutating func end(_ error: InstallError?, atUnix now: Double, _ sentence: (InstallError) -> CodedMessage) {
        bytesPerSecond = nil
        finishedAtUnix = now
        state = error == nil ? .installed : error == .cancelled ? .cancelled : .failed
        self.error = error.map(sentence)
        mayPass = error?.isPassing ?? false
    }

    var members: [String: JSONValue] {
        [
            "state": .string(state.rawValue), "bytes": .integer(bytes), "total_bytes": JSONValue(totalBytes),
            "bytes_per_second": JSONValue(bytesPerSecond), "remaining_seconds": JSONValue(remainingSeconds),
            "attempt": .integer(attempt), "started_at_unix": JSONValue(startedAtUnix),
            "finished_at_unix": JSONValue(finishedAtUnix),
        ].merging(CodedMessage.members("error", error)) { $1 }
    }
}
