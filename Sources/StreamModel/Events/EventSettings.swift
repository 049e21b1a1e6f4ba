/// How long the log of events is kept, how much of it, and who is told of events.
public struct EventSettings: JSONModel, Confidential {
    public var keepDays: Int
    /// Events at most; the oldest go first.
    public var maximumCount: Int
    /// Of their pictures together.
    public var maximumMegabytes: Int
    public var webhooks: [Webhook]

    public static let keepDaysRange = 1...365
    public static let countRange = 100...100_000
    public static let megabytesRange = 10...1_000

    public init() {
        self.init(reading: ObjectReader([:], at: [], issues: IssueList()))
    }

    public init(reading reader: ObjectReader) {
        keepDays = reader.integer("keep_days", in: Self.keepDaysRange, default: 14)
        maximumCount = reader.integer("max_count", in: Self.countRange, default: 10_000)
        maximumMegabytes = reader.integer("max_megabytes", in: Self.megabytesRange, default: 100)
        webhooks = reader.objects("webhooks", limit: Webhook.limit).map(Webhook.init(reading:))
        reader.forbidUnknownMembers()
        if Set(webhooks.map(\.id)).count < webhooks.count {
            reader.report(CodedMessage("webhook_twice", "Two webhooks have the same id."), at: "webhooks")
        }
    }

    public func json(_ form: SecretForm) -> JSONValue {
        [
            "keep_days": .integer(keepDays), "max_count": .integer(maximumCount),
            "max_megabytes": .integer(maximumMegabytes), "webhooks": .array(webhooks.map { $0.json(form) }),
        ]
    }

    /// The settings with the secrets that an update left out taken from what is stored.
    func keepingSecrets(of stored: EventSettings) -> EventSettings {
        var result = self
        result.webhooks = webhooks.map { $0.keepingSecret(of: stored.webhooks) }
        return result
    }
}
