import ControlPlane
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import StreamModel
import Synchronization
import Testing

@testable import WebServer

@Suite("Events")
struct EventTests {
    /// Keeps what is written, and fails from then on when a client has left.
    private struct Writer: ResponseBodyWriter {
        final class Log: Sendable {
            let text = Mutex("")
            let hasLeft = Mutex(false)
            func contains(_ part: String) -> Bool { text.withLock { $0.contains(part) } }
        }
        struct Left: Error {}

        let log: Log

        mutating func write(_ buffer: ByteBuffer) async throws {
            if log.hasLeft.withLock({ $0 }) { throw Left() }
            log.text.withLock { $0 += String(buffer: buffer) }
        }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
            log.text.withLock { $0 += "[end]" }
        }
    }

    private static func service() throws -> StreamingService {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let folder = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID().uuidString)").path
        return try StreamingService(
            StreamingServiceConfiguration(dataDirectory: folder, executable: "/bin/false"), logger: logger)
    }

    /// A client that does not leave.
    private static let stays: @Sendable () async -> Void = { try? await Task.sleep(for: .seconds(3600)) }

    private func until(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    @Test("Without following, the answer is the whole state and ends")
    func once() async throws {
        try await WebServerFixture().test { client in
            let answer = try await client.send(.get, "/api/events?follow=false")
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/event-stream")
            #expect(answer.headers[.contentLength] == nil)
            let text = String(buffer: answer.body)
            #expect(text.hasPrefix("retry: 2000\n\nid: "))
            let data = try #require(text.split(separator: "\n").first { $0.hasPrefix("data: ") }?.dropFirst(6))
            let state = try JSONValue(parsing: Data(data.utf8))
            #expect(state["engine"]?["state"] == "stopped")
            #expect(state["output_keys"] == [])
            #expect(state["workers"] == [])
            #expect(state["findings"] == [])
            #expect(state["revision"]?.integerValue != nil)
            #expect(text.contains("event: state\n"))
        }
    }

    @Test("A client hears of a change, is kept alive, and is let go at the end")
    func follows() async throws {
        let service = try Self.service()
        let log = Writer.Log()
        let follower = try await service.followState(as: .admin, from: "")
        let stream = EventStream(
            follower: follower, departure: Self.stays, isAllowed: { true }, keepAliveInterval: .milliseconds(60))
        let writing = Task {
            try await stream.body.write(Writer(log: log))
        }
        try await until { log.contains("event: state\n") }
        try await until { log.contains(": nothing new\nevent: alive\n") }
        follower.end()
        try await writing.value
        #expect(log.contains("[end]"))
    }

    @Test("Who was signed out hears no more")
    func signedOut() async throws {
        let service = try Self.service()
        let log = Writer.Log()
        let stream = EventStream(
            follower: try await service.followState(as: .viewer, from: ""), departure: Self.stays, isAllowed: { false },
            keepAliveInterval: .milliseconds(60))
        try await stream.body.write(Writer(log: log))
        #expect(log.contains("event: state\n") && log.contains("[end]"))
    }

    @Test("The events end when the client leaves, though nothing is written to it")
    func leaves() async throws {
        let log = Writer.Log()
        let (departure, client) = AsyncStream<Void>.makeStream()
        let stream = EventStream(
            follower: try await Self.service().followState(as: .viewer, from: ""),
            departure: { for await _ in departure {} },
            isAllowed: { true })
        let writing = Task { try await stream.body.write(Writer(log: log)) }
        try await until { log.contains("event: state\n") }
        client.finish()
        try await writing.value
        #expect(log.contains("[end]"))
    }

    @Test("A client that left is noticed by the next thing written to it")
    func left() async throws {
        let service = try Self.service()
        let log = Writer.Log()
        let stream = EventStream(
            follower: try await service.followState(as: .viewer, from: ""), departure: Self.stays, isAllowed: { true },
            keepAliveInterval: .milliseconds(60))
        let writing = Task { try await stream.body.write(Writer(log: log)) }
        try await until { log.contains("event: state\n") }
        log.hasLeft.withLock { $0 = true }
        await #expect(throws: Writer.Left.self) { try await writing.value }
    }
}
