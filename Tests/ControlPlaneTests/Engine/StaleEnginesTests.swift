import Foundation
import StreamModel
import Testing

@testable import ControlPlane

/// Engines that an earlier server left, as real processes.
@Suite(.serialized, .timeLimit(.minutes(3))) struct StaleEnginesTests {
    private let folder = TemporaryFolder()
    private let file = "/data/runtime/streaming/mediamtx.yml"

    /// Runs a program until it is killed.
    private func run(_ program: String, _ arguments: [String]) throws -> (process: Process, pid: Int) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, Int(process.processIdentifier))
    }

    @Test(arguments: [
        (["/opt/toposync-streaming", "engine", "--exit-with-parent", "FILE"], true),
        (["/opt/mediamtx/mediamtx", "FILE"], true), (["./mediamtx-v1.16.2", "FILE"], true),
        (["/bin/sh", "/opt/mediamtx", "FILE"], true), (["/opt/supplied", "FILE"], true),
        (["/bin/sh", "/opt/supplied", "FILE"], true),
        // Another data directory's, and programs that only look at the file.
        (["/opt/mediamtx/mediamtx", "/other/mediamtx.yml"], false), (["/opt/mediamtx", "FILE.old"], false),
        (["vim", "FILE"], false), (["diff", "/tmp/mediamtx.yml", "FILE"], false), (["tail", "-f", "FILE"], false),
        (["FILE"], false), ([], false),
    ])
    func onlyEnginesOfThisDataDirectoryAreFound(_ arguments: [String], _ isEngine: Bool) {
        let stale = StaleEngines(configuration: file, suppliedProgram: "/opt/supplied")
        #expect(stale.isEngine(arguments.map { $0.replacing("FILE", with: file) }) == isEngine)
    }

    @Test func whatWasFoundIsToldAgainForAWhile() async throws {
        let left = try run("/usr/bin/tail", ["-f", "/dev/null", "engine", file])
        defer { kill(pid_t(left.pid), SIGKILL) }
        let searches = SearchCount()
        let stale = StaleEngines(configuration: file) {
            searches.add()
            return [left.pid]
        }
        // From here on it is the other program.
        #expect(await eventually { stale.remaining(of: [left.pid]) == [left.pid] })
        var found = FoundStaleEngines()
        let start = ContinuousClock.now
        for second in 0..<10 {
            #expect(found.current(of: stale, except: nil, at: start + .seconds(second)) == [left.pid])
        }
        #expect(searches.value == 1)
        #expect(found.current(of: stale, except: nil, at: start + .seconds(10)) == [left.pid])
        #expect(searches.value == 2)
        found.forget()
        #expect(found.current(of: stale, except: nil, at: start + .seconds(11)) == [left.pid])
        #expect(searches.value == 3)
        // One that has ended is not told until the next look.
        kill(pid_t(left.pid), SIGKILL)
        left.process.waitUntilExit()
        #expect(found.current(of: stale, except: nil, at: start + .seconds(12)) == [])
        #expect(searches.value == 3)
    }

    @Test func aQuestionLooksAtNoOtherProcessUntilSomethingHappens() async throws {
        let rig = try EngineRig(folder)
        try await rig.want(["a"])
        _ = await rig.status()
        let first = rig.searches.value
        let asked = ContinuousClock.now
        for _ in 0..<50 { _ = await rig.status() }
        // On a machine that needs that long for it, what was found gets old meanwhile.
        let aged = Int(asked.duration(to: .now) / FoundStaleEngines.lifetime) + 1
        #expect(rig.searches.value - first <= aged)

        // Each of these may leave an engine behind, or somebody asks for it. The order itself looks once, at its start.
        for event in [rig.manager.restart, { _ = await rig.manager.reclaim() }, { await rig.wantNone() }] {
            await event()
            let before = rig.searches.value
            _ = await rig.status()
            #expect(rig.searches.value == before + 1)
        }
        await rig.manager.shutDown()
    }

    @Test func reclaimEndsWhatWasLeftAndStartsAnew() async throws {
        let rig = try EngineRig(folder)
        try await rig.want(["a"])
        let before = try #require(await rig.pid)
        let configuration = rig.environment.directory.engineConfiguration
        // One that goes when it is asked to, one that does not, and a bystander.
        try StandIn.set(.silent, in: folder)
        let left = try run("/usr/bin/env", ["python3", folder.path + "/stand-in", "engine", configuration])
        #expect(await eventually { folder.lines("starts").contains("engine \(left.pid)") })
        // It starts nothing: until it becomes another program, what a shell starts looks like the shell itself.
        let stubbornScript = try folder.write(
            "mediamtx", "#!/bin/sh\ntrap '' TERM\nexec 3<>\"$0.fifo\"\nwhile :; do read line <&3; done\n")
        #expect(mkfifo(stubbornScript + ".fifo", 0o600) == 0)
        let stubborn = try run(stubbornScript, [configuration])
        let bystander = try run("/usr/bin/tail", ["-f", configuration])
        // Not SIGTERM, which a process may inherit blocked from the thread that started it.
        defer { kill(pid_t(bystander.pid), SIGKILL) }
        let expected = [left.pid, stubborn.pid].sorted()
        #expect(await eventually { await rig.status().orphanPIDs == expected })
        let list = expected.map(String.init).joined(separator: ", ")
        #expect(
            await rig.status().warnings.map(\.text).contains(
                "Found 2 external MediaMTX process(es) for this data directory (pids: \(list))."))
        try StandIn.set(.good, in: folder)

        let asked = ContinuousClock.now
        let outcome = await rig.manager.reclaim()
        #expect(outcome == StaleEngines.Outcome(ended: expected, left: []))
        // Three seconds for the one that does not listen, with room for a busy machine.
        #expect(asked.duration(to: .now) < .seconds(10))
        #expect(await eventually { [left.pid, stubborn.pid, before].allSatisfy { !isAlive($0) } })
        #expect(isAlive(bystander.pid))
        let status = await rig.status()
        #expect(status.running && status.pid != before && status.orphanPIDs == [])
        await rig.manager.shutDown()
    }

    @Test func reclaimWithoutAnEngineWantedStartsNone() async throws {
        let rig = try EngineRig(folder, .silent)
        let configuration = rig.environment.directory.engineConfiguration
        let left = try run("/usr/bin/env", ["python3", folder.path + "/stand-in", "engine", configuration])
        // From here on it does not become another program any more.
        #expect(await eventually { folder.lines("starts") == ["engine \(left.pid)"] })
        #expect(await rig.status().orphanPIDs == [left.pid])
        #expect(await rig.manager.reclaim().ended == [left.pid])
        #expect(await eventually { !isAlive(left.pid) })
        #expect(await rig.pid == nil)
    }

    @Test func whatTheEngineStartedItselfIsNoOrphan() async throws {
        // A wrapper that does not become the engine but waits for it.
        let program = try folder.write(
            "mediamtx",
            "#!/bin/sh\n[ \"$1\" = --version ] && echo v1.16.2 && exit\n"
                + "\"\(folder.path)/real/mediamtx\" \"$1\" &\ntrap \"kill $!\" TERM\nwait\n")
        try FileManager.default.createDirectory(atPath: folder.path + "/real", withIntermediateDirectories: true)
        _ = try folder.write("real/mediamtx", MediaMTXStandIn.program(in: folder))
        let rig = try EngineRig(folder, enginePath: program)
        try await rig.want { $0.kind = .mediamtx }
        let status = await rig.status()
        #expect(status.running && status.kind == .mediamtx && status.orphanPIDs == [])
        await rig.manager.shutDown()
    }
}
