/// How programs send to inputs by SRT.
public struct SRTSettings: Hashable, Sendable, Confidential {
    /// With which they encrypt what they send; nil is in the clear. Nil while reading an update means "keep the stored one".
    public var passphrase: Secret?
    /// For which packets wait so that those that got lost can come again. The built-in engine alone follows it, and a program
    /// that asks for more gets it.
    public var latencyMilliseconds = 120

    static let latencyRangeMilliseconds = 20...8000

    public init() {}

    init(reading reader: ObjectReader) {
        passphrase = reader.optionalSecret("passphrase")
        reader.ignoreBool("passphrase_set")
        latencyMilliseconds = reader.integer(
            "latency_ms", in: Self.latencyRangeMilliseconds, default: SRTSettings().latencyMilliseconds)
        reader.forbidUnknownMembers()
        if let problem = SRTPassphrase.problem(with: passphrase) { reader.report(problem, at: "passphrase") }
    }

    /// The settings with the passphrase that an update left out taken from what is stored.
    func keepingSecrets(of stored: SRTSettings) -> SRTSettings {
        var result = self
        result.passphrase = passphrase.keeping(stored.passphrase)
        return result
    }

    public func json(_ form: SecretForm) -> JSONValue {
        .object(form.secret("passphrase", passphrase).merging(["latency_ms": .integer(latencyMilliseconds)]) { $1 })
    }
}

/// With which both ends of SRT encrypt.
enum SRTPassphrase {
    /// Bytes, of libsrt (`SRTO_PASSPHRASE`).
    static let lengthRange = 10...79

    /// What is wrong with one, as a sentence; an empty one takes away what is stored.
    static func problem(with passphrase: Secret?) -> CodedMessage? {
        guard let passphrase, !passphrase.isEmpty, !lengthRange.contains(passphrase.exposed.utf8.count) else {
            return nil
        }
        return CodedMessage(
            "destination_passphrase",
            "A passphrase of SRT has \(lengthRange.lowerBound) to \(lengthRange.upperBound) characters.",
            ["minimum": .integer(lengthRange.lowerBound), "maximum": .integer(lengthRange.upperBound)])
    }
}
