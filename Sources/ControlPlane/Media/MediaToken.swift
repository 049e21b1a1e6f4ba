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
    /// Whom it was given to; it is good no longer than they are known.
    var holder = Identity.Origin.open
    /// Whether whoever plays asks for more time; else this server gives it, for as long as something is played.
    var isRenewedByPlayer = true
    /// Whether it opens what there is in H.264 for those who can't play the output otherwise.
    var isH264 = false

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
    private static let headLength = MediaToken.ViewerID.byteCount + expiryLength + 1

    /// What the byte before the texts says.
    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let renewedByPlayer = Flags(rawValue: 1)
        static let h264 = Flags(rawValue: 2)
    }

    /// - Parameter clock: the time since some moment; nil is the one since now.
    init(clock: (@Sendable () -> Duration)? = nil) {
        let start = ContinuousClock.now
        self.clock = clock ?? { start.duration(to: .now) }
    }

    /// The time that tokens count in. It goes on when a wall clock is set.
    var now: Duration { clock() }

    /// A new token for a viewer of an output.
    ///
    /// - Parameters: see ``MediaToken``.
    func token(
        for output: ResolvedOutput, holder: Identity.Origin, isRenewedByPlayer: Bool = true, isH264: Bool = false
    ) -> String {
        let token = MediaToken(
            viewer: MediaToken.ViewerID(), expiry: .seconds(now.components.seconds) + MediaToken.lifetime,
            transmissionID: output.transmissionID, outputID: output.outputID, holder: holder,
            isRenewedByPlayer: isRenewedByPlayer, isH264: isH264)
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
        guard content.count > Self.headLength else { return nil }
        let seconds = content[MediaToken.ViewerID.byteCount..<Self.headLength - 1].reduce(0) { $0 << 8 | Int64($1) }
        let texts = content[Self.headLength...].split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        guard texts.count == 3, let transmissionID = String(validating: texts[0], as: UTF8.self),
            let outputID = String(validating: texts[1], as: UTF8.self),
            let holder = String(validating: texts[2], as: UTF8.self).flatMap(Identity.Origin.init(tokenText:))
        else { return nil }
        let flags = Flags(rawValue: content[Self.headLength - 1])
        let token = MediaToken(
            viewer: MediaToken.ViewerID(bytes: Array(content.prefix(MediaToken.ViewerID.byteCount))),
            expiry: .seconds(seconds), transmissionID: transmissionID, outputID: outputID, holder: holder,
            isRenewedByPlayer: flags.contains(.renewedByPlayer), isH264: flags.contains(.h264))
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
        var flags: Flags = []
        if token.isRenewedByPlayer { flags.insert(.renewedByPlayer) }
        if token.isH264 { flags.insert(.h264) }
        return token.viewer.bytes + expiry + [flags.rawValue]
            + [token.transmissionID, token.outputID, token.holder.tokenText].map { Array($0.utf8) }
            .joined(separator: [0])
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

extension Identity.Origin {
    /// As a token has it: a letter for the kind, and the id.
    fileprivate var tokenText: String {
        switch self {
        case .open: "o"
        case .ingress: "i"
        case .session(let id): "s" + id
        case .token(let id): "t" + id
        }
    }

    fileprivate init?(tokenText: String) {
        let id = String(tokenText.dropFirst())
        switch (tokenText.first, id.isEmpty) {
        case ("o", true): self = .open
        case ("i", true): self = .ingress
        case ("s", false): self = .session(id)
        case ("t", false): self = .token(id)
        default: return nil
        }
    }
}
