import EngineContract
import Foundation
import NIOCore
import NIOPosix
import StreamProtocols
import Testing

@testable import MediaServer

/// Commands that really run (reference: mediamtx-facts E.5).
@Suite(.serialized, .timeLimit(.minutes(2))) struct OnDemandLiveTests {
    /// A command that writes what happens to it into a file. It leaves nothing behind: whoever reads the output of the tests would
    /// wait for that.
    private static func command(_ file: String) -> String {
        #"/bin/sh -c 'sleep 60 & trap "echo int >> \#(file); kill $!; exit 0" INT; echo start $MTX_PATH $RTSP_PORT "$MTX_QUERY" >> \#(file); wait'"#
    }

    private func withFile(_ body: (String) async throws -> Void) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "on-demand-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await body(file)
    }

    private func lines(_ file: String, count: Int, within limit: Duration = .seconds(5)) async throws -> [String] {
        let deadline = ContinuousClock.now + limit
        var lines: [String] = []
        while ContinuousClock.now < deadline {
            lines = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
            if lines.count >= count { return lines }
            try await Task.sleep(for: .milliseconds(20))
        }
        return lines
    }

    @Test func theFirstViewerIsHeldAndTheLastEndsTheCommand() async throws {
        try await withFile { file in
            var path = PathConfiguration()
            path.runOnDemand = Self.command(file)
            path.runOnDemandCloseAfter = .seconds(1)
            try await EngineRig.run(EngineRig.configuration(["~^cam(.)$": path])) { rig in
                let port = try #require(rig.ports.rtsp)
                async let played: RTSPTestClient = {
                    let viewer = try await RTSPTestClient(port: port)
                    #expect(try await viewer.play(rig.url("cam1?x=$(id)")).status == .ok)
                    return viewer
                }()
                // The query is in the environment only: in the text a shell would run what is in it.
                let started = try await lines(file, count: 1)
                #expect(started == ["start cam1 \(port) x=$(id)"])
                #expect(try await rig.paths().first { $0.name == "cam1" }?.readers.isEmpty == true)
                let publisher = try await RTSPTestClient(port: port)
                #expect(try await publisher.publish(rig.url("cam1")).status == .ok)
                let viewer = try await played
                #expect(try await rig.waitForPath("cam1") { $0.readers.count == 1 })
                try await viewer.close()
                #expect(try await lines(file, count: 2).last == "int")
                // The publisher was not started by the command, as far as the engine knows.
                #expect(try await rig.paths().first { $0.name == "cam1" }?.isAvailable == true)
                try await publisher.close()
                let deadline = ContinuousClock.now + .seconds(5)
                while try await !rig.paths().isEmpty, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(try await rig.paths().isEmpty)
            }
        }
    }

    /// What comes over the server's socket while somebody wants a path.
    private final class DemandRecorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let events: AsyncStream<String>.Continuation

        init(_ events: AsyncStream<String>.Continuation) { self.events = events }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            events.yield(String(buffer: unwrapInboundIn(data)))
        }

        func channelInactive(context: ChannelHandlerContext) { events.yield("closed") }
    }

    @Test func ourOwnHookNeedsNoProcess() async throws {
        let socket = "/tmp/toposync-test-\(UUID().uuidString.prefix(8)).sock"
        let (events, continuation) = AsyncStream.makeStream(of: String.self)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DemandRecorder(continuation))
                }
            }
            .bind(unixDomainSocketPath: socket, cleanupExistingSocketFile: true).get()
        defer { unlink(socket) }
        // A program that would not come back: the engine must not run it.
        let executable = URL(filePath: "/bin/false").resolvingSymlinksInPath().path
        var path = PathConfiguration()
        path.runOnDemand = DemandHook(executable: "/bin/false", socket: socket).command
        path.runOnDemandCloseAfter = .seconds(1)
        try await EngineRig.run(EngineRig.configuration(["cam": path]), ownExecutable: executable) { rig in
            let port = try #require(rig.ports.rtsp)
            var iterator = events.makeAsyncIterator()
            async let played: RTSPTestClient = {
                let viewer = try await RTSPTestClient(port: port)
                #expect(try await viewer.play(rig.url("cam")).status == .ok)
                return viewer
            }()
            #expect(await iterator.next() == "{\"path\":\"cam\"}\n")
            let publisher = try await RTSPTestClient(port: port)
            #expect(try await publisher.publish(rig.url("cam")).status == .ok)
            try await played.close()
            #expect(await iterator.next() == "closed")
            try await publisher.close()

            // Without a server there is nothing to wait for.
            try await server.close()
            #expect(try await rig.waitForPath("cam") { !$0.isAvailable })
            let client = try await RTSPTestClient(port: port)
            let answer = try await client.request(.describe, rig.url("cam"))
            #expect(answer.status == .badRequest)
        }
    }

    /// The paths of a pattern are as many as clients have ideas.
    @Test func commandsOfAPatternAreBounded() async throws {
        var path = PathConfiguration()
        path.runOnDemand = "/bin/sleep 60"
        path.runOnDemandCloseAfter = .seconds(1)
        try await EngineRig.run(EngineRig.configuration(["all_others": path])) { rig in
            let port = try #require(rig.ports.rtsp)
            var waiting: [RTSPTestClient] = []
            for number in 0..<EngineCore.patternHookLimit {
                let client = try await RTSPTestClient(port: port)
                let request = "DESCRIBE \(rig.url("p\(number)")) RTSP/1.0\r\nCSeq: 1\r\n\r\n"
                try await client.send(Array(request.utf8))
                waiting.append(client)
            }
            while try await rig.paths().count < EngineCore.patternHookLimit {
                try await Task.sleep(for: .milliseconds(20))
            }
            let client = try await RTSPTestClient(port: port)
            #expect(try await client.request(.describe, rig.url("one-more")).status == .badRequest)
            for client in waiting { try await client.close() }
        }
    }

    @Test func withoutAPublisherTheHoldTimesOut() async throws {
        try await withFile { file in
            var path = PathConfiguration()
            path.runOnDemand = Self.command(file)
            path.runOnDemandStartTimeout = .milliseconds(300)
            try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
                let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
                #expect(try await client.request(.describe, rig.url("a")).status == .badRequest)
                #expect(try await lines(file, count: 1).count == 1)
            }
            // The engine does not leave commands behind.
            #expect(try await lines(file, count: 2).last == "int")
        }
    }

    @Test func aViewerWhoGivesUpCountsNoMore() async throws {
        try await withFile { file in
            var path = PathConfiguration()
            path.runOnDemand = Self.command(file)
            path.runOnDemandCloseAfter = .seconds(1)
            try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
                let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
                try await client.send(
                    RTSPRequest(method: .describe, uri: rig.url("a"), headers: ["CSeq": "1"]).serialized())
                #expect(try await lines(file, count: 1).count == 1)
                try await client.close()
                #expect(try await lines(file, count: 2).last == "int")
            }
        }
    }

    @Test func aStubbornCommandIsKilled() async throws {
        var path = PathConfiguration()
        path.runOnDemand = #"/bin/sh -c 'trap "" INT TERM; exec sleep 60'"#
        let start = Stopwatch()
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            try await client.send(
                RTSPRequest(method: .describe, uri: rig.url("a"), headers: ["CSeq": "1"]).serialized())
            try await Task.sleep(for: .milliseconds(300))
            start.mark()
        }
        // A second of patience, with room for a busy machine; the command alone would take a minute.
        #expect(start.elapsed < .seconds(5))
    }

    @Test(arguments: ["/nowhere/at-all", "/bin/sh -c 'exit 3'", "/bin/sh -c 'kill -9 $$'", "an \"unfinished quote"])
    func aCommandThatEndsAnswersAtOnce(command: String) async throws {
        var path = PathConfiguration()
        path.runOnDemand = command
        let answered = Stopwatch()
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            answered.mark()
            #expect(try await client.request(.describe, rig.url("a")).status == .badRequest)
            // It is tried anew for each request.
            #expect(try await client.request(.describe, rig.url("a")).status == .badRequest)
            // The start timeout is ten seconds.
            #expect(answered.elapsed < .seconds(4))
        }
    }

    @Test func aCommandThatIsRunAgainIsWaitedFor() async throws {
        var path = PathConfiguration()
        path.runOnDemand = "/bin/sh -c 'exit 3'"
        path.runOnDemandRestart = true
        path.runOnDemandStartTimeout = .seconds(1)
        let answered = Stopwatch()
        try await EngineRig.run(EngineRig.configuration(["a": path])) { rig in
            let client = try await RTSPTestClient(port: try #require(rig.ports.rtsp))
            answered.mark()
            #expect(try await client.request(.describe, rig.url("a")).status == .badRequest)
            #expect(answered.elapsed >= .seconds(1))
        }
    }
}
