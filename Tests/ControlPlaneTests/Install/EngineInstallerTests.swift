import EngineContract
import Foundation
import StreamModel
import Testing

@testable import ControlPlane

/// Installing from a server on this machine, with a release that never was.
@Suite(.timeLimit(.minutes(3))) struct EngineInstallerTests {
    private let installed: Set = [
        "install.lock", "v1.16.2/linux-x64/mediamtx", "v1.16.2/linux-x64/LICENSE", "v1.16.2/linux-x64/installed.json",
    ]
    private let nothing: Set = ["install.lock"]

    private func release(
        _ archive: [UInt8]? = nil, checksums: String? = nil, redirects: Bool = false,
        troubles: [MadeUpRelease.Trouble] = []
    ) async throws -> MadeUpRelease {
        try await MadeUpRelease(
            platform: .linuxX64, archive: archive ?? Archives.release(), checksums: checksums, redirects: redirects,
            troubles: troubles)
    }

    @Test func aReleaseIsInstalled() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        let result = await rig.install()
        #expect(result.state == .installed && result.error == nil)
        #expect(result.bytes == release.archive.count && result.totalBytes == release.archive.count)
        #expect(rig.files == installed)
        #expect(rig.states == [.preparing, .downloading, .verifying, .unpacking, .installed])
        // The checksum was there before the first byte of the archive.
        #expect(
            release.server.requests.map(\.path) == [
                "/v1.16.2/checksums.sha256", "/v1.16.2/mediamtx_v1.16.2_linux_amd64.tar.gz",
            ])
        #expect(release.server.requests.allSatisfy { $0.userAgent == "toposync-streaming/0.1" })
        let binary = try #require(result.binaryPath)
        #expect(binary == "\(rig.folder.path)/mediamtx/v1.16.2/linux-x64/mediamtx")
        #expect(FileManager.default.isExecutableFile(atPath: binary))
        let note = try #require(rig.library.find(release.version, .linuxX64))
        #expect(note.executableSHA256 == (try Archives.sha256sum(Array(Data(contentsOf: URL(filePath: binary))))))
        #expect(note.archiveSHA256 == (try Archives.sha256sum(release.archive)))
        try note.verify()
        // It is there: nothing is asked for again.
        #expect(await rig.install().state == .installed)
        #expect(release.server.requests.count == 2)
    }

    @Test func aReleaseMayBeElsewhere() async throws {
        let release = try await release(redirects: true)
        let rig = InstallRig(release)
        #expect(await rig.install().state == .installed)
    }

    // MARK: Lines that break

    @Test func aDroppedConnectionIsResumed() async throws {
        let release = try await release(troubles: [.stall(at: 0.6)])
        let rig = InstallRig(release)
        rig.installer.start(release.version)
        #expect(await eventually { rig.installer.download(of: "v1.16.2").bytes > release.archive.count / 3 })
        release.server.cutConnections()
        let result = await rig.installer.wait()
        #expect(result.state == .installed && result.attempt == 2)
        #expect(rig.files == installed)
        let requests = release.assetRequests
        #expect(requests.count == 2 && requests[0].range == nil)
        let kept = try #require(requests[1].range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) })
        #expect(kept > release.archive.count / 3 && kept <= Int(Double(release.archive.count) * 0.6))
        #expect(rig.pauses == [.seconds(1)])
        #expect(rig.states.contains(.waiting))
    }

    @Test func aServerWithoutRangesBeginsAnew() async throws {
        let release = try await release(troubles: [.cut(at: 0.5), .ignoresRange])
        let rig = InstallRig(release)
        #expect(await rig.install().state == .installed)
        #expect(release.assetRequests.count == 2)
    }

    @Test func aCompleteDownloadIsNotFetchedTwice() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        let partial = rig.library.partialDownload(of: release.asset)
        try FileManager.default.createDirectory(
            atPath: "\(rig.library.folder)/downloads", withIntermediateDirectories: true)
        try Data(release.archive).write(to: URL(filePath: partial))
        #expect(await rig.install().state == .installed)
        #expect(release.assetRequests.map(\.range) == ["bytes=\(release.archive.count)-"])
        #expect(rig.files == installed)
    }

    @Test func whatAnotherReleaseLeftIsFetchedAnew() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        try FileManager.default.createDirectory(
            atPath: "\(rig.library.folder)/downloads", withIntermediateDirectories: true)
        try Data(repeating: 7, count: 1000).write(
            to: URL(filePath: rig.library.partialDownload(of: release.asset)))
        try Data().write(to: URL(filePath: "\(rig.library.folder)/downloads/old.part"))
        #expect(await rig.install().state == .installed)
        #expect(release.assetRequests.map(\.range) == ["bytes=1000-", nil])
        #expect(rig.files == installed)
    }

    @Test func triesAreBounded() async throws {
        let release = try await release(troubles: Array(repeating: .status(503), count: 50))
        let rig = InstallRig(release)
        let result = await rig.install()
        #expect(result.state == .failed)
        #expect(result.error?.text.contains("answered with HTTP status 503") == true)
        #expect(rig.pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16)])
        #expect(release.assetRequests.count == 6)
    }

    @Test func nobodyThereIsSaid() async throws {
        let port = try #require(PortAllocator.system(exposed: false).systemAssigned())
        let rig = InstallRig(baseURL: "http://127.0.0.1:\(port)/")
        let result = await rig.install()
        #expect(result.state == .failed && rig.pauses.count == 5)
        #expect(result.error?.text.hasPrefix("127.0.0.1 can't be reached (connection refused). Check") == true)
    }

    // MARK: What is refused

    @Test func aWrongChecksumInstallsNothing() async throws {
        let asset = MachinePlatform.linuxX64.archiveName(version: "v1.16.2")
        let release = try await release(checksums: "\(String(repeating: "0", count: 64)) *\(asset)\n")
        let rig = InstallRig(release)
        let result = await rig.install()
        #expect(result.state == .failed)
        #expect(result.error?.text.contains("does not match its published checksum") == true)
        #expect(rig.files == nothing)
        #expect(!rig.states.contains(.unpacking))
        #expect(release.assetRequests.count == 1)
    }

    @Test func withoutAChecksumNothingIsDownloaded() async throws {
        let release = try await release(checksums: "nothing of interest\n")
        let rig = InstallRig(release)
        #expect(await rig.install().state == .failed)
        #expect(release.assetRequests.isEmpty)
    }

    @Test func anUnknownVersionIsSaid() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        let result = await rig.install(MediaMTXVersion(9, 9, 9))
        #expect(result.state == .failed && rig.pauses.isEmpty)
        #expect(release.server.requests.count == 1)
        #expect(result.error?.text.contains("Choose another MediaMTX version") == true)
    }

    @Test func aTruncatedArchiveInstallsNothing() async throws {
        let whole = try Archives.release()
        let release = try await release(Array(whole.dropLast(1000)))
        let rig = InstallRig(release)
        let result = await rig.install()
        #expect(result.state == .failed)
        #expect(result.error?.text.contains("it ends too early") == true)
        #expect(rig.files.allSatisfy { !$0.hasPrefix("v1.16.2") })
    }

    @Test(arguments: [
        (Archives.Entry(name: "../evil", content: "x"), "would be unpacked outside"),
        (Archives.Entry(name: "a/../../evil", content: "x"), "would be unpacked outside"),
        (Archives.Entry(name: "/tmp/evil", content: "x"), "would be unpacked outside"),
        (Archives.Entry(name: "mediamtx", type: "SYMTYPE", link: "/bin/sh"), "is a link"),
        (Archives.Entry(name: "mediamtx", type: "LNKTYPE", link: "/etc/passwd"), "is a link"),
        (Archives.Entry(name: "pipe", type: "FIFOTYPE"), "is not an ordinary file"),
        (Archives.Entry(name: "zero", type: "CHRTYPE"), "is not an ordinary file"),
        (Archives.Entry(name: "mediamtx", content: "another"), "is in it twice"),
    ])
    func aHostileArchiveInstallsNothing(_ entry: Archives.Entry, _ reason: String) async throws {
        let program = Archives.Entry(name: "mediamtx", content: "#!/bin/sh\n")
        // After the program, so that it is found only when that has been unpacked already.
        let entries = entry.type == "REGTYPE" ? [program, entry] : [entry, program]
        let release = try await release(Archives.tarGz(entries))
        let rig = InstallRig(release)
        let result = await rig.install()
        #expect(result.state == .failed)
        #expect(result.error?.text.contains(reason) == true, "\(result.error?.text ?? "no error")")
        #expect(rig.files.allSatisfy { !$0.hasPrefix("v1.16.2") })
        #expect(!FileManager.default.fileExists(atPath: "\(rig.folder.path)/evil"))
        #expect(!FileManager.default.fileExists(atPath: "\(rig.library.folder)/evil"))
        #expect(!FileManager.default.fileExists(atPath: "/tmp/evil"))
    }

    @Test func anArchiveWithoutTheProgramInstallsNothing() async throws {
        let release = try await release(Archives.tarGz([.init(name: "README", content: "x")]))
        let rig = InstallRig(release)
        #expect(await rig.install().error?.text.contains("there is no 'mediamtx' in it") == true)
    }

    // MARK: One at a time

    @Test func aCancelledDownloadGoesOnLater() async throws {
        let release = try await release(troubles: [.stall(at: 0.6)])
        let rig = InstallRig(release)
        rig.installer.start(release.version)
        #expect(await eventually { rig.installer.download(of: "v1.16.2").bytes > 0 })
        #expect(rig.installer.download(of: "v1.16.2").totalBytes == release.archive.count)
        await rig.installer.cancel()
        let cancelled = rig.installer.download(of: "v1.16.2")
        #expect(cancelled.state == .cancelled && cancelled.error?.text.contains("cancelled") == true)
        #expect(rig.files == ["install.lock", "downloads/\(release.asset).part"])
        #expect(await rig.install().state == .installed)
        let range = try #require(release.assetRequests.last?.range)
        #expect(range.hasPrefix("bytes=") && range != "bytes=0-")
    }

    @Test func twoAtOnceAreOne() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { rig.installer.start(release.version) } }
        }
        #expect(await rig.installer.wait().state == .installed)
        #expect(release.assetRequests.count == 1)
    }

    @Test func twoProgramsDoNotInstallAtOnce() async throws {
        let release = try await release(troubles: [.stall(at: 0.5)])
        let first = InstallRig(release)
        let second = InstallRig(release, library: first.library)
        first.installer.start(release.version)
        #expect(await eventually { first.installer.download(of: "v1.16.2").bytes > 0 })
        #expect(await second.install().error?.text.hasPrefix("Another program is installing MediaMTX") == true)
        await first.installer.cancel()
        #expect(await second.install().state == .installed)
    }

    @Test func anotherVersionTakesTheFirstOnesPlace() async throws {
        let old = try await release(troubles: [.stall(at: 0.5)])
        let rig = InstallRig(old)
        rig.installer.start(old.version)
        #expect(await eventually { rig.installer.download(of: "v1.16.2").bytes > 0 })
        let result = await rig.install(MediaMTXVersion(1, 20, 1))
        #expect(result.version == "v1.20.1" && result.state == .failed)
        #expect(rig.installer.download(of: "v1.16.2").state == .idle)
    }

    // MARK: What was installed

    @Test func aChangedProgramIsNoticedAndReplaced() async throws {
        let release = try await release()
        let rig = InstallRig(release)
        let binary = try #require(await rig.install().binaryPath)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: binary)
        let file = try #require(FileHandle(forWritingAtPath: binary))
        try file.write(contentsOf: Data("#!/bin/ls".utf8))
        try file.close()
        let installed = try #require(rig.library.find(release.version, .linuxX64))
        #expect(throws: InstallError.altered(path: binary)) { try installed.verify() }
        #expect(await rig.install().state == .installed)
        try #require(rig.library.find(release.version, .linuxX64)).verify()
        #expect(rig.files == self.installed)
    }

    @Test func aFullDiskIsSaid() async throws {
        let release = try await release()
        // A folder where a file is to be stands for a disk that takes nothing.
        let rig = InstallRig(release)
        try FileManager.default.createDirectory(
            atPath: rig.library.partialDownload(of: release.asset), withIntermediateDirectories: true)
        let result = await rig.install()
        #expect(result.state == .failed && result.error?.text.contains("Make room or give this user access") == true)
    }
}

extension Archives.Entry: CustomTestStringConvertible {
    var testDescription: String { "\(type) \(name)" }
}
