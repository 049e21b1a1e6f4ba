/// How secrets are written into a document.
public enum SecretForm: Sendable {
    /// As they are: for the store, for workers, and for backups that ask for them.
    case plain
    /// Only whether there are any: for everybody else.
    case hidden

    /// The members that tell a password.
    func password(_ password: Secret?) -> [String: JSONValue] { secret("password", password) }

    /// The members that tell a secret of another name.
    func secret(_ name: String, _ secret: Secret?) -> [String: JSONValue] {
        switch self {
        case .plain: [name: JSONValue(secret?.exposed)]
        case .hidden: ["\(name)_set": .bool(secret?.isEmpty == false)]
        }
    }

    /// An address, which may hold a password where some cameras want it.
    func address(_ url: String) -> JSONValue {
        switch self {
        case .plain: .string(url)
        case .hidden: .string(url.redactingCredentials)
        }
    }
}

/// Something configured that has secrets in it. One function writes both of its forms, so that they differ in nothing else.
public protocol Confidential {
    func json(_ form: SecretForm) -> JSONValue
}

extension Confidential {
    /// The whole value with its secrets, for the store and for the worker.
    public var json: JSONValue { json(.plain) }

    /// What an API answer shows: the same without secrets.
    public var publicJSON: JSONValue { json(.hidden) }
}

extension Secret {
    /// Every secret in a value, however deep, and every text that holds one. What is declared later is found too.
    public static func all(in value: Any) -> Set<Secret> {
        switch value {
        case let secret as Secret: [secret]
        case let text as String: text == text.redactingCredentials ? [] : [Secret(text)]
        default:
            Mirror(reflecting: value).children.reduce(into: []) { $0.formUnion(all(in: $1.value)) }
        }
    }
}
