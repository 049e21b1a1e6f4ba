/// The `Session` header (RFC 2326 §12.37), e.g. `47112344;timeout=60`.
public struct RTSPSessionHeader: Sendable, Equatable, CustomStringConvertible {
    /// The timeout that holds when a server names none.
    public static let defaultTimeoutSeconds = 60

    public var id: String
    /// Seconds without a request after which the server may close the session; nil when not said.
    public var timeoutSeconds: Int?

    public init(id: String, timeoutSeconds: Int? = nil) {
        self.id = id
        self.timeoutSeconds = timeoutSeconds
    }

    /// More is as good as no timeout, and is not added to any clock.
    private static let longestTimeoutSeconds = 86_400

    /// Reads a header value. A timeout that is not a number is ignored.
    public init(parsing value: String) throws(RTSPHeaderError) {
        let parts = value.split(at: ";", maxSplits: 8).map { $0.trimmingASCIIWhitespace() }
        guard let id = parts.first, !id.isEmpty else { throw RTSPHeaderError(header: "Session", value: value) }
        self.id = id
        timeoutSeconds =
            parts.dropFirst().lazy.compactMap { part in
                let (name, seconds) = HeaderText.parameter(part)
                return name == "timeout"
                    ? Int(seconds).flatMap { $0 > 0 ? min($0, Self.longestTimeoutSeconds) : nil } : nil
            }.first
    }

    public var description: String {
        timeoutSeconds.map { "\(id);timeout=\($0)" } ?? id
    }
}
