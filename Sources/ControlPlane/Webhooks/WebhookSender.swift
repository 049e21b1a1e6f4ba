import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import StreamModel

/// Tells webhooks of events: one after the other for each of them, so that one that is away disturbs no other.
actor WebhookSender {
    private struct Line {
        var queue = WebhookQueue()
        var work: Task<Void, Never>?
    }

    static let timeLimit: Duration = .seconds(5)
    /// No redirects: what is signed, and what lets us in, is for the address that was given.
    private static let http = HTTPClient.ofPeer { $0.timeout.connect = .seconds(5) }

    private let webhooks: @Sendable () -> [Webhook]
    private var lines: [String: Line] = [:]
    private var isStopped = false

    /// - Parameter webhooks: those of the settings, as they are now.
    init(webhooks: @escaping @Sendable () -> [Webhook]) { self.webhooks = webhooks }

    /// Has an event told to those who want to know of its kind.
    func tell(_ kind: WebhookMessage.Kind, of sighting: Sighting) {
        guard !isStopped else { return }
        let webhooks = webhooks()
        for (id, line) in lines where !webhooks.contains(where: { $0.id == id }) {
            line.work?.cancel()
            lines[id] = nil
        }
        let told = webhooks.filter { $0.active && $0.kinds.contains(sighting.kind) }
        guard !told.isEmpty else { return }
        let message = WebhookMessage(
            kind, sighting.json, nowUnix: Date().timeIntervalSince1970, now: .now)
        for webhook in told {
            lines[webhook.id, default: Line()].queue.add(message)
            work(webhook.id)
        }
    }

    /// Sends something to see whether it arrives, at once and once.
    func test(_ webhook: Webhook) async -> WebhookQueue.Outcome {
        await Self.send(
            WebhookMessage(.test, .null, nowUnix: Date().timeIntervalSince1970, now: .now), to: webhook)
    }

    func queue(of id: String) -> WebhookQueue { lines[id]?.queue ?? WebhookQueue() }

    /// Sends nothing any more.
    func stop() {
        isStopped = true
        for line in lines.values { line.work?.cancel() }
    }

    private func work(_ id: String) {
        guard lines[id]?.work == nil else { return }
        lines[id]?.work = Task {
            while !Task.isCancelled, await self.makeStep(id) {}
        }
    }

    /// - Returns: false when there is nothing more to do.
    private func makeStep(_ id: String) async -> Bool {
        guard let webhook = webhooks().first(where: { $0.id == id }), webhook.active,
            let step = lines[id]?.queue.step(at: .now)
        else {
            lines[id] = nil
            return false
        }
        switch step {
        case .rest:
            lines[id]?.work = nil
            return false
        case .wait(let until):
            return (try? await Task.sleep(until: until, clock: .continuous)) != nil
        case .send(let message):
            let outcome = await Self.send(message, to: webhook)
            guard !Task.isCancelled else { return false }
            lines[id]?.queue.finish(message, outcome, at: .now, nowUnix: Date().timeIntervalSince1970)
            return true
        }
    }

    private static func send(_ message: WebhookMessage, to webhook: Webhook) async -> WebhookQueue.Outcome {
        var request = HTTPClientRequest(url: webhook.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "toposync-streaming")
        request.headers.add(name: "X-Toposync-Event", value: message.kind.rawValue)
        request.headers.add(name: "X-Toposync-Delivery", value: message.id)
        if let secret = webhook.secret, !secret.isEmpty {
            request.headers.add(name: WebhookMessage.signatureHeader, value: message.signature(with: secret))
        }
        request.body = .bytes(ByteBuffer(bytes: message.body))
        do {
            // The body of the answer says nothing to us; its connection ends with it.
            let response = try await http.execute(
                request, timeout: .seconds(timeLimit.components.seconds))
            return WebhookQueue.Outcome(status: Int(response.status.code))
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .connectTimeout {
            return .failed(
                CodedMessage(
                    "webhook_silent", "The receiver did not answer within \(timeLimit.components.seconds) s.",
                    ["seconds": .integer(Int(timeLimit.components.seconds))]))
        } catch {
            return .failed(
                CodedMessage(
                    "webhook_unreachable", "The receiver '\(webhook.host)' could not be reached.",
                    ["host": .string(webhook.host)]))
        }
    }
}
