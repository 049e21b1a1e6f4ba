/// What the checks of one side of a session are known by (RFC 8445 §5.3).
public struct ICECredentials: Sendable, Equatable, CustomStringConvertible {
    public let usernameFragment: String
    public let password: String

    public init(usernameFragment: String, password: String) {
        self.usernameFragment = usernameFragment
        self.password = password
    }

    /// New ones: 48 and 144 bits of chance, where 24 and 128 are asked for.
    public static func random() -> ICECredentials {
        ICECredentials(usernameFragment: randomText(8), password: randomText(24))
    }

    /// RFC 8839 §5.4: letters, digits, `+` and `/`.
    private static func randomText(_ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<count / 4 * 3).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Base64.encode(bytes)
    }

    public var description: String { "\(usernameFragment) (password hidden)" }
}
