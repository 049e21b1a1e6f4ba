import StreamModel

extension StreamingService {
    /// How it goes with each webhook: the answer of `GET /api/webhooks`.
    public func webhookStates() async -> JSONValue {
        var states: [JSONValue] = []
        for webhook in store.current.settings.events.webhooks {
            let queue = await webhooks.queue(of: webhook.id)
            states.append([
                "id": .string(webhook.id), "state": .string(queue.state.rawValue),
                "waiting": .integer(queue.waiting.count), "delivered": .integer(queue.delivered),
                "lost": .integer(queue.lost), "last_delivered_at_unix": JSONValue(queue.lastDeliveredAtUnix),
                "problem": queue.lastProblem?.json ?? .null,
            ])
        }
        return ["webhooks": .array(states)]
    }

    /// Sends a message to a webhook, also to one that is switched off, and says whether it arrived.
    /// - Throws: 404
    public func testWebhook(id: String) async throws(ControlPlaneError) -> JSONValue {
        guard let webhook = store.current.settings.events.webhooks.first(where: { $0.id == id }) else {
            throw .notFound(CodedMessage("webhook_gone", "There is no such webhook."))
        }
        let problem = await webhooks.test(webhook).problem
        return ["arrived": .bool(problem == nil), "problem": problem?.json ?? .null]
    }

    /// Tells webhooks what became of an event. That it gets better is not worth a message.
    static func tell(_ webhooks: WebhookSender, _ change: SightingTracker.Change, hasNewStill: Bool) async {
        switch change {
        case .opened(let sighting): await webhooks.tell(.open, of: sighting)
        case .updated(let sighting) where hasNewStill: await webhooks.tell(.update, of: sighting)
        case .updated: break
        case .closed(let sighting): await webhooks.tell(.close, of: sighting)
        }
    }
}
