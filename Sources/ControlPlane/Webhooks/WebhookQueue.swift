import StreamModel

/// What waits for one webhook, and how it went: a value without clock and network.
struct WebhookQueue: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What became of a try.
    enum Outcome: Hashable, Sendable {
        case accepted(status: Int)
        /// It won't have it, however often it is sent.
        case refused(status: Int)
        /// It may have it later.
        case failed(CodedMessage)

        /// - Parameter status: of the answer (RFC 9110, 15).
        init(status: Int) {
            switch status {
            case 200..<300: self = .accepted(status: status)
            case 408, 425, 429, 500...: self = .failed(.webhookAnswered(status))
            // A redirect, too: what is sent is for this address.
            default: self = .refused(status: status)
            }
        }

        var problem: CodedMessage? {
            switch self {
            case .accepted: nil
            case .refused(let status): .webhookAnswered(status)
            case .failed(let message): message
            }
        }
    }

    enum Step: Hashable, Sendable {
        case send(WebhookMessage)
        case wait(until: Instant)
        case rest
    }

    /// Messages that wait; the oldest go first.
    static let capacity = 100
    /// What could not be delivered for so long is given up.
    static let patience: Duration = .seconds(300)
    static let longestPause: Duration = .seconds(60)

    private(set) var waiting: [WebhookMessage] = []
    private(set) var delivered = 0
    /// Refused, given up, or without room.
    private(set) var lost = 0
    private(set) var lastProblem: CodedMessage?
    private(set) var lastDeliveredAtUnix: Double?
    private var failuresInARow = 0
    private var retryAt: Instant?

    mutating func add(_ message: WebhookMessage) {
        waiting.append(message)
        guard waiting.count > Self.capacity else { return }
        waiting.removeFirst()
        lost += 1
    }

    func step(at now: Instant) -> Step {
        guard let first = waiting.first else { return .rest }
        if let retryAt, retryAt > now { return .wait(until: retryAt) }
        return .send(first)
    }

    /// Takes what became of a message. One that had to make room meanwhile is counted already.
    mutating func finish(_ message: WebhookMessage, _ outcome: Outcome, at now: Instant, nowUnix: Double) {
        lastProblem = outcome.problem
        retryAt = nil
        switch outcome {
        case .accepted:
            failuresInARow = 0
            delivered += 1
            lastDeliveredAtUnix = nowUnix
            waiting.removeAll { $0.id == message.id }
        case .refused:
            failuresInARow = 0
            let count = waiting.count
            waiting.removeAll { $0.id == message.id }
            lost += count - waiting.count
        case .failed:
            failuresInARow += 1
            let pause = min(Self.longestPause, .seconds(1 << min(failuresInARow - 1, 10)))
            retryAt = now + pause
            let count = waiting.count
            waiting.removeAll { $0.madeAt.duration(to: now) >= Self.patience }
            lost += count - waiting.count
        }
    }

    var state: WebhookState {
        guard lastProblem != nil else { return lastDeliveredAtUnix == nil ? .unused : .working }
        return waiting.isEmpty ? .failed : .retrying
    }
}

/// How it goes with a webhook.
public enum WebhookState: String, CaseIterable, Sendable {
    /// Nothing was sent yet.
    case unused
    case working
    case retrying
    /// What was sent last did not arrive, and is not sent again.
    case failed
}

extension CodedMessage {
    static func webhookAnswered(_ status: Int) -> Self {
        Self("webhook_answered", "The receiver answered with the status \(status).", ["status": .integer(status)])
    }
}
