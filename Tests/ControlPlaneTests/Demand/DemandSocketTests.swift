import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import ControlPlane

@Suite(.timeLimit(.minutes(3))) struct DemandSocketTests {
    @Test func aConnectionIsADemand() async throws {
        let folder = TemporaryFolder()
        let (events, sink) = AsyncStream<DemandSocket.Event>.makeStream()
        let socket = try await DemandSocket(path: folder.path + "/d.sock") { sink.yield($0) }
        #expect(try folder.mode("d.sock") == 0o600)
        var next = events.makeAsyncIterator()

        let client = try await connect(socket.path)
        try await client.writeAndFlush(ByteBuffer(string: "{\"path\":")).get()
        try await client.writeAndFlush(ByteBuffer(string: "\"front-door\"}\n")).get()
        guard case .opened(let id, "front-door") = await next.next() else {
            Issue.record("no demand")
            return
        }
        try await client.close()
        #expect(await next.next() == .closed(id))

        // What says nothing sensible is no demand; the next one still is.
        let noise = try await connect(socket.path)
        try await noise.writeAndFlush(ByteBuffer(string: "hello\n")).get()
        try await noise.closeFuture.get()
        let other = try await connect(socket.path)
        try await other.writeAndFlush(ByteBuffer(string: "{\"path\":\"x\"}\n")).get()
        guard case .opened(let second, "x") = await next.next() else {
            Issue.record("no second demand")
            return
        }
        socket.dropConnections()
        #expect(await next.next() == .closed(second))
        await socket.close()
        #expect(!FileManager.default.fileExists(atPath: socket.path))
    }

    private func connect(_ path: String) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(unixDomainSocketPath: path)
            .get()
    }

    @Test func aLongPathGetsAFolderOfItsOwn() throws {
        #expect(
            try DemandSocketPath.choose(runtime: "/data/runtime/streaming") == "/data/runtime/streaming/demand.sock")
        let long = "/tmp/" + String(repeating: "x", count: 100)
        let path = try DemandSocketPath.choose(runtime: long)
        let folder = String(path.dropLast("/demand.sock".count))
        defer { rmdir(folder) }
        #expect(path.utf8.count <= DemandSocketPath.limit)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        chmod(folder, 0o755)
        #expect(throws: StartupError.self) { try DemandSocketPath.choose(runtime: long) }
    }
}
