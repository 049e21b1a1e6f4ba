import Foundation

/// An address that is told of events, by HTTP.
public struct Webhook: JSONModel, Confidential, Identifiable, CustomStringConvertible, CustomDebugStringConvertible {
    public var id: String
    /// Many services put what lets somebody in into its path, so that it is shown to administrators only.
    public var url: String
    /// What it is signed with; nil while reading an update means "keep the stored one".
    public var secret: Secret?
    public var active: Bool
    /// Of which events it is told.
    public var kinds: [EventKind]

    public static let limit = 16
    static let urlLimit = 2048
    static let secretLimit = 256

    public init(reading reader: ObjectReader) {
        id = reader.optionalID() ?? UUID().uuidString.lowercased()
        url = reader.requiredString("url").trimmed
        secret = reader.optionalSecret("secret")
        reader.ignoreBool("secret_set")
        active = reader.bool("active", default: true)
        let names = reader.optionalStrings("kinds")
        kinds = EventKind.allCases.filter { names?.contains($0.rawValue) ?? true }
        reader.forbidUnknownMembers()
        if reader.has("url"), let problem = Self.problem(with: url) { reader.report(problem, at: "url") }
        if let names, kinds.isEmpty || !names.allSatisfy({ EventKind(rawValue: $0) != nil }) {
            reader.report(
                CodedMessage("webhook_kinds", "Choose one or both of the kinds 'motion' and 'object'."), at: "kinds")
        }
        if let secret, secret.exposed.utf8.count > Self.secretLimit {
            reader.report(
                CodedMessage(
                    "webhook_secret", "A secret has at most \(Self.secretLimit) characters.",
                    ["maximum": .integer(Self.secretLimit)]), at: "secret")
        }
    }

    private static func problem(with url: String) -> CodedMessage? {
        guard url.utf8.count <= urlLimit, !url.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value >= 0x7f }),
            let parts = URLComponents(string: url), ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.port.map({ (1...65535).contains($0) }) ?? true
        else {
            return CodedMessage(
                "webhook_url", "Write the address of a webhook as http://host/path or https://host/path.")
        }
        // It would be stored and shown as a part of the address, and not be sent.
        guard parts.user == nil, parts.password == nil else {
            return CodedMessage(
                "webhook_url_password", "Leave name and password out of the address; give the webhook a secret instead."
            )
        }
        return nil
    }

    public func json(_ form: SecretForm) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "url": .string(url), "active": .bool(active),
            "kinds": .array(kinds.map { .string($0.rawValue) }),
        ]
        members.merge(form.secret("secret", secret)) { $1 }
        return .object(members)
    }

    /// Printed without its address, which may let somebody in.
    public var description: String { "\(id) (\(host))" }
    public var debugDescription: String { description }

    /// Who is told.
    public var host: String { URLComponents(string: url)?.host ?? "" }

    /// The webhook with the secret that an update left out taken from what is stored.
    func keepingSecret(of stored: [Webhook]) -> Webhook {
        var result = self
        result.secret = secret.keeping(stored.first { $0.id == id }?.secret)
        return result
    }
}
