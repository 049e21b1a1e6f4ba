import Foundation
import StreamModel
import Testing

@testable import ControlPlane

/// Installing what detection needs, from a server on this machine.
@Suite(.timeLimit(.minutes(3))) struct VisionInstallerTests {
    private let installed: Set = [
        "install.lock", "onnxruntime/libonnxruntime.so.9", "onnxruntime/installed.json", "models/small/model.onnx",
        "models/small/installed.json",
    ]
    private let nothing: Set = ["install.lock"]

    @Test func runtimeAndModelAreInstalled() async throws {
        let rig = try await VisionRig()
        #expect(rig.installer.look().problem?.code == "vision_no_runtime")
        let result = await rig.install()
        #expect(result.state == .installed && result.error == nil, "\(result)")
        #expect(rig.files == installed)
        // Both together are one figure.
        let all = rig.wheel.count + rig.model.count
        #expect(rig.received.bytes == all && rig.received.total == all)
        let runtime = try #require(rig.library.find(rig.runtimeItem))
        let bytes = try Data(contentsOf: URL(filePath: runtime.path))
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(VisionRig.library))
        let sha256 = try Archives.sha256sum(Array(bytes))
        #expect(runtime.bytes == bytes.count && runtime.sha256 == sha256)
        let state = rig.installer.look()
        #expect(state.isReady && state.problem == nil)
        #expect(
            rig.installer.usable()
                == VisionAssets(
                    runtime: runtime.path, models: ["small": "\(rig.library.folder)/models/small/model.onnx"]))
        // It is there: nothing is asked for again.
        let requests = rig.server.requests.count
        #expect(await rig.install().state == .installed)
        #expect(rig.server.requests.count == requests)
    }

    @Test func nothingElseOfTheArchiveIsWritten() async throws {
        let rig = try await VisionRig()
        #expect(await rig.install().state == .installed)
        for path in ["\(rig.folder.path)/evil", "\(rig.folder.path)/runtime/evil", "\(rig.library.folder)/evil"] {
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aDroppedConnectionIsResumed() async throws {
        let rig = try await VisionRig(troubles: [.stall(at: 0.6)])
        rig.installer.start("small")
        #expect(await eventually { rig.installer.current.progress.bytes > rig.wheel.count / 3 })
        rig.server.cutConnections()
        #expect(await rig.installer.wait().progress.state == .installed)
        #expect(rig.files == installed && rig.states.contains(.waiting))
        let range = try #require(rig.wheelRequests.last?.range)
        #expect(rig.wheelRequests.count == 2 && range != "bytes=0-")
    }

    @Test func aWrongChecksumInstallsNothing() async throws {
        let rig = try await VisionRig(published: [1, 2, 3])
        let result = await rig.install()
        #expect(result.state == .failed && result.error?.code == "install_wrong_checksum")
        #expect(rig.files == nothing && !rig.states.contains(.unpacking))
        #expect(rig.wheelRequests.count == 1)
    }

    @Test func aMirrorMayHaveOtherFiles() async throws {
        let wheel = try VisionRig.goodWheel()
        let list = "\(try Archives.sha256sum(wheel)) *runtime.whl\n"
        let rig = try await VisionRig(wheel: wheel, published: [1, 2, 3], checksums: list)
        #expect(await rig.install().state == .installed)
    }

    @Test func anArchiveWithoutTheRuntimeInstallsNothing() async throws {
        let rig = try await VisionRig(wheel: Archives.zip([.init(name: "a", content: "x")]))
        let result = await rig.install()
        #expect(
            result.state == .failed && result.error?.text.contains("there is no '\(VisionRig.member)' in it") == true)
        #expect(!rig.files.contains { $0.hasPrefix("onnxruntime") || $0.hasPrefix(".new-") })
    }

    @Test func aTruncatedArchiveInstallsNothing() async throws {
        let rig = try await VisionRig(wheel: Array(try VisionRig.goodWheel().dropLast(500_000)))
        let result = await rig.install()
        #expect(result.state == .failed && result.error?.code == "vision_unusable")
        #expect(!rig.files.contains { $0.hasPrefix("onnxruntime") || $0.hasPrefix(".new-") })
    }

    @Test func aCancelledDownloadGoesOnLater() async throws {
        let rig = try await VisionRig(troubles: [.stall(at: 0.6)])
        #expect(rig.installer.start("small") == .started)
        #expect(await eventually { rig.installer.current.progress.bytes > 0 })
        #expect(rig.installer.start("small") == .goesOn && rig.installer.start("large") == .unknownModel)
        await rig.installer.cancel()
        #expect(rig.installer.current.progress.state == .cancelled)
        #expect(rig.files == ["install.lock", "downloads/runtime.whl.part"])
        #expect(await rig.install().state == .installed)
        #expect(rig.wheelRequests.last?.range != nil)
    }

    @Test func twoProgramsDoNotInstallAtOnce() async throws {
        let first = try await VisionRig(troubles: [.stall(at: 0.5)])
        let second = try await VisionRig(in: first.folder.path)
        first.installer.start("small")
        #expect(await eventually { first.installer.current.progress.bytes > 0 })
        #expect(await second.install().error?.code == "vision_busy")
        await first.installer.cancel()
        #expect(await second.install().state == .installed)
    }

    @Test func aChangedFileIsNoticedAndReplaced() async throws {
        let rig = try await VisionRig()
        #expect(await rig.install().state == .installed)
        let path = try #require(rig.installer.usable().runtime)
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.write(contentsOf: Data("evil".utf8))
        try file.close()
        #expect(rig.installer.usable().runtime == nil)
        #expect(rig.installer.look().problem?.code == "vision_altered")
        #expect(await rig.install().state == .installed)
        #expect(rig.installer.usable().runtime == path && rig.files == installed)
    }

    @Test func aFullDiskIsSaid() async throws {
        let rig = try await VisionRig()
        // A folder where a file is to be stands for a disk that takes nothing.
        try FileManager.default.createDirectory(
            atPath: rig.library.partialDownload(of: rig.runtimeItem), withIntermediateDirectories: true)
        let result = await rig.install()
        #expect(result.state == .failed && result.error?.text.contains("Make room or give this user access") == true)
    }

    @Test func whatAKilledProcessLeftIsDropped() async throws {
        let rig = try await VisionRig()
        for name in [".new-onnxruntime-00000000", "downloads", ".upload-00000000"] {
            try FileManager.default.createDirectory(
                atPath: "\(rig.library.folder)/\(name)", withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: "\(rig.library.folder)/\(name)/half"))
        }
        rig.library.dropUnfinishedUploads()
        #expect(await rig.install().state == .installed)
        #expect(rig.files == installed)
    }

    /// The real catalogue, whose addresses are made by hand.
    @Test func whatIsPublishedHasWellFormedAddresses() throws {
        for item in VisionCatalog.current.models + [try #require(VisionCatalog.current.runtime)] {
            #expect(URL(string: item.url)?.scheme == "https" && item.sha256.count == 64 && item.size > 1 << 20)
        }
        let runtime = try #require(VisionCatalog.current.runtime)
        #expect(runtime.asset.hasSuffix(".whl") && runtime.file == "libonnxruntime.so.1.32.0")
        #expect(runtime.url.split(separator: "/").dropLast().suffix(3).map(\.count) == [2, 2, 60])
        #expect(VisionCatalog.current.model(VisionInstaller.defaultModel)?.inputSize == 416)
        #expect(VisionSource(mirror: " http://nas/vision/ ").url(runtime) == "http://nas/vision/\(runtime.asset)")
        #expect(VisionSource(mirror: " ").url(runtime) == runtime.url)
    }
}
