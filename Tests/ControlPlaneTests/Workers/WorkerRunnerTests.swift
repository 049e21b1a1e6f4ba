import Foundation
import Logging
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// Worker supervision with real processes: a stand-in that can misbehave.
@Suite(.serialized, .timeLimit(.minutes(3))) struct WorkerRunnerTests {
    private let folder = TemporaryFolder()
    private let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func launcher(_ behaviour: StandIn.Behaviour) throws -> WorkerLauncher {
        var launcher = WorkerLauncher(
            executable: try StandIn.install(in: folder, behaviour), workingDirectory: folder.path,
            logs: LogFiles(folder: folder.path, prefix: "worker", kept: 20))
        launcher.endGrace = .milliseconds(500)
        launcher.lookInterval = .milliseconds(250)
        return launcher
    }

    private func plan(always: Bool = false) throws -> IslandPlan {
        var stored = StoredConfiguration()
        stored.transmissions = [try Sample.transmission("t")]
        stored.cameras = [try Sample.camera("cam")]
        var pipeline = try Sample.pipeline("p", into: ["t"])
        pipeline.run = always ? .always : .onDemand
        stored.pipelines = [pipeline]
        return try #require(WorkerPlan(stored, rtspPort: 8554, publishSecret: Array(0...31)).islands.first)
    }

    private func runner(_ behaviour: StandIn.Behaviour = .good, always: Bool = false) throws -> WorkerRunner {
        WorkerRunner(
            goal: .init(plan: try plan(always: always), demand: []), launcher: try launcher(behaviour), logger: logger,
            onTrouble: { _ in })
    }

    private var commands: [String] {
        folder.lines("commands").compactMap { line in
            (try? JSONValue(parsing: Data(line.utf8)))?["command"]?.stringValue
        }
    }

    @Test func itRunsWhileSomebodyWatches() async throws {
        let runner = try runner()
        await runner.wake()
        await runner.settle()
        #expect(await runner.state.pid == nil)
        let plan = try plan()
        await runner.set(.init(plan: plan, demand: ["t:t"]))
        let isLive = await eventually { await runner.state.renditions["t:t"]?.state == .live }
        let state = await runner.state
        #expect(isLive, "\(state)")
        let pid = try #require(await runner.state.pid)
        // No secret where everybody can read it.
        let commandLine = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
        #expect(!commandLine.contains("pub_"))
        await runner.set(.init(plan: plan, demand: []))
        await runner.settle()
        #expect(!isAlive(pid))
        #expect(await runner.state.renditions == [:])
        #expect(commands == ["configure", "demand", "shutdown"])
    }

    @Test func aKeyframeIsForcedOnlyWhereSomethingIsEncoded() async throws {
        let runner = try runner()
        #expect(await runner.forceKeyframe(rendition: "t:t") == .notRunning)
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.renditions["t:t"]?.state == .live })
        #expect(await runner.forceKeyframe(rendition: "t:t") == .made)
        #expect(await runner.forceKeyframe(rendition: "t:other") == .notRunning)
        #expect(await eventually { commands.contains("force_keyframe") })
        try StandIn.set(.copies, in: folder)
        kill(pid_t(try #require(await runner.state.pid)), SIGKILL)
        #expect(await eventually { await runner.state.renditions["t:t"]?.mode == .copy })
        #expect(await runner.forceKeyframe(rendition: "t:t") == .cameraDecides)
        await runner.shutDown()
    }

    @Test func metadataGoesWhereSomethingIsSent() async throws {
        let runner = try runner()
        #expect(await !runner.postMetadata("{}", to: "t", seenOn: ["t"]))
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.renditions["t:t"]?.state == .live })
        #expect(await !runner.postMetadata("{}", to: "t", seenOn: ["other"]))
        #expect(await runner.postMetadata("{}", to: "t", seenOn: ["t", "other"]))
        #expect(await eventually { commands.contains("post_metadata") })
        await runner.shutDown()
    }

    @Test func aStillStartsTheWorkerAndLetsItGo() async throws {
        let transmissions = [try Sample.transmission("t")]
        let supervisor = WorkerSupervisor(
            launcher: try launcher(.good), logger: logger, wanted: WantedPaths(),
            plan: {
                var stored = StoredConfiguration()
                stored.transmissions = transmissions
                return WorkerPlan(stored, rtspPort: 1, publishSecret: Array(0...31))
            }, onTrouble: { _ in })
        async let first = supervisor.takeStill(of: "t", maximumWidth: 640)
        async let second = supervisor.takeStill(of: "t", maximumWidth: 320)
        for result in await [first, second] {
            #expect(result.isLive && result.jpeg == Data([0xff, 0xd8, 0xff]) + Data(" a picture".utf8))
        }
        #expect(folder.lines("starts").count == 1)
        let pid = try #require(await supervisor.states.first?.state.pid)
        let demand = try #require(
            folder.lines("commands").compactMap { try? JSONValue(parsing: Data($0.utf8)) }.first {
                $0["command"] == "demand"
            })
        #expect(demand["renditions"] == [] && demand["transmissions"] == ["t"])
        #expect(await eventually { !isAlive(pid) })
        #expect(await supervisor.takeStill(of: "gone", maximumWidth: 320).jpeg == nil)
        try StandIn.set(.crashAtStart, in: folder)
        let failed = await supervisor.takeStill(of: "t", maximumWidth: 640)
        #expect(failed.jpeg == nil && failed.message?.hasPrefix("The worker stopped") == true, "\(failed)")
        await supervisor.shutDown()
    }

    @Test func aPipelineThatAlwaysRunsNeedsNoViewer() async throws {
        let runner = try runner(always: true)
        await runner.wake()
        #expect(await eventually { await runner.state.pid != nil })
        await runner.shutDown()
    }

    @Test func aCrashedWorkerIsReplacedWithinASecond() async throws {
        let runner = try runner()
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.renditions["t:t"] != nil })
        let pid = try #require(await runner.state.pid)
        let killed = ContinuousClock.now
        kill(pid_t(pid), SIGKILL)
        #expect(await eventually { await runner.state.pid.map { $0 != pid } ?? false })
        #expect(killed.duration(to: .now) < .seconds(1))
        #expect(await runner.state.restartCount == 1)
        let error = await runner.state.lastError
        #expect(error?.text.contains("signal 9") == true && error?.code == "worker_stopped")
        #expect(error?.parameters["reason"]?["code"] == "ended_by_signal")
        #expect(error?.parameters["reason"]?["parameters"] == ["signal": 9])
        // It is configured anew, and what went wrong is forgotten as soon as it works.
        #expect(await eventually { await runner.state.lastError == nil })
        await runner.shutDown()
    }

    @Test func aWorkerThatCrashesAgainAndAgainWaits() async throws {
        let runner = try runner(.crashAtStart)
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.restartCount == 2 })
        #expect(await runner.state.isPausing)
        await runner.shutDown()
        let starts = folder.lines("starts").count
        let state = await runner.state
        #expect(starts == 2, "\(state)")
    }

    @Test func aWorkerIsBelievedOnlyWhatItWasAskedFor() async throws {
        var launcher = try launcher(.boasts)
        // It says all of it once.
        launcher.lookInterval = .seconds(10)
        let runner = WorkerRunner(
            goal: .init(plan: try plan(), demand: []), launcher: launcher, logger: logger, onTrouble: { _ in })
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.renditions["t:t"] != nil })
        let state = await runner.state
        #expect(state.renditions.count == 1 && state.cameras.isEmpty && state.activeWriters.isEmpty)
        #expect(state.pid != 1)
        let status = try #require(state.renditions["t:t"])
        #expect(status.framesReceived == 1 << 53 && status.framesSent == 0 && status.restartCount == 1 << 53)
        #expect(status.message?.utf8.count == 1000)
        #expect(status.encodeSeconds == Double(1 << 53))
        // What others make of it neither traps nor overflows.
        let reporter = RuntimeReporter(
            stored: StoredConfiguration(), engine: .running, demand: [:], viewers: [:],
            workers: [(try plan(), state)])
        #expect(reporter.outputs.isEmpty)
        #expect(await eventually { state.log?.lines().last == "noise" })
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("worker-") }
        let bytes = try files.reduce(0) { sum, name in
            let size = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)")[.size] as? Int
            return sum + (size ?? 0)
        }
        #expect(bytes <= LogAllowance.burst + (1 << 20), "\(files)")
        await runner.shutDown()
    }

    @Test func whatIsInTheServersEnvironmentStaysThere() async throws {
        setenv("SUPERVISOR_TOKEN", "secret", 1)
        setenv("MTX_API", "yes", 1)
        defer {
            unsetenv("SUPERVISOR_TOKEN")
            unsetenv("MTX_API")
        }
        let runner = try runner(always: true)
        await runner.wake()
        #expect(await eventually { folder.lines("environment").contains("PATH") })
        let names = folder.lines("environment")
        #expect(!names.contains { $0.hasPrefix("SUPERVISOR") || $0.hasPrefix("MTX") }, "\(names)")
        await runner.shutDown()
    }

    @Test func aWorkerRunsWithoutALogOnADiskThatTakesNone() async throws {
        var launcher = try launcher(.good)
        launcher.logs.folder = folder.path + "/gone"
        let runner = WorkerRunner(
            goal: .init(plan: try plan(), demand: ["t:t"]), launcher: launcher, logger: logger, onTrouble: { _ in })
        await runner.wake()
        #expect(await eventually { await runner.state.renditions["t:t"]?.state == .live })
        #expect(await runner.state.log?.path == nil)
        await runner.shutDown()
    }

    @Test func aWorkerThatHangsIsReplaced() async throws {
        let runner = try runner(.silent)
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.pid != nil })
        let pid = try #require(await runner.state.pid)
        #expect(await eventually { await runner.state.restartCount >= 1 })
        #expect(!isAlive(pid))
        await runner.shutDown()
    }

    @Test func aWorkerOfWhichOneRenditionHangsIsReplaced() async throws {
        let trouble = Mutex<[String]>([])
        var stored = StoredConfiguration()
        stored.transmissions = [
            try Transmission(json: [
                "id": "t", "path": "t",
                "outputs": [
                    ["id": "a", "protocol": "rtsp"], ["id": "b", "protocol": "rtsp", "fps_limit": 5],
                ],
            ])
        ]
        let plan = try #require(WorkerPlan(stored, rtspPort: 8554, publishSecret: Array(0...31)).islands.first)
        let runner = WorkerRunner(
            goal: .init(plan: plan, demand: []), launcher: try launcher(.hangsInPart), logger: logger,
            onTrouble: { sentence in trouble.withLock { $0.append(sentence) } })
        // One that is not wanted does not have to report.
        await runner.set(.init(plan: plan, demand: ["t:t-a"]))
        #expect(await eventually { await runner.state.renditions["t:t-a"]?.state == .live })
        try await Task.sleep(for: .milliseconds(1500))
        #expect(await runner.state.restartCount == 0)
        let pid = try #require(await runner.state.pid)
        await runner.set(.init(plan: plan, demand: ["t:t-a", "t:t-b"]))
        #expect(await eventually { await runner.state.restartCount >= 1 })
        #expect(!isAlive(pid))
        #expect(trouble.withLock { $0.first }?.contains("said nothing of an output for 1 s") == true)
        await runner.shutDown()
    }

    @Test func aWorkerThatWillNotEndIsKilled() async throws {
        let runner = try runner(.stubborn)
        await runner.set(.init(plan: try plan(), demand: ["t:t"]))
        #expect(await eventually { await runner.state.renditions["t:t"] != nil })
        let pid = try #require(await runner.state.pid)
        let asked = ContinuousClock.now
        await runner.shutDown()
        #expect(asked.duration(to: .now) < .seconds(4))
        #expect(!isAlive(pid))
    }

    @Test func aChangeDisturbsOnlyTheIslandThatItConcerns() async throws {
        let box = StoredBox()
        var initial = StoredConfiguration()
        initial.transmissions = try ["a", "b"].map { try Sample.transmission($0) }
        box.value = initial
        let wanted = WantedPaths()
        let supervisor = WorkerSupervisor(
            launcher: try launcher(.good), logger: logger, wanted: wanted,
            plan: { WorkerPlan(box.value, rtspPort: 1, publishSecret: Array(0...31)) }, onTrouble: { _ in })
        _ = wanted.set(["a", "b"])
        await supervisor.update()
        #expect(await eventually { await supervisor.states.allSatisfy { $0.state.renditions.count == 1 } })
        let before = await supervisor.states.map(\.state.pid)
        initial.transmissions[0].placeholder = .black
        initial.transmissions.append(try Sample.transmission("c"))
        box.value = initial
        await supervisor.update()
        #expect(await supervisor.states.map(\.state.pid) == before + [nil])
        // One configure each at the start, one for the island that changed.
        #expect(await eventually { commands.filter { $0 == "configure" }.count == 3 })
        initial.transmissions.removeFirst()
        box.value = initial
        await supervisor.update()
        #expect(await supervisor.states.first?.state.pid == before[1])
        #expect(await eventually { !isAlive(before[0] ?? 0) })
        await supervisor.shutDown()
        #expect(!isAlive(before[1] ?? 0))
    }

    final class StoredBox: Sendable {
        private let stored = Mutex(StoredConfiguration())
        var value: StoredConfiguration {
            get { stored.withLock { $0 } }
            set { stored.withLock { $0 = newValue } }
        }
    }

    // MARK: Camera tests

    @Test func aCameraIsTestedInAWorkerOfItsOwn() async throws {
        let tester = CameraTester(launcher: try launcher(.good))
        let result = try await tester.test(try Sample.camera("cam"))
        #expect(result.ok && result.codec == "h264")
    }

    @Test func aTestThatHangsEnds() async throws {
        let tester = CameraTester(launcher: try launcher(.silent), timeout: .seconds(1))
        let result = try await tester.test(try Sample.camera("cam"))
        #expect(!result.ok)
        #expect(result.message == "The camera gave no picture within 1 seconds.")
        #expect(folder.lines("starts").allSatisfy { !isAlive(Int($0.split(separator: " ")[1]) ?? 0) })
    }

    @Test func aTestThatCrashesSaysSo() async throws {
        let tester = CameraTester(launcher: try launcher(.crashAtStart))
        let result = try await tester.test(try Sample.camera("cam"))
        #expect(result.message == "The camera made the test program stop: it ended with exit code 3.")
    }

    @Test func aTestEndsWithItsRequest() async throws {
        let tester = CameraTester(launcher: try launcher(.silent))
        let camera = try Sample.camera("cam")
        let task = Task { try await tester.test(camera) }
        #expect(await eventually { folder.lines("commands").count == 1 })
        let pid = try #require(folder.lines("starts").first.flatMap { Int($0.split(separator: " ")[1]) })
        task.cancel()
        _ = try? await task.value
        #expect(!isAlive(pid))
    }

    @Test func onlyAFewTestsRunAtOnce() async throws {
        let tester = CameraTester(launcher: try launcher(.silent))
        let camera = try Sample.camera("cam")
        let tasks = (0..<CameraTester.simultaneousTests).map { _ in Task { try await tester.test(camera) } }
        #expect(await eventually { folder.lines("starts").count == CameraTester.simultaneousTests })
        await #expect(throws: ControlPlaneError.self) { try await tester.test(camera) }
        for task in tasks { task.cancel() }
        for task in tasks { _ = try? await task.value }
    }
}
