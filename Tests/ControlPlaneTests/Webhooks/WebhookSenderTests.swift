import Foundation
import Logging
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// Webhooks before a receiver of this machine.
@Suite("Webhooks") struct WebhookSenderTests {
    private static let sighting = Sighting(
        id: 7, kind: .motion,
        place: SightingPlace(
            cameraID: "c", cameraName: "Yard", pipelineID: "p", pipelineName: "P", transmissionID: nil),
        startedAtUnix: 1, seenAtUnix: 1, score: 0.5)

    private func webhook(_ url: String, _ members: [String: JSONValue] = [:]) throws -> Webhook {
        try Webhook(json: .object(members.merging(["id": "w", "url": .string(url)]) { $1 }))
    }

    private func until(_ condition: () async -> Bool) async throws {
        // Other tests that begin at the same time keep all cores busy for most of a minute.
        try #require(await eventually(within: .seconds(120), condition))
    }

    @Test func anEventArrivesSigned() async throws {
        let server = try await LocalServer { _ in LocalServer.Reply(status: .noContent) }
        let webhook = try webhook(server.url + "/hook?x=1", ["secret": "key"])
        let sender = WebhookSender { [webhook] }
        await sender.tell(.open, of: Self.sighting)
        await sender.tell(.close, of: Self.sighting)
        try await until { server.requests.count == 2 }
        let request = server.requests[0]
        #expect(request.method == "POST" && request.path == "/hook?x=1" && request.contentType == "application/json")
        let body = try JSONValue(parsing: Data(request.body))
        #expect(body["type"] == "open" && body["event"]?["id"] == 7)
        #expect(server.requests[1].body != request.body)
        // As `openssl dgst -sha256 -hmac key` says of `{}`.
        var empty = WebhookMessage(.open, .null, nowUnix: 0, now: .now)
        empty.body = Data("{}".utf8)
        #expect(
            empty.signature(with: Secret("key"))
                == "sha256=a777724d943eb48dc69bca8a4a6d57a04db3f9ec7e1de4e581e860265bdf3032")
        var sent = empty
        sent.body = Data(request.body)
        #expect(request.signature == sent.signature(with: Secret("key")))
        #expect(request.signature != sent.signature(with: Secret("other")))
        await sender.stop()
    }

    @Test func oneThatFailsIsTriedAgainAndDisturbsNoOther() async throws {
        let tries = Mutex(0)
        let bad = try await LocalServer { _ in
            tries.withLock { tries in
                tries += 1
                return LocalServer.Reply(status: tries < 2 ? .serviceUnavailable : .ok)
            }
        }
        let good = try await LocalServer { _ in LocalServer.Reply() }
        var other = try webhook(good.url)
        other.id = "good"
        let hooks = [try webhook(bad.url), other]
        let sender = WebhookSender { hooks }
        await sender.tell(.open, of: Self.sighting)
        try await until { await sender.queue(of: "good").delivered == 1 }
        try await until { await sender.queue(of: "w").delivered == 1 }
        #expect(tries.withLock { $0 } == 2)
        #expect(bad.requests[0] == bad.requests[1], "the same message")
        await sender.stop()
    }

    @Test func noRedirectIsFollowed() async throws {
        let target = try await LocalServer { _ in LocalServer.Reply() }
        let address = target.url
        let server = try await LocalServer { _ in
            LocalServer.Reply(status: .temporaryRedirect, headers: [("Location", address + "/stolen")])
        }
        let webhook = try webhook(server.url, ["secret": "key"])
        let outcome = await WebhookSender { [webhook] }.test(webhook)
        #expect(outcome == .refused(status: 307))
        #expect(target.requests.isEmpty)
    }

    @Test func oneThatSaysNothingOrIsNotThereHasFailed() async throws {
        let server = try await LocalServer { _ in LocalServer.Reply(length: 10, end: .hold) }
        let sender = WebhookSender { [] }
        // What it says beside the status is not waited for.
        #expect(await sender.test(try webhook(server.url)) == .accepted(status: 200))
        // Nobody listens there: connections are refused.
        let place = try ReservedPort()
        let outcome = await sender.test(try webhook("http://127.0.0.1:\(place.port)/"))
        let problem = try #require(outcome.problem)
        #expect(problem.code == "webhook_unreachable" || problem.code == "webhook_silent")
    }

    @Test func onlyThoseThatWantToKnowAreTold() async throws {
        let server = try await LocalServer { _ in LocalServer.Reply() }
        let hooks = [
            try webhook(server.url + "/off", ["active": false]),
            try webhook(server.url + "/objects", ["kinds": ["object"]]),
            try webhook(server.url + "/motion", ["kinds": ["motion"]]),
        ].enumerated().map { index, webhook in
            var webhook = webhook
            webhook.id = "\(index)"
            return webhook
        }
        let sender = WebhookSender { hooks }
        await sender.tell(.open, of: Self.sighting)
        try await until { !server.requests.isEmpty }
        #expect(server.requests.map(\.path) == ["/motion"])
        await sender.stop()
    }

    @Test func secretsAreKeptAndNotTold() async throws {
        let folder = TemporaryFolder()
        let service = try StreamingService(
            StreamingServiceConfiguration(dataDirectory: folder.path, executable: "/bin/false"),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        func patch(_ webhooks: JSONValue) async throws -> StreamingSettings {
            try await service.patchSettings(["events": ["webhooks": webhooks]]).value
        }
        let made = try await patch([["id": "a", "url": "http://127.0.0.1:1/x", "secret": "hunter2"]])
        let shown = try #require(made.publicJSON["events"]?["webhooks"]?.arrayValue?.first)
        #expect(shown["secret"] == nil && shown["secret_set"] == true && shown["url"] == "http://127.0.0.1:1/x")
        let kept = try await patch([["id": "a", "url": "http://127.0.0.1:2/x", "secret_set": true, "active": false]])
        #expect(kept.events.webhooks.first?.secret == Secret("hunter2"))
        #expect(kept.events.webhooks.first?.active == false)
        let days = try await service.patchSettings(["events": ["keep_days": 3]]).value
        #expect(days.events.webhooks.first?.secret == Secret("hunter2") && days.events.keepDays == 3)
        #expect(try await patch([["id": "a", "url": "http://h/", "secret": ""]]).events.webhooks.first?.secret == nil)
        #expect(!"\(kept.events.webhooks[0])".contains("/x") && !"\(kept.events)".contains("hunter2"))
        for wrong: JSONValue in [
            [["url": "ftp://h/"]], [["url": "http://"]], [["url": "http://user:pass@h/"]], [["url": "http://h/a b"]],
            [["url": "http://h:99999/"]], [["url": "http://h/", "kinds": ["car"]]],
            [["url": "http://h/", "kinds": []]],
            [["url": "http://h/", "other": 1]], [["id": "a", "url": "http://h/"], ["id": "a", "url": "http://h/"]],
            .array(Array(repeating: ["url": "http://h/"], count: 17)), [["id": "a"]],
        ] {
            await #expect(throws: ControlPlaneError.self) { try await patch(wrong) }
        }
        #expect(await service.webhookStates()["webhooks"]?.arrayValue?.first?["state"] == "unused")
        await #expect(throws: ControlPlaneError.self) { try await service.testWebhook(id: "b") }
    }
}
