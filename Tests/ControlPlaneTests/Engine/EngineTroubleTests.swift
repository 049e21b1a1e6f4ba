import Foundation
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// What becomes of an engine when the machine does not do its part.
@Suite(.serialized, .timeLimit(.minutes(3))) struct EngineTroubleTests {
    private let folder = TemporaryFolder()

    /// A disk that can be full.
    private final class Disk: Sendable {
        private let full = Mutex(false)
        var isFull: Bool {
            get { full.withLock { $0 } }
            set { full.withLock { $0 = newValue } }
        }

        func rig(_ folder: TemporaryFolder) throws -> EngineRig {
            try EngineRig(folder) { bytes, path throws(Errno) in
                if self.isFull { throw .noSpace }
                try PrivateFile.write(bytes, to: path)
            }
        }
    }

    @Test func onAFullDiskWhatRunsGoesOnAndTakesChanges() async throws {
        let disk = Disk()
        let rig = try disk.rig(folder)
        try await rig.want(["a"])
        let pid = await rig.pid
        disk.isFull = true
        try await rig.want(["a", "b"])
        let status = await rig.status()
        #expect(status.running && status.pid == pid && status.lastError == nil)
        #expect(
            status.warnings.map(\.text).contains(
                "The engine's file \(rig.environment.directory.engineConfiguration) can't be written: "
                    + "\(Errno.noSpace). Make room on the disk."))
        #expect(folder.lines("changes").contains { $0.hasPrefix("POST /v3/config/paths/add/b") })
        // With room again the next change writes it all.
        disk.isFull = false
        try await rig.want(["a", "b", "c"])
        #expect(!(await rig.status().warnings.map(\.text).contains { $0.contains("can't be written") }))
        let file = try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8)
        #expect(file.contains("  \"b\":") && file.contains("  \"c\":"))
        await rig.manager.shutDown()
    }

    @Test func onAFullDiskAnEngineThatDiesComesBackWithTheFileThatIsThere() async throws {
        let disk = Disk()
        let rig = try disk.rig(folder)
        try await rig.want(["a"])
        let pid = try #require(await rig.pid)
        disk.isFull = true
        kill(pid_t(pid), SIGKILL)
        #expect(
            await eventually {
                let status = await rig.status()
                return status.running && status.pid != pid
            })
        await rig.manager.shutDown()
    }

    @Test func onAFullDiskAStartIsToldAndTriedAgainLater() async throws {
        let disk = Disk()
        let rig = try disk.rig(folder)
        disk.isFull = true
        try await rig.want(["a"])
        let status = await rig.status()
        #expect(!status.running && status.state == .waiting && status.restartCount == 1)
        #expect(status.lastError?.text.contains("can't be written: \(Errno.noSpace). Make room on the disk.") == true)
        // Said once.
        #expect(!status.warnings.map(\.text).contains { $0.contains("can't be written") })
        #expect(folder.lines("starts") == [])
        disk.isFull = false
        #expect(await eventually { await rig.status().running })
        await rig.manager.shutDown()
    }

    @Test func aPortThatWasTakenMeanwhileCostsNoPause() async throws {
        let rig = try EngineRig(folder, .portTaken)
        // What is asked for is done when this returns, unless there is a pause.
        try await rig.want()
        #expect(await rig.status().running)
        #expect(folder.lines("starts").count == 2)
        #expect(await rig.status().restartCount == 1)
        await rig.manager.shutDown()
    }

    @Test func anotherEngineDoesNotWaitForWhatTheLastOneDid() async throws {
        let program = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        _ = try folder.write("mtx-behaviour", "crash")
        let rig = try EngineRig(folder, enginePath: program)
        try await rig.want { $0.kind = .mediamtx }
        #expect(await eventually { await rig.status().restartCount >= 3 })
        #expect(await rig.status().state == .waiting)
        try await rig.want { $0.kind = .builtin }
        let status = await rig.status()
        #expect(status.running && status.kind == .builtin && status.lastError == nil)
        await rig.manager.shutDown()
    }

    @Test func theLogsEndIsInTheStatus() async throws {
        let rig = try EngineRig(folder, .crashAtStart)
        try await rig.want()
        let status = await rig.status()
        #expect(status.logTail == ["2026/11/21 10:00:00 ERR no such luck at rtsp://••••@camera/1"])
        #expect(status.json["log_tail"] == ["2026/11/21 10:00:00 ERR no such luck at rtsp://••••@camera/1"])
        await rig.manager.shutDown()
    }

    @Test func aLongLogIsShownByItsEnd() throws {
        func log(_ text: String) throws -> ChildLog {
            let log = try ChildLog(file: nil)
            try log.output.closeAfter { _ = try log.output.writeAll(Array(text.utf8)) }
            return log
        }
        #expect(
            EngineLog.tail(try log((0..<2000).map { "line \($0)\n" }.joined()))
                == (1950..<2000).map { "line \($0)" })
        #expect(
            EngineLog.tail(try log("a\n" + String(repeating: "x", count: 9000) + "\n")).map(\.count) == [1, 500])
    }

    @Test func mediamtxsFileIsLeftAloneWhileItRuns() async throws {
        let program = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        let rig = try EngineRig(folder, enginePath: program)
        try await rig.want(["a"])
        let before = try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8)
        let pid = try #require(await rig.pid)
        try await rig.want(["a", "b"])
        #expect(await rig.pid == pid)
        #expect(try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8) == before)
        // The next start is with all.
        await rig.manager.restart()
        let after = try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8)
        #expect(after.contains("  \"b\":"))
        await rig.manager.shutDown()
    }

    @Test func manyPathsReachMediaMTXByItsFile() async throws {
        let program = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        let rig = try EngineRig(folder, enginePath: program)
        try await rig.want(["a"])
        let pid = try #require(await rig.pid)
        let many = (0..<EngineManager.manyPaths).map { "many-\($0)" }
        try await rig.want(["a"] + many)
        #expect(folder.lines("mtx-changes") == [])
        let file = try String(contentsOfFile: rig.environment.directory.engineConfiguration, encoding: .utf8)
        #expect(many.allSatisfy { file.contains("  \"\($0)\":") })
        // Who may publish and read is in the file as well.
        #expect(file.components(separatedBy: "many-0\"").count > 2)
        // A few go one by one, and the file is left alone.
        try await rig.want(many)
        #expect(folder.lines("mtx-changes") == ["PATCH /v3/config/global/patch", "DELETE /v3/config/paths/delete/a"])
        // All of them at once go by the file again.
        try await rig.want([])
        #expect(folder.lines("mtx-changes").count == 2)
        #expect(await rig.pid == pid)
        await rig.manager.shutDown()
    }
}
