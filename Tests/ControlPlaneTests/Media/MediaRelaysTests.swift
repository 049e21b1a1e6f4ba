import Foundation
import NIOCore
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// What a viewer is sent without asking again ends with the access that it was begun with.
@Suite(.timeLimit(.minutes(3))) struct MediaRelaysTests {
    private let folder = TemporaryFolder()
    private let endpoint = EngineEndpoint()
    private let now = State(Duration.seconds(1000))
    private let known = State<Set<Identity.Origin>>([.session("ann"), .session("bob")])
    private let store: ConfigurationStore

    private final class State<Value: Sendable>: Sendable {
        private let mutex: Mutex<Value>
        init(_ value: Value) { mutex = Mutex(value) }
        var value: Value {
            get { mutex.withLock { $0 } }
            set { mutex.withLock { $0 = newValue } }
        }
    }

    init() throws { store = try ConfigurationStore(path: folder.path + "/store.sqlite") }

    private static func door(_ password: String = "first", enabled: Bool = true) throws -> Transmission {
        try Sample.transmission(
            "door",
            outputs: [
                [
                    "id": "w", "protocol": "webrtc",
                    "authentication": ["enabled": true, "username": "ana", "password": .string(password)],
                ]
            ], enabled: enabled)
    }

    private func gateway(_ engine: LocalServer, _ kind: EngineKind = .builtin) async throws -> MediaGateway {
        try await store.update { $0.transmissions = [try Self.door()] }
        endpoint.set(kind, port: engine.port)
        return MediaGateway(
            store: store,
            engine: EngineMedia(endpoint: endpoint, reader: EngineReader(user: "me", password: Secret("x"))),
            tokens: MediaTokens(clock: { [now] in now.value }),
            stillHolds: { [known] in known.value.contains($0) })
    }

    /// Names sessions `s1`, `s2` … as they are begun.
    private func engine(
        beforeAnswer: @escaping @Sendable () -> Void = {}, has: @escaping @Sendable () -> Bool = { true }
    ) async throws -> LocalServer {
        let count = Mutex(0)
        return try await LocalServer { request in
            guard request.method == "POST", request.path.hasSuffix("/whep") else {
                let isThere = !request.path.contains("/webrtcsessions/get/") || has()
                return LocalServer.Reply(status: isThere ? .ok : .notFound, body: Array("{}".utf8))
            }
            let number = count.withLock { count in
                count += 1
                return count
            }
            beforeAnswer()
            return LocalServer.Reply(
                status: .created, headers: [("Location", "/door/whep/s\(number)"), ("ID", "id\(number)")],
                body: Array("answer".utf8))
        }
    }

    private func token(_ gateway: MediaGateway, _ holder: Identity.Origin = .session("ann")) throws -> String {
        let output = try #require(gateway.output(onPath: "door"))
        let url = try #require(gateway.address(of: output, for: holder)?.url)
        return String(url.split(separator: "/")[2])
    }

    private func offer(_ gateway: MediaGateway, _ token: String) async throws {
        _ = try await gateway.signal(
            .offer, token: token, MediaRequest(body: ByteBuffer(string: "offer"), address: "127.0.0.1"))
    }

    private func ended(_ engine: LocalServer) -> [String] {
        engine.requests.filter { $0.method == "DELETE" }.compactMap {
            $0.path.split(separator: "/").last.map(String.init)
        }
        .sorted()
    }

    private func expectEnded(_ names: [String], by engine: LocalServer) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ended(engine) != names {
            try #require(ContinuousClock.now < deadline, "\(ended(engine))")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func look(_ gateway: MediaGateway) async {
        await gateway.accessChanged()
        await gateway.settle()
    }

    enum Change: CaseIterable { case signedOut, otherPassword, disabled, removed, tokenIsOver, left }

    @Test(arguments: Change.allCases)
    func aSessionEndsWithItsAccess(_ change: Change) async throws {
        let engine = try await engine()
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        try await offer(gateway, token)
        await look(gateway)
        #expect(ended(engine).isEmpty)
        switch change {
        case .signedOut: known.value = [.session("bob")]
        case .otherPassword: try await store.update { $0.transmissions = [try Self.door("second")] }
        case .disabled: try await store.update { $0.transmissions = [try Self.door(enabled: false)] }
        case .removed: try await store.update { $0.transmissions = [] }
        case .tokenIsOver: now.value += MediaToken.lifetime
        case .left: try await gateway.end(token)
        }
        await look(gateway)
        try await expectEnded(["s1"], by: engine)
        #expect(engine.requests.contains { $0.method == "DELETE" && $0.path == "/door/whep/s1" })
        // Nothing of it is left to be ended again, and nothing more is begun.
        await look(gateway)
        #expect(ended(engine) == ["s1"])
        await #expect(throws: ControlPlaneError.mediaTokenIsOver) { try await offer(gateway, token) }
    }

    @Test func othersGoOn() async throws {
        let engine = try await engine()
        let gateway = try await gateway(engine)
        try await offer(gateway, try token(gateway))
        let bobs = try token(gateway, .session("bob"))
        try await offer(gateway, bobs)
        known.value = [.session("bob")]
        await look(gateway)
        try await expectEnded(["s1"], by: engine)
        now.value += .seconds(170)
        _ = try await gateway.renew(bobs)
        now.value += .seconds(170)
        await look(gateway)
        #expect(ended(engine) == ["s1"], "a token that is renewed goes on")
        // Who has said goodbye is not ended once more.
        _ = try await gateway.signal(.goodbye, token: bobs, session: "s2", MediaRequest())
        now.value += .seconds(170)
        await look(gateway)
        #expect(ended(engine) == ["s1", "s2"])
    }

    @Test func aSessionThatBeginsWhileItsAccessEndsIsEnded() async throws {
        let known = known
        let engine = try await engine(beforeAnswer: { known.value = [] })
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        await #expect(throws: ControlPlaneError.mediaTokenIsOver) { try await offer(gateway, token) }
        try await expectEnded(["s1"], by: engine)
    }

    @Test func nobodyReachesTheSessionOfAnother() async throws {
        let engine = try await engine()
        let gateway = try await gateway(engine)
        try await offer(gateway, try token(gateway))
        let bobs = try token(gateway, .session("bob"))
        for signal in [MediaSignal.goodbye, .fragment] {
            await #expect(throws: ControlPlaneError.mediaGone("There is no such session.")) {
                _ = try await gateway.signal(signal, token: bobs, session: "s1", MediaRequest())
            }
        }
        #expect(engine.requests.count == 1)
    }

    @Test func aPlayerThatBeginsAnewLosesItsOldestSession() async throws {
        let engine = try await engine()
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        for _ in 0..<MediaViewers.relayLimitPerViewer { try await offer(gateway, token) }
        #expect(ended(engine).isEmpty)
        try await offer(gateway, token)
        try await expectEnded(["s1"], by: engine)
    }

    /// go2rtc's player closes its WebSocket once it has a picture, and renews nothing.
    @Test func whatAHiddenTokenBeganIsRenewedWhileTheEngineHasIt() async throws {
        let isThere = State(true)
        let engine = try await engine(has: { isThere.value })
        let gateway = try await gateway(engine, .mediamtx)
        let output = try #require(gateway.output(onPath: "door"))
        let token = gateway.hiddenToken(for: output, holder: .session("ann"))
        _ = try await gateway.answer(toOffer: "offer", token: token, address: "127.0.0.1")
        for _ in 0..<10 {
            now.value += .seconds(130)
            await look(gateway)
            try await gateway.check(token)
        }
        #expect(ended(engine).isEmpty)
        #expect(engine.requests.last?.path == "/v3/webrtcsessions/get/id1")
        isThere.value = false
        now.value += .seconds(181)
        await look(gateway)
        try await expectEnded(["s1"], by: engine)
        // Not even so for ever.
        isThere.value = true
        let second = gateway.hiddenToken(for: output, holder: .session("ann"))
        _ = try await gateway.answer(toOffer: "offer", token: second, address: "127.0.0.1")
        let begun = now.value
        while ended(engine).count == 1, now.value - begun < MediaViewers.longestLife * 2 {
            now.value += .seconds(100)
            await look(gateway)
            guard (try? await gateway.check(second)) != nil else { break }
        }
        #expect(now.value - begun <= MediaViewers.longestLife + .seconds(100))
        try await expectEnded(["s1", "s2"], by: engine)
    }

    @Test func aWebSocketEndsWithItsAccess() async throws {
        let gateway = try await gateway(try await engine())
        let token = try token(gateway)
        let ends = State(0)
        func socket() async throws -> MediaHold { try await gateway.hold(token) { ends.value += 1 } }
        var kept: MediaHold? = try await socket()
        let left = try await socket()
        withExtendedLifetime(left) {}
        withExtendedLifetime(kept) {}
        kept = nil
        let stays = try await socket()
        known.value = []
        await look(gateway)
        while ends.value == 0 { try await Task.sleep(for: .milliseconds(5)) }
        withExtendedLifetime(stays) {}
        await #expect(throws: ControlPlaneError.mediaTokenIsOver) { _ = try await socket() }
    }

    /// Without a change that would be told of.
    @Test func timeAloneEndsASession() async throws {
        let engine = try await engine()
        let gateway = try await gateway(engine)
        let token = try token(gateway)
        // A tenth of a second before its end.
        now.value += MediaToken.lifetime - .milliseconds(100)
        try await offer(gateway, token)
        now.value += .milliseconds(100)
        try await expectEnded(["s1"], by: engine)
    }
}
