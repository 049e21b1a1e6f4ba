import Foundation
import StreamModel
import Testing

@testable import ControlPlane

/// The engine manager with real processes: a stand-in that can misbehave.
@Suite(.serialized, .timeLimit(.minutes(3))) struct EngineManagerTests {
    private let folder = TemporaryFolder()

    @Test func itStartsAndEnds() async throws {
        let rig = try EngineRig(folder)
        try await rig.want(["a"])
        let pid = try #require(await rig.pid)
        let settings = EngineSettings()
        let status = await rig.manager.status(settings, requestHost: nil)
        #expect(status.running && status.pid == pid && status.kind == .builtin && status.restartCount == 0)
        #expect(status.lastError == nil && status.orphanPIDs == [])
        #expect(status.urls.hls == "http://127.0.0.1:\(status.ports.hls)/test/index.m3u8")
        #expect(rig.environment.endpoint.ports == status.ports)
        #expect(try folder.mode("data/runtime/streaming/mediamtx.yml") == 0o600)
        // Nobody finds a secret in the list of processes.
        let commandLine = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
        #expect(!commandLine.contains("pub_"))
        rig.goal.current = nil
        await rig.manager.wake()
        await rig.manager.settle()
        #expect(!isAlive(pid))
        #expect(rig.environment.endpoint.ports == nil)
        #expect(await rig.manager.phase == .stopped)
    }

    @Test func aKilledEngineIsBackWithinASecondAtTheSamePorts() async throws {
        let rig = try EngineRig(folder)
        try await rig.want()
        let before = rig.environment.endpoint.ports
        let pid = try #require(await rig.pid)
        var events = rig.events.makeAsyncIterator()
        #expect(await events.next() == before.map { .ready($0) })
        let killed = ContinuousClock.now
        kill(pid_t(pid), SIGKILL)
        #expect(await events.next() == .lost(.signalled(9)))
        #expect(await events.next() == before.map { .ready($0) })
        #expect(killed.duration(to: .now) < .seconds(2))
        #expect(await rig.status().restartCount == 1)
        await rig.manager.shutDown()
    }

    @Test func newPathsGoInWithoutARestart() async throws {
        let rig = try EngineRig(folder)
        try await rig.want(["a"])
        let pid = await rig.pid
        try await rig.want(["b"])
        #expect(await rig.pid == pid)
        let changes = folder.lines("changes").map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(
            changes == [
                "PATCH /v3/config/global/patch", "DELETE /v3/config/paths/delete/a", "POST /v3/config/paths/add/b",
            ])
        // For the next start.
        let file = try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8)
        #expect(file.contains("  \"b\":") && !file.contains("  \"a\":"))
        // Nothing changed: nothing is sent.
        try await rig.want(["b"])
        #expect(folder.lines("changes").count == 3)
        await rig.manager.shutDown()
    }

    @Test func otherListenersRestartIt() async throws {
        let rig = try EngineRig(folder)
        try await rig.want()
        let pid = try #require(await rig.pid)
        let port = try #require(PortAllocator.system(exposed: false).systemAssigned())
        try await rig.want { $0.preferredPorts.rtsp = port }
        #expect(await rig.pid != pid)
        #expect(!isAlive(pid))
        #expect(rig.environment.endpoint.ports?.rtsp == port)
        await rig.manager.shutDown()
    }

    @Test func anEngineThatRefusesAChangeIsRestartedWithIt() async throws {
        let rig = try EngineRig(folder, .refusesChanges)
        try await rig.want(["a"])
        let pid = try #require(await rig.pid)
        try await rig.want(["a", "b"])
        #expect(await rig.pid != pid)
        #expect(await rig.manager.phase == .running)
        await rig.manager.shutDown()
    }

    @Test func aCrashAtTheStartIsToldAndTriedAgainLater() async throws {
        let rig = try EngineRig(folder, .crashAtStart)
        try await rig.want()
        let status = await rig.manager.status(rig.goal.current?.settings ?? EngineSettings(), requestHost: nil)
        #expect(!status.running && status.state == .waiting && status.restartCount >= 1)
        let line = "2026/11/21 10:00:00 ERR no such luck at rtsp://••••@camera/1"
        #expect(status.lastError?.text == "The engine stopped: it ended with exit code 3. \(line)")
        // A page says it in its own language, with the line of the log as it is.
        #expect(status.lastError?.code == "engine_log_says" && status.lastError?.parameters["line"] == .string(line))
        let reason = status.lastError?.parameters["reason"]
        #expect(reason?["code"] == "engine_stopped" && reason?["parameters"]?["reason"]?["code"] == "ended_with_code")
        #expect(status.warnings.map(\.text).contains("Engine is enabled but not running."))
        #expect(status.warnings.map(\.text).contains { $0.hasPrefix("MediaMTX auto-restart backoff active for ") })
        try StandIn.set(.good, in: folder)
        #expect(await eventually { await rig.manager.phase == .running })
        #expect(await rig.manager.lastError == nil)
        await rig.manager.shutDown()
    }

    @Test func aStopDoesNotWaitForAnEngineThatNeverAnswers() async throws {
        let rig = try EngineRig(folder, .silent)
        var stored = StoredConfiguration()
        stored.settings.engine.enabled = true
        rig.goal.current = EngineGoal(stored)
        await rig.manager.wake()
        #expect(await eventually { await rig.pid != nil })
        let pid = try #require(await rig.pid)
        let asked = ContinuousClock.now
        rig.goal.current = nil
        await rig.manager.wake()
        await rig.manager.settle()
        #expect(asked.duration(to: .now) < .seconds(3))
        #expect(!isAlive(pid))
    }

    @Test func aShutdownEndsEvenAStubbornEngineInTime() async throws {
        let rig = try EngineRig(folder, .stubborn)
        try await rig.want()
        let pid = try #require(await rig.pid)
        let asked = ContinuousClock.now
        await rig.manager.shutDown()
        #expect(asked.duration(to: .now) < .seconds(5))
        #expect(!isAlive(pid))
    }

    @Test func enginesOfAnEarlierRunAreEnded() async throws {
        let rig = try EngineRig(folder)
        try await rig.want()
        let stale = try #require(await rig.pid)
        // A second manager stands for the server after a kill -9, which left the engine.
        rig.goal.current = nil
        let next = try EngineRig(folder)
        try await next.want()
        #expect(await next.pid != stale)
        #expect(!isAlive(stale))
        let status = await next.manager.status(EngineSettings(), requestHost: nil)
        #expect(
            status.warnings.map(\.text).contains(
                "Automatically recovered 1 stale MediaMTX process(es) for this data directory (pid: \(stale))."))
        await rig.manager.shutDown()
        await next.manager.shutDown()
    }

    @Test func withoutMediaMTXTheStatusSaysSo() async throws {
        let rig = try EngineRig(folder)
        try await rig.want { $0.kind = .mediamtx }
        let status = await rig.manager.status(rig.goal.current?.settings ?? EngineSettings(), requestHost: nil)
        #expect(!status.running && status.state == .stopped)
        #expect(status.lastError?.text.contains("TOPOSYNC_STREAMING_ENGINE_PATH") == true)
        #expect(folder.lines("starts") == [])
    }
}
