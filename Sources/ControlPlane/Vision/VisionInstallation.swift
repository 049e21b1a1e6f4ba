import Foundation

/// One installation of one thing, from its checksum to its file in its place.
struct VisionInstallation: Sendable {
    var item: VisionItem
    var library: VisionLibrary
    var source: VisionSource
    var clock: InstallClock
    var report: @Sendable (InstallStep) -> Void

    /// Installs it; what is there and intact is left as it is.
    func run() async throws(InstallError) {
        if try await isThere() { return }
        let lock = try library.lock()
        defer { withExtendedLifetime(lock) {} }
        // Another process may have installed it before it gave the lock up.
        if try await isThere() { return }
        try await BlockingWork.installing { () throws(InstallError) in try library.prepare(for: item) }
        try await ReleaseClient.with { (client) async throws(InstallError) in
            report(.preparing)
            let sha256 = try await expectedChecksum(client)
            let partial = library.partialDownload(of: item)
            try await VerifiedDownload(
                asset: item.asset, url: source.url(item), partial: partial, sha256: sha256, clock: clock, report: report
            ).run(client)
            report(.unpacking)
            let now = clock.unixTime()
            _ = try await BlockingWork.installing { () throws(InstallError) in
                try library.install(item, downloadSHA256: sha256, installedAtUnix: now)
            }
            unsafe unlink(partial)
        }
    }

    private func isThere() async throws(InstallError) -> Bool {
        guard let installed = library.find(item) else { return false }
        return try await BlockingWork.installing { () throws(InstallError) in library.isIntact(installed) }
    }

    /// The one that we know, unless a mirror says that its file is another.
    private func expectedChecksum(_ client: ReleaseClient) async throws(InstallError) -> String {
        guard let url = source.checksums else { return item.sha256 }
        return try await DownloadRetry.repeating(clock, report) { () async throws(InstallError) in
            do throws(InstallError) {
                return ChecksumList(try await client.text(at: url, for: item.asset))[item.asset] ?? item.sha256
            } catch {
                guard case .notOffered = error else { throw error }
                return item.sha256
            }
        }
    }
}
