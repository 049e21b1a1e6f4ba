import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import StreamModel
import Testing

@testable import ControlPlane

/// The whole control plane with stand-ins for engine and worker.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StreamingServiceRunTests {
    private let folder = TemporaryFolder()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func aViewerStartsTheWorkerAndTheLastOneEndsIt() async throws {
        let executable = try StandIn.install(in: folder)
        let data = folder.path + "/data"
        let service = try StreamingService(
            StreamingServiceConfiguration(
                dataDirectory: data, executable: executable, workerExecutable: executable, demo: true), logger: logger)
        let port = try #require(PortAllocator.system(exposed: false).systemAssigned())
        _ = try await service.patchSettings(["engine": ["preferred_ports": ["api": .integer(port)]]])
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [service], logger: logger))
        let running = Task { try await group.run() }
        #expect(await eventually { await service.engineStatus(requestHost: nil).running })
        #expect(folder.lines("starts").count == 1, "nobody watches, so no worker runs")

        // The engine may have come up by the change of before, and the socket is made when the service runs.
        let socket = data + "/runtime/streaming/demand.sock"
        #expect(await eventually { FileManager.default.fileExists(atPath: socket) })
        let hook = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: socket).get()
        try await hook.writeAndFlush(ByteBuffer(string: "{\"path\":\"demo\"}\n")).get()
        #expect(await eventually { await service.runtimeOutputs().outputs.allSatisfy { $0.publisherRunning } })
        let pid = try #require(await service.runtimeOutputs().outputs.first?.publisherPID)

        // The engine lists the viewer before it ends the hook, as one that plays.
        let list = #"""
            {"itemCount":1,"pageCount":1,"items":[{"name":"demo","confName":"demo","source":null,"ready":true,
            "tracks":["H264"],"readers":[{"type":"rtspSession","id":"1"}]}]}
            """#
        _ = try folder.write("paths.json", list)
        let id = try #require(try await service.transmissions().first?.id)
        #expect(await eventually { (try? await service.demand(transmissionID: id).viewerCountTotal) == 1 })
        try await hook.close()
        try await Task.sleep(for: .seconds(3))
        #expect(isAlive(pid))

        try FileManager.default.removeItem(atPath: folder.path + "/paths.json")
        let left = ContinuousClock.now
        #expect(await eventually { !isAlive(pid) })
        #expect(left.duration(to: .now) < .seconds(6))
        #expect(
            await eventually {
                await service.runtimeOutputs().outputs.allSatisfy {
                    $0.state == .working && $0.message.text.hasPrefix("Nobody watches; it starts with the first viewer")
                }
            })

        // Primed again, then everything ends in time.
        #expect(try await service.prime(transmissionID: id).primedOutputs == 1)
        #expect(await eventually { await service.runtimeOutputs().outputs.first?.publisherPID != nil })
        let asked = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(asked.duration(to: .now) < .seconds(5))
        for start in folder.lines("starts") {
            #expect(!isAlive(Int(start.split(separator: " ")[1]) ?? 0), "\(start)")
        }
    }
}
