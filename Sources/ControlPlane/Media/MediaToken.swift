import Crypto
import Foundation
import StreamModel

/// What a token in the path of an address says: that its bearer may watch one output for some minutes.
///
/// In the path, because a browser's own player sends neither headers nor, from every place, cookies; and because the
/// addresses in playlists are relative, so that segments carry it along by themselves.
struct MediaToken: Hashable, Sendable {
    /// Names one viewer: who watches twice has two.
    var viewer: ViewerID
    /// Until when it is good unless it is renewed, since the key was made.
    var expiry: Duration
    var transmissionID: String
    var outputID: String

    /// 128 random bits.
    struct ViewerID: Hashable, Sendable, CustomStringConvertible {
        static let byteCount = 16
        let bytes: [UInt8]

        init(bytes: [UInt8] = RandomToken.bytes(byteCount)) { self.bytes = bytes }

        /// Hexadecimal: what the built-in engine takes for the name of a session.
        var description: String { bytes.hexadecimal }
    }

    static let lifetime: Duration = .seconds(180)
    /// Longer texts are no tokens, for identifiers are bounded.
    static let maximumLength = 4096
}

/// Makes and checks media tokens: HMAC-SHA256 (RFC 2104) over what they say.
///
/// The key is made at each start and stays in memory. Tokens live for minutes and players ask for new ones by themselves,
/// so that a key on the disk would spare nobody anything, and would be one more thing to protect and to back up.
struct MediaTokens: Sendable {
    private let key = SymmetricKey(size: .bits256)
    private let clock: @Sendable () -> Duration

    private static let tagLength = 32
    private static let expiryLength = 4

    /// - Parameter clock: the time since some moment; nil is the one since now.
    init(clock: (@Sendable () -> Duration)? = nil) {
        let start = ContinuousClock.now
        self.clock = clock ?? { start.duration(to: .now) }
    }

    /// The time that tokens count in. It goes on when a wall clock is set.
    var now: Duration { clock() }

    /// A new token for a viewer of an output.
    func token(for output: ResolvedOutput) -> String {
        let token = MediaToken(
            viewer: MediaToken.ViewerID(), expiry: .seconds(now.components.seconds) + MediaToken.lifetime,
            transmissionID: output.transmissionID, outputID: output.outputID)
        let content = Self.content(of: token)
        let tag = HMAC<SHA256>.authenticationCode(for: Self.message(content, about: output), using: key)
        return Self.base64URL(content + tag)
    }

    /// What a text says, with what shows whether we made it.
    struct Claim: Sendable {
        var token: MediaToken
        fileprivate var content: [UInt8]
        fileprivate var tag: [UInt8]
    }

    /// What a text says, if it is a token at all. Nothing of it is to be believed before ``isGenuine(_:for:)``.
    func claim(in text: String) -> Claim? {
        guard let bytes = Self.bytes(text) else { return nil }
        let content = Array(bytes.dropLast(Self.tagLength))
        let head = MediaToken.ViewerID.byteCount + Self.expiryLength
        guard content.count > head else { return nil }
        let seconds = content[MediaToken.ViewerID.byteCount..<head].reduce(0) { $0 << 8 | Int64($1) }
        let name = content[head...].split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        guard name.count == 2, let transmissionID = String(validating: name[0], as: UTF8.self),
            let outputID = String(validating: name[1], as: UTF8.self)
        else { return nil }
        let token = MediaToken(
            viewer: MediaToken.ViewerID(bytes: Array(content.prefix(MediaToken.ViewerID.byteCount))),
            expiry: .seconds(seconds), transmissionID: transmissionID, outputID: outputID)
        return Claim(token: token, content: content, tag: Array(bytes.suffix(Self.tagLength)))
    }

    /// Whether we made the token for this output as it is now. Compares in constant time.
    func isGenuine(_ claim: Claim, for output: ResolvedOutput) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            claim.tag, authenticating: Self.message(claim.content, about: output), using: key)
    }

    private static func content(of token: MediaToken) -> [UInt8] {
        let seconds = UInt32(clamping: token.expiry.components.seconds)
        let expiry = (0..<expiryLength).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * UInt32($0))) }
        return token.viewer.bytes + expiry + Array(token.transmissionID.utf8) + [0] + Array(token.outputID.utf8)
    }

    /// What is authenticated: the token, and what the output is now. With another path or another password it is another
    /// output, which the token does not open.
    private static func message(_ content: some Sequence<UInt8>, about output: ResolvedOutput) -> Data {
        var message = Data(content)
        for part in [
            output.enginePath, output.credentials?.username ?? "", output.credentials?.password.exposed ?? "",
        ] {
            let bytes = Array(part.utf8)
            unsafe withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { unsafe message.append(contentsOf: $0) }
            message.append(contentsOf: bytes)
        }
        return message
    }

    // MARK: base64url without padding (RFC 4648 §5)

    private static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= MediaToken.maximumLength,
            text.utf8.allSatisfy(\.isMediaNameByte)
        else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: plain), data.count > tagLength else { return nil }
        return Array(data)
    }
}
