import EngineContract
import Foundation
import Logging
import NIOHTTP1
import StreamModel
import Synchronization
import Testing

@testable import ControlPlane

/// The engine manager with a MediaMTX that is installed, or is to be.
@Suite(.serialized, .timeLimit(.minutes(2))) struct InstalledEngineTests {
    private let folder = TemporaryFolder()

    private final class Rig: Sendable {
        let manager: EngineManager
        let installer: EngineInstaller
        let release: MadeUpRelease
        let folder: TemporaryFolder
        let directory: DataDirectory
        private let apiPort: Int

        init(
            _ folder: TemporaryFolder, version: MediaMTXVersion = MediaMTXVersion(1, 16, 2), enginePath: String? = nil,
            troubles: [MadeUpRelease.Trouble] = []
        ) async throws {
            self.folder = folder
            let platform = try #require(MachinePlatform.current)
            release = try await MadeUpRelease(
                version, platform: platform,
                archive: Archives.release(program: MediaMTXStandIn.program("\(version)", in: folder)),
                troubles: troubles)
            apiPort = try #require(PortAllocator.system(exposed: false).systemAssigned())
            var directory = DataDirectory(folder.path + "/data")
            try directory.prepare()
            self.directory = directory
            let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            installer = EngineInstaller(
                cacheDirectory: directory.runtime, downloadBaseURL: release.server.url, logger: quiet)
            let (_, sink) = AsyncStream<EngineEvent>.makeStream()
            let environment = EngineEnvironment(
                directory: directory, executable: try StandIn.install(in: folder), enginePath: enginePath,
                builder: EngineConfigurationBuilder(
                    apiUser: "u", apiPassword: Secret("p"), reader: .random(),
                    publishSecret: Array(0...31), demandHook: "true"),
                endpoint: EngineEndpoint(), logs: LogFiles(folder: directory.logs, prefix: "mediamtx", kept: 8),
                installer: installer)
            let current = CurrentGoal()
            self.current = current
            manager = EngineManager(
                environment: environment, logger: quiet, events: sink, goal: { current.goal.withLock { $0 } })
        }

        private final class CurrentGoal: Sendable { let goal = Mutex<EngineGoal?>(nil) }
        private let current: CurrentGoal

        func want(_ kind: EngineKind, version: String? = nil) async {
            await beginToWant(kind, version: version)
            await manager.settle()
        }

        /// Wants it, and does not wait until it is there.
        func beginToWant(_ kind: EngineKind, version: String? = nil, webRTCHosts: [String] = []) async {
            var stored = StoredConfiguration()
            stored.settings.engine.enabled = true
            stored.settings.engine.kind = kind
            stored.settings.engine.preferredPorts.api = apiPort
            stored.settings.engine.mediamtxVersion = version ?? release.version.description
            stored.settings.engine.webrtcAdditionalHosts = webRTCHosts
            let goal = EngineGoal(stored)
            current.goal.withLock { $0 = goal }
            await manager.wake()
        }

        func status() async -> EngineStatus {
            let settings = current.goal.withLock { $0?.settings } ?? EngineSettings()
            return await manager.status(settings, requestHost: nil)
        }

        func runs(_ kind: EngineKind) async -> Bool {
            let status = await status()
            return status.running && status.kind == kind
        }

        var file: [Substring] {
            ((try? String(contentsOfFile: directory.engineConfiguration, encoding: .utf8)) ?? "").split(separator: "\n")
        }
    }

    // MARK: Choosing and installing

    @Test func mediamtxIsDownloadedInTheBackgroundAndThenRuns() async throws {
        let rig = try await Rig(folder, troubles: [.cut(at: 0.6)])
        await rig.want(.mediamtx)
        let first = await rig.status()
        #expect(first.state == .downloading && !first.running && first.lastError == nil)
        #expect(first.download?.state.isActive == true)
        #expect(await eventually { await rig.runs(.mediamtx) })
        let status = await rig.status()
        #expect(status.version == "v1.16.2" && status.download?.state == .installed)
        #expect(!status.warnings.map(\.text).contains { $0.contains("installed") })
        #expect(
            status.binaryPath
                == "\(rig.directory.runtime)/mediamtx/v1.16.2/\(try #require(MachinePlatform.current))/mediamtx")
        #expect(!rig.file.contains("moq: false"))
        await rig.manager.shutDown()
    }

    @Test func aNewerReleaseGetsAConfigurationOfItsOwn() async throws {
        let rig = try await Rig(folder, version: MediaMTXVersion(1, 20, 1))
        await rig.want(.mediamtx)
        #expect(await eventually { await rig.runs(.mediamtx) })
        #expect(rig.file.contains("moq: false"))
        // What changes while it runs is written for it too.
        await rig.want(.mediamtx)
        #expect(rig.file.contains("moq: false"))
        await rig.manager.shutDown()
    }

    @Test func autoNeverDownloadsAndTakesWhatIsThereAtTheNextStart() async throws {
        let rig = try await Rig(folder)
        await rig.want(.auto)
        #expect(await rig.runs(.builtin))
        #expect(rig.release.server.requests.isEmpty)
        await rig.manager.download(rig.release.version)
        #expect(await rig.installer.wait().state == .installed)
        // Who watches is not interrupted by it, nor by the next change of a setting.
        await rig.want(.auto)
        #expect(await rig.runs(.builtin))
        #expect(
            await rig.status().warnings.map(\.text).contains(
                "MediaMTX v1.16.2 is installed. Restart the engine to use it."))
        await rig.manager.restart()
        #expect(await rig.runs(.mediamtx))
        await rig.want(.builtin)
        #expect(await rig.runs(.builtin))
        await rig.manager.restart()
        #expect(await rig.runs(.builtin))
        await rig.manager.shutDown()
    }

    @Test func theOtherEngineServesDuringTheDownload() async throws {
        let rig = try await Rig(folder)
        await rig.want(.builtin)
        let before = await rig.status()
        await rig.want(.mediamtx)
        let during = await rig.status()
        #expect(during.running && during.pid == before.pid && during.kind == .builtin)
        #expect(await eventually { await rig.runs(.mediamtx) })
        #expect(await rig.status().ports == before.ports)
        #expect(!isAlive(try #require(before.pid)))
        await rig.manager.shutDown()
    }

    @Test func aFailedDownloadIsToldAndNotRepeatedByItself() async throws {
        let rig = try await Rig(folder)
        await rig.want(.mediamtx, version: "v9.9.9")
        #expect(await eventually { await rig.status().lastError != nil })
        let status = await rig.status()
        #expect(status.state == .stopped && status.download?.state == .failed)
        #expect(
            status.lastError?.text.hasPrefix("MediaMTX could not be downloaded. There is no mediamtx_v9.9.9_") == true)
        #expect(status.lastError?.text.contains("set the engine kind to 'builtin'") == true)
        let count = rig.release.server.requests.count
        for _ in 0..<5 { await rig.want(.mediamtx, version: "v9.9.9") }
        #expect(rig.release.server.requests.count == count)
        // A person's start is another matter.
        await rig.manager.retryNow()
        #expect(await eventually { rig.release.server.requests.count > count })
        // And so is one click to the built-in engine.
        await rig.want(.builtin)
        #expect(await rig.runs(.builtin))
        await rig.manager.shutDown()
    }

    // MARK: Verifying

    @Test func aChangedProgramIsNotStarted() async throws {
        let rig = try await Rig(folder)
        await rig.manager.download(rig.release.version)
        let binary = try #require(await rig.installer.wait().binaryPath)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
        let handle = try #require(FileHandle(forWritingAtPath: binary))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("\n# changed\n".utf8))
        try handle.close()
        await rig.want(.mediamtx)
        let status = await rig.status()
        #expect(!status.running && status.state == .stopped)
        #expect(status.lastError?.text.contains("was changed after it was installed, so it is not started") == true)
        #expect(status.download?.state == .failed)
        #expect(folder.lines("mtx-starts") == [])
        // The built-in engine goes in its place where that was left to us.
        await rig.want(.auto)
        #expect(await rig.runs(.builtin))
        #expect(await rig.status().warnings.map(\.text).contains { $0.contains("was changed after it was installed") })
        // Installed again it is trusted again.
        await rig.manager.download(rig.release.version)
        #expect(await rig.installer.wait().state == .installed)
        await rig.want(.mediamtx)
        #expect(await rig.runs(.mediamtx))
        await rig.manager.shutDown()
    }

    @Test func aSuppliedProgramIsAskedForItsVersion() async throws {
        let binary = try folder.write("mediamtx", MediaMTXStandIn.program("v1.19.3", in: folder))
        let rig = try await Rig(folder, enginePath: binary)
        await rig.want(.auto)
        #expect(await rig.runs(.mediamtx))
        #expect(await rig.status().version == "v1.19.3")
        #expect(rig.file.contains("moq: false"))
        #expect(rig.release.server.requests.isEmpty)
        await rig.manager.shutDown()
    }

    // MARK: Surviving

    @Test func aCrashAtTheStartIsTold() async throws {
        let binary = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        _ = try folder.write("mtx-behaviour", "crash")
        let rig = try await Rig(folder, enginePath: binary)
        let asked = ContinuousClock.now
        await rig.want(.mediamtx)
        let status = await rig.status()
        #expect(status.lastError?.text.contains("ERR no such luck") == true)
        #expect(status.warnings.map(\.text).contains("Engine is enabled but not running."))
        // No storm: the first pause is a second, and the next ones are longer.
        let seconds = Int(asked.duration(to: .now) / .seconds(1))
        #expect(folder.lines("mtx-starts").count <= 1 + seconds)
        await rig.want(.builtin)
        await rig.manager.retryNow()
        #expect(await eventually { await rig.runs(.builtin) })
        await rig.manager.shutDown()
    }

    @Test func anEngineThatHangsIsReplaced() async throws {
        let binary = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        let rig = try await Rig(folder, enginePath: binary)
        await rig.want(.mediamtx)
        let hanging = try #require(await rig.status().pid)
        kill(pid_t(hanging), SIGSTOP)
        let isBack = await eventually(within: .seconds(40)) {
            let status = await rig.status()
            return status.running && status.pid != hanging
        }
        #expect(isBack)
        #expect(!isAlive(hanging))
        #expect(await rig.status().restartCount == 1)
        await rig.manager.shutDown()
    }

    @Test func anEngineThatEndsDuringAChangeIsReplacedSoon() async throws {
        let binary = try folder.write("mediamtx", MediaMTXStandIn.program(in: folder))
        _ = try folder.write("mtx-behaviour", "mortal")
        let rig = try await Rig(folder, enginePath: binary)
        await rig.want(.mediamtx)
        let first = try #require(await rig.status().pid)
        // After such a change its control API is asked until it answers.
        await rig.beginToWant(.mediamtx, webRTCHosts: ["192.0.2.7"])
        let isBack = await eventually(within: .seconds(20)) {
            let status = await rig.status()
            return status.running && status.pid != first
        }
        #expect(isBack)
        await rig.manager.shutDown()
    }

    @Test func aSilentAPIAtTheStartIsGivenUp() async throws {
        let binary = try folder.write(
            "mediamtx",
            "#!/bin/sh\n[ \"$1\" = --version ] && exit\necho started >> \(folder.path)/mtx-starts\nexec sleep 600\n")
        let rig = try await Rig(folder, enginePath: binary)
        await rig.want(.mediamtx)
        let status = await rig.status()
        #expect(
            !status.running && status.lastError?.text.hasPrefix("The engine did not answer within 8 seconds.") == true)
        #expect(status.orphanPIDs == [])
        await rig.manager.shutDown()
    }

    // MARK: Talking to it

    @Test func pathsComeFromEveryPage() async throws {
        // MediaMTX gives as many as it wants to, whatever is asked for.
        let names = (0..<250).map { "path-\($0)" }
        let server = try await LocalServer { request in
            let query = request.path.split(separator: "?").last ?? ""
            let page = query.split(separator: "&").first { $0.hasPrefix("page=") }.flatMap { Int($0.dropFirst(5)) } ?? 0
            let items = names.dropFirst(page * 100).prefix(100).map { name in
                #"{"name":"\#(name)","confName":"\#(name)","source":null,"ready":true,"tracks":[],"readers":[]}"#
            }
            let body = #"{"itemCount":250,"pageCount":3,"items":[\#(items.joined(separator: ","))]}"#
            return .init(body: Array(body.utf8))
        }
        let client = EngineClient(port: server.port, user: "u", password: Secret("p"))
        #expect(try await client.paths().map(\.name) == names)
        #expect(server.requests.count == 3)
    }

    @Test func whoReadsOrPublishesInAnyWayIsShownOut() async throws {
        let server = try await LocalServer { request in
            guard let kind = request.path.split(separator: "/").dropFirst().first, request.path.contains("/list") else {
                return .init(body: Array(#"{"status":"ok"}"#.utf8))
            }
            let items = [("front", "read"), ("other", "read"), ("front", "publish")].map { path, state in
                #"{"id":"\#(kind)-\#(path)-\#(state)","path":"\#(path)","state":"\#(state)"}"#
            }
            let body = #"{"itemCount":3,"pageCount":1,"items":[\#(items.joined(separator: ","))]}"#
            return .init(body: Array(body.utf8))
        }
        let client = EngineClient(port: server.port, user: "u", password: Secret("p"))
        try await client.apply(.endReaders(of: ["front"]))
        let ended = server.requests.map(\.path).filter { $0.contains("/kick/") }.sorted()
        let kinds = ["hlssessions", "rtmpconns", "rtspsessions", "rtspssessions", "srtconns", "webrtcsessions"]
        #expect(ended == kinds.map { "/v3/\($0)/kick/\($0)-front-read" })
        try await client.apply(.endPublishers(of: ["front"]))
        let endedThen = server.requests.map(\.path).filter { $0.hasSuffix("-publish") }.sorted()
        let kindsThen = ["rtmpconns", "rtspsessions", "rtspssessions", "srtconns", "webrtcsessions"]
        #expect(endedThen == kindsThen.map { "/v3/\($0)/kick/\($0)-front-publish" })
    }

    /// MediaMTX answers, and takes the change later; where WebRTC changes, its answer may not even come.
    @Test(arguments: [LiveEngineChange.setUsers([viewer]), .setWebRTC([], additionalHosts: ["h"], users: [viewer])])
    func aChangeIsMadeOnceItsUserIsLetIn(_ change: LiveEngineChange) async throws {
        let refusals = Mutex(2)
        let server = try await LocalServer { request in
            let isEarly = refusals.withLock { left in
                if request.path == "/v3/info" { left -= 1 }
                return request.path == "/v3/info" && left >= 0
            }
            let isWebRTC = String(decoding: request.body, as: UTF8.self).contains("webrtc")
            guard isEarly else {
                return .init(
                    body: Array(#"{"version":"v1.16.2","started":""}"#.utf8), length: isWebRTC ? 1000 : nil,
                    end: isWebRTC ? .cut : .complete)
            }
            return .init(status: .unauthorized, body: Array(#"{"error":"authentication error"}"#.utf8))
        }
        let client = EngineClient(port: server.port, user: "u", password: Secret("p"))
        try await client.apply(change)
        let requests = server.requests
        #expect(requests.map(\.path) == ["/v3/config/global/patch"] + Array(repeating: "/v3/info", count: 3))
        // Who asks is a user that came with the others, by hashes alone.
        let login = try #require(requests.last?.authorization?.split(separator: " ").last)
        let names = String(decoding: try #require(Data(base64Encoded: String(login))), as: UTF8.self)
            .split(separator: ":")
        let body = try JSONDecoder().decode(Patch.self, from: Data(requests[0].body))
        let sent = body.authInternalUsers
        #expect(sent.count == 2 && sent[0] == Self.viewer)
        #expect(body.webrtcAdditionalHosts == (change == .setUsers([Self.viewer]) ? nil : ["h"]))
        #expect(sent[1].user == HashedCredential.sha256(String(names[0])))
        #expect(sent[1].pass == HashedCredential.sha256(String(names[1])))
    }

    private static let viewer = AuthInternalUser(
        user: "ana", permissions: [AuthPermission(action: .read, path: "front")])

    private struct Patch: Decodable {
        var authInternalUsers: [AuthInternalUser]
        var webrtcAdditionalHosts: [String]?
    }
}
