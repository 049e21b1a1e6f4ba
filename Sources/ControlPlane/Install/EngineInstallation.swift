import EngineContract
import Foundation

/// One installation of a release, from the checksums to the program in its place.
struct EngineInstallation: Sendable {
    var version: MediaMTXVersion
    var platform: MachinePlatform
    var library: EngineLibrary
    var source: ReleaseSource
    var clock: InstallClock
    var report: @Sendable (InstallStep) -> Void

    private var asset: String { platform.archiveName(version: version.description) }
    private var partial: String { library.partialDownload(of: asset) }

    /// Installs it; what is there and intact is left as it is.
    func run() async throws(InstallError) -> InstalledEngine {
        if let installed = try await intact() { return installed }
        let lock = try library.lock()
        defer { withExtendedLifetime(lock) {} }
        // Another process may have installed it before it gave the lock up.
        if let installed = try await intact() { return installed }
        try await BlockingWork.installing { () throws(InstallError) in try library.prepare(for: asset, version) }
        return try await ReleaseClient.with { (client) async throws(InstallError) in
            report(.preparing)
            let sha256 = try await expectedChecksum(client)
            report(.expecting(sha256: sha256))
            try await VerifiedDownload(
                asset: asset, url: source.url(asset, version: version), partial: partial, sha256: sha256, clock: clock,
                report: report
            ).run(client)
            report(.unpacking)
            let now = clock.unixTime()
            let engine = try await BlockingWork.installing { () throws(InstallError) in
                try library.install(
                    EngineArchive(path: partial), sha256: sha256, asset: asset, version: version, platform: platform,
                    installedAtUnix: now)
            }
            unsafe unlink(partial)
            return engine
        }
    }

    private func intact() async throws(InstallError) -> InstalledEngine? {
        guard let installed = library.find(version, platform) else { return nil }
        do throws(InstallError) {
            try await BlockingWork.installing { () throws(InstallError) in try installed.verify() }
            return installed
        } catch {
            if error == .cancelled { throw error }
            // It is replaced.
            return nil
        }
    }

    private func expectedChecksum(_ client: ReleaseClient) async throws(InstallError) -> String {
        let url = source.url(ReleaseSource.checksumFile, version: version)
        return try await DownloadRetry.repeating(clock, report) { () async throws(InstallError) in
            let list = ChecksumList(try await client.text(at: url, for: asset))
            guard let sha256 = list[asset] else {
                throw list.isEmpty ? .noChecksum(asset: asset, url: url) : .notOffered(asset: asset, url: url)
            }
            return sha256
        }
    }
}
