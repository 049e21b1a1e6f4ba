import StreamModel

extension EngineConfiguration {
    /// Checks what would make MediaMTX refuse the whole file, and end when it reads such a one while it runs (reference:
    /// mediamtx-facts E.2 and E.3).
    ///
    /// - Throws: ``EngineConfigurationError``
    public func validate() throws(EngineConfigurationError) {
        for name in paths.keys.sorted() where !name.hasPrefix("~") {
            if let problem = PathName.problem(with: name) { throw .badPathName(name, problem: problem.text) }
        }
        for user in authInternalUsers {
            guard Self.isCredential(user.user), user.pass.isEmpty || Self.isCredential(user.pass) else {
                throw .badCredential(user: HashedCredential.isHashed(user.user) ? "sha256:…" : user.user)
            }
        }
        if rtspTransports.contains(.multicast) { try validateMulticast() }
        for server in webrtcICEServers2 where !["stun:", "turn:", "turns:"].contains(where: server.url.hasPrefix) {
            throw .wrongValue(key: "webrtcICEServers2", expected: "a list of stun:, turn: and turns: addresses")
        }
    }

    /// Checks where streams go by multicast, which MediaMTX wants to be so as well (gortsplib, `server.go`).
    ///
    /// - Throws: ``EngineConfigurationError``
    public func validateMulticast() throws(EngineConfigurationError) {
        guard let range = MulticastRange(multicastIPRange) else {
            throw .wrongValue(
                key: "multicastIPRange", expected: "a range of multicast addresses such as 224.1.0.0/16")
        }
        guard range.isIPv4 || !multicastInterface.isEmpty else {
            throw .wrongValue(
                key: "multicastInterface", expected: "a network interface's name, which groups of IPv6 need")
        }
        guard !multicastAnnounce || rtsp && rtspEncryption != .strict else {
            throw .wrongValue(
                key: "multicastAnnounce",
                expected: "false where RTSP is off or by TLS alone: what is announced is sent in the clear")
        }
        guard multicastRTPPort % 2 == 0, multicastRTCPPort == multicastRTPPort + 1 else {
            throw .wrongValue(key: "multicastRTPPort", expected: "even, and multicastRTCPPort the next one")
        }
    }

    /// A hash, or a plain text of the characters that MediaMTX knows (`internal/conf/credential.go`).
    private static func isCredential(_ text: String) -> Bool {
        if HashedCredential.isHashed(text) { return true }
        return !text.isEmpty
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!$()*+.;<=>[]^_-{}@#&".contains($0)) }
    }
}
