import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import MediaServer

@Suite(.timeLimit(.minutes(1))) struct HTTPListenerTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func servesSeveralRequestsOnOneConnection() async throws {
        let fixture = HLSDeliveryFixture()
        _ = try await fixture.open()
        try await withServer(fixture) { port, _ in
            let request = "HEAD /cam/index.m3u8 HTTP/1.1\r\nHost: test\r\n\r\n"
            let text = try await exchange(port: port, request + request) {
                $0.components(separatedBy: "200 OK").count == 3
            }
            #expect(text.contains("application/vnd.apple.mpegurl"))
            #expect(!text.contains("#EXTM3U"))
        }
    }

    @Test func aShutdownAnswersHeldRequests() async throws {
        let fixture = HLSDeliveryFixture()
        try await withServer(fixture) { port, serviceGroup in
            async let text = exchange(port: port, "GET /cam/index.m3u8 HTTP/1.1\r\nHost: test\r\n\r\n") {
                $0.contains("shutting down")
            }
            await fixture.clock.sleepers(2)
            await serviceGroup.triggerGracefulShutdown()
            let answer = try await text
            #expect(answer.contains("503 Service Unavailable"))
        }
        #expect(await fixture.source.detached.count == 1)
    }

    @Test func aPortInUseIsAnError() async throws {
        let fixture = HLSDeliveryFixture()
        try await withServer(fixture) { port, _ in
            let second = try listener(fixture, port: port)
            await #expect(throws: MediaServerError.portTaken(key: "hlsAddress", address: "127.0.0.1:\(port)")) {
                try await second.run()
            }
        }
    }

    private func listener(
        _ fixture: HLSDeliveryFixture, port: Int, onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> HTTPListener {
        try HTTPListener(
            "HLS", key: "hlsAddress", at: "127.0.0.1:\(port)", .viewers,
            responder: HLSResponder(delivery: fixture.delivery),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger, onListening: onListening,
            onShutdown: { await fixture.delivery.shutdown() })
    }

    /// Runs a server on a free port while `body` uses it, and shuts it down.
    private func withServer(
        _ fixture: HLSDeliveryFixture,
        _ body: (Int, ServiceGroup) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = try listener(fixture, port: 0) { continuation.yield($0) }
        let serviceGroup = ServiceGroup(configuration: .init(services: [server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serviceGroup.run() }
            for await port in ports.prefix(1) { try await body(port, serviceGroup) }
            await serviceGroup.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    /// Sends a text and reads until `isComplete`, or until the server closes the connection.
    private func exchange(
        port: Int,
        _ request: String,
        until isComplete: (String) -> Bool
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if isComplete(text) { break }
            }
            return text
        }
    }
}
