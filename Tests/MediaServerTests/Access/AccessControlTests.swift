import ConnectionLimits
import EngineContract
import StreamModel
import Testing

@testable import MediaServer

@Suite struct AccessControlTests {
    /// What the control plane writes (contract B.6), with an output user as a hash.
    private static let users = [
        AuthInternalUser(user: "any", permissions: [AuthPermission(action: .read, path: "open")]),
        AuthInternalUser(
            user: "any", ips: ["127.0.0.1", "::1"], permissions: [AuthPermission(action: .api)]),
        AuthInternalUser(
            user: "pub_0123456789ab", pass: "0123456789abcdef0123456789abcdef", ips: ["127.0.0.1", "::1"],
            permissions: [AuthPermission(action: .publish, path: "open")]),
        AuthInternalUser(
            user: HashedCredential.sha256("zoë"), pass: HashedCredential.sha256("p:ä/ß %"),
            permissions: [AuthPermission(action: .read, path: "closed")]),
        AuthInternalUser(
            user: "guard", pass: "night", ips: ["10.0.0.0/8"],
            permissions: [AuthPermission(action: .read, path: "~^gate-[0-9]+$")]),
    ]

    struct Row: Sendable, CustomTestStringConvertible {
        var action: AuthAction
        var path: String
        var address: String
        var user: String?
        var password = ""
        var expected: AccessDecision
        var testDescription: String { "\(action) \(path) from \(address) as \(user ?? "-")" }
    }

    static let rows = [
        Row(action: .read, path: "open", address: "192.0.2.1", expected: .allowed(user: "")),
        // MediaMTX: `any` takes whatever is shown.
        Row(action: .read, path: "open", address: "192.0.2.1", user: "x", password: "y", expected: .allowed(user: "")),
        Row(action: .read, path: "openx", address: "192.0.2.1", expected: .credentialsMissing),
        Row(action: .publish, path: "open", address: "127.0.0.1", expected: .credentialsMissing),
        Row(
            action: .publish, path: "open", address: "127.0.0.1", user: "pub_0123456789ab",
            password: "0123456789abcdef0123456789abcdef", expected: .allowed(user: "pub_0123456789ab")),
        Row(
            action: .publish, path: "open", address: "192.0.2.1", user: "pub_0123456789ab",
            password: "0123456789abcdef0123456789abcdef", expected: .denied),
        Row(
            action: .publish, path: "closed", address: "127.0.0.1", user: "pub_0123456789ab",
            password: "0123456789abcdef0123456789abcdef", expected: .denied),
        Row(
            action: .read, path: "closed", address: "192.0.2.1", user: "zoë", password: "p:ä/ß %",
            expected: .allowed(user: "zoë")),
        Row(action: .read, path: "closed", address: "192.0.2.1", user: "zoë", password: "p:ä/ß", expected: .denied),
        Row(action: .read, path: "closed", address: "192.0.2.1", user: "zoe", password: "p:ä/ß %", expected: .denied),
        Row(
            action: .read, path: "gate-12", address: "10.200.0.1", user: "guard", password: "night",
            expected: .allowed(user: "guard")),
        Row(action: .read, path: "gate-x", address: "10.200.0.1", user: "guard", password: "night", expected: .denied),
        Row(action: .read, path: "gate-12", address: "11.0.0.1", user: "guard", password: "night", expected: .denied),
        Row(action: .api, path: "", address: "::1", expected: .allowed(user: "")),
        Row(action: .api, path: "", address: "::ffff:127.0.0.1", expected: .allowed(user: "")),
        Row(action: .api, path: "", address: "192.0.2.1", expected: .credentialsMissing),
        Row(action: .metrics, path: "", address: "127.0.0.1", expected: .credentialsMissing),
    ]

    @Test(arguments: rows) func decides(_ row: Row) throws {
        let access = try AccessControl(users: Self.users)
        let decision = access.decide(
            AccessRequest(
                action: row.action, path: row.path, address: IPAddress(row.address),
                credentials: row.user.map { .password(user: $0, password: row.password) } ?? .none))
        #expect(decision == row.expected)
    }

    /// What everybody on a network can read has to be open to everybody, not only to who asks.
    @Test func whatIsOpenToAll() throws {
        let access = try AccessControl(
            users: Self.users + [
                AuthInternalUser(user: "any", ips: ["192.0.2.0/24"], permissions: [.init(action: .read, path: "near")]),
                AuthInternalUser(user: "any", permissions: [.init(action: .read, path: "~^hall-[0-9]$")]),
            ])
        for (path, isOpen) in [
            ("open", true), ("hall-1", true), ("closed", false), ("near", false), ("gate-1", false), ("other", false),
        ] {
            #expect(access.isOpenToAll(.read, path: path) == isOpen, "\(path)")
        }
        #expect(!access.isOpenToAll(.publish, path: "open"))
    }

    @Test func addressThatCannotBeReadIsRefused() {
        #expect(throws: AccessControlError.self) {
            try AccessControl(users: [AuthInternalUser(user: "any", ips: ["10.0.0.0/33"], permissions: [])])
        }
        #expect(throws: AccessControlError.self) {
            try AccessControl(users: [
                AuthInternalUser(user: "any", permissions: [AuthPermission(action: .read, path: "~[")])
            ])
        }
    }
}

@Suite struct AccessCredentialsTests {
    /// Whoever leaves out the name is told that it was wrong, and not that nothing was shown.
    @Test(arguments: [
        ("Bearer studio:key", "studio", "key"), ("Bearer studio:k:y", "studio", "k:y"), ("Bearer key", "", "key"),
        ("Basic c3R1ZGlvOmtleQ==", "studio", "key"),
    ])
    func whatAHeaderShows(header: String, user: String, password: String) {
        guard case .password(user, password) = AccessCredentials(authorization: header) else {
            Issue.record("\(header) was not read")
            return
        }
    }

    @Test(arguments: [nil, "", "Bearer", "Digest realm=\"a\""]) func whatShowsNothing(header: String?) {
        guard case .none = AccessCredentials(authorization: header) else {
            Issue.record("\(header ?? "no header") was read")
            return
        }
    }
}

@Suite struct LoginThrottleTests {
    @Test func growsIsBoundedAndForgets() throws {
        var throttle = LoginThrottle()
        let address = try #require(IPAddress("192.0.2.1"))
        let delays = (0..<6).map { throttle.failure(of: address, now: .seconds($0)) }
        #expect(delays == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(4), .seconds(4)])
        #expect(
            throttle.failure(of: address, now: .seconds(5) + LoginThrottle.memory + .seconds(1)) == .milliseconds(500))
    }

    @Test func addressesAreBounded() throws {
        var throttle = LoginThrottle()
        for number in 0..<(LoginThrottle.addressLimit + 100) {
            let address = try #require(IPAddress("10.0.\(number / 256).\(number % 256)"))
            _ = throttle.failure(of: address, now: .milliseconds(number))
        }
        #expect(throttle.addressCount == LoginThrottle.addressLimit)
    }
}
