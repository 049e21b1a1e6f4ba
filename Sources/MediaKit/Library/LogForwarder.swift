internal import CLibAV
internal import StreamModel
internal import Synchronization

/// Carries libav's log lines to one sink: without secrets, joined into whole lines, and rate limited.
struct LogForwarder: Sendable {
    /// How many lines pass in one ``window``; a broken stream logs several lines per packet.
    static let burst = 20
    static let window: Duration = .seconds(10)

    typealias Sink = @Sendable (MediaKit.LogLevel, String) -> Void

    private let sink: Sink
    private var windowStart: MonotonicInstant
    private var forwarded = 0
    private var heldBack = 0

    init(now: MonotonicInstant, sink: @escaping Sink) {
        self.windowStart = now
        self.sink = sink
    }

    /// What to hand to the sink for one line that libav printed at `now`.
    mutating func lines(
        for text: String, level: MediaKit.LogLevel, now: MonotonicInstant
    ) -> [(MediaKit.LogLevel, String)] {
        var result: [(MediaKit.LogLevel, String)] = []
        if now - windowStart >= LogForwarder.window {
            if heldBack > 0 { result.append((.warning, "\(heldBack) more lines of libav were held back")) }
            windowStart = now
            forwarded = 0
            heldBack = 0
        }
        guard forwarded < LogForwarder.burst else {
            heldBack += 1
            return result
        }
        let line = String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        guard !line.isEmpty else { return result }
        forwarded += 1
        result.append((level, line.redactingCredentials))
        return result
    }

    private static let current = Mutex<LogForwarder?>(nil)
    private static let secrets = Mutex<Set<String>>([])
    /// What is shorter stands in many lines that have nothing to do with it.
    private static let shortestSecret = 4

    static func conceal(_ secret: String) {
        guard secret.count >= shortestSecret else { return }
        _ = secrets.withLock { $0.insert(secret) }
    }

    /// The longest first: one may be a part of another.
    static func concealing(_ text: String) -> String {
        secrets.withLock { Array($0) }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: Secret.mask) }
    }

    static func install(minimumLevel: MediaKit.LogLevel, sink: Sink?) {
        current.withLock { $0 = sink.map { LogForwarder(now: .now, sink: $0) } }
        switch minimumLevel {
        case .error: av_log_set_level(AV_LOG_ERROR)
        case .warning: av_log_set_level(AV_LOG_WARNING)
        case .info: av_log_set_level(AV_LOG_INFO)
        case .debug: av_log_set_level(AV_LOG_DEBUG)
        }
        unsafe toposync_av_log_set_handler { level, line in
            guard let line = unsafe line else { return }
            unsafe LogForwarder.forward(String(cString: line), level: MediaKit.LogLevel(libav: level))
        }
    }

    private static func forward(_ text: String, level: MediaKit.LogLevel) {
        // The sink is called outside the lock: it may log by itself, and may be slow.
        let text = concealing(text)
        let (lines, sink) = current.withLock { forwarder in
            (forwarder?.lines(for: text, level: level, now: .now) ?? [], forwarder?.sink)
        }
        for (level, line) in lines { sink?(level, line) }
    }
}

extension MediaKit.LogLevel {
    fileprivate init(libav level: CInt) {
        if level <= AV_LOG_ERROR {
            self = .error
        } else if level <= AV_LOG_WARNING {
            self = .warning
        } else if level <= AV_LOG_INFO {
            self = .info
        } else {
            self = .debug
        }
    }
}
