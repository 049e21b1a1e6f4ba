internal import CLibAV

/// The library as a whole: start-up and logging.
public enum MediaKit {
    /// How serious one of libav's log lines is.
    public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
        case error, warning, info, debug

        public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
    }

    /// Prepares libav. Call once, before anything else of this module; later calls only replace the sink.
    ///
    /// `sink` gets libav's log lines of `minimumLevel` and above with secrets removed, at most
    /// ``LogForwarder/burst`` in any ten seconds. It is called on whatever thread libav logs from and must not block.
    /// Throws `.unsupported` when the libraries that were loaded are not of the major versions compiled against.
    public static func start(
        minimumLevel: LogLevel = .warning,
        sink: (@Sendable (LogLevel, String) -> Void)? = nil
    ) throws(MediaError) {
        for library in libraries where library.loaded >> 16 != library.compiled >> 16 {
            throw MediaError(
                kind: .unsupported,
                operation: "start",
                subject: library.name,
                reason: "version \(dotted(library.loaded)) is installed but \(dotted(library.compiled)) is needed; "
                    + "install the Debian packages that this build was made for"
            )
        }
        _ = registered
        LogForwarder.install(minimumLevel: minimumLevel, sink: sink)
    }

    /// Masks a secret that libav is told, wherever it writes it into a line of its log.
    public static func conceal(_ secret: String) { LogForwarder.conceal(secret) }

    /// The loaded libraries and their versions, for one line of the start-up log.
    public static var versions: String {
        libraries.map { "\($0.name) \(dotted($0.loaded))" }.joined(separator: ", ")
    }

    /// Runs once. libav's own printing to stderr, which would show passwords, ends with it; so every type that makes libav
    /// work calls ``ensureRegistered()`` first.
    private static let registered: Void = {
        avformat_network_init()
        LogForwarder.install(minimumLevel: .error, sink: nil)
    }()

    static func ensureRegistered() { _ = registered }

    private static var libraries: [(name: String, loaded: UInt32, compiled: UInt32)] {
        [
            ("libavcodec", avcodec_version(), toposync_avcodec_header_version),
            ("libavformat", avformat_version(), toposync_avformat_header_version),
            ("libavutil", avutil_version(), toposync_avutil_header_version),
            ("libswresample", swresample_version(), toposync_swresample_header_version),
            ("libswscale", swscale_version(), toposync_swscale_header_version),
        ]
    }

    private static func dotted(_ version: UInt32) -> String {
        "\(version >> 16).\(version >> 8 & 0xff).\(version & 0xff)"
    }
}
