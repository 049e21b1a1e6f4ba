import EngineContract
import Foundation

/// One installation of a release, from the checksums to the program in its place.
struct EngineInstallation: Sendable {
    /// What it reports while it runs.
    enum Step: Hashable, Sendable {
        case preparing
        case expecting(sha256: String)
        case attempt(Int)
        case received(bytes: Int, total: Int?)
        case waiting(EngineInstallError)
        case verifying
        case unpacking
    }

    var version: MediaMTXVersion
    var platform: MachinePlatform
    var library: EngineLibrary
    var source: ReleaseSource
    var clock: InstallClock
    var report: @Sendable (Step) -> Void

    private var asset: String { platform.archiveName(version: version.description) }
    private var partial: String { library.partialDownload(of: asset) }

    /// Installs it; what is there and intact is left as it is.
    func run() async throws(EngineInstallError) -> InstalledEngine {
        if let installed = try await intact() { return installed }
        let lock = try library.lock()
        defer { withExtendedLifetime(lock) {} }
        // Another process may have installed it before it gave the lock up.
        if let installed = try await intact() { return installed }
        try await blocking { () throws(EngineInstallError) in try library.prepare(for: asset, version) }
        return try await ReleaseClient.with { (client) async throws(EngineInstallError) in
            report(.preparing)
            let sha256 = try await expectedChecksum(client)
            report(.expecting(sha256: sha256))
            try await download(client, sha256)
            report(.unpacking)
            let now = clock.unixTime()
            let engine = try await blocking { () throws(EngineInstallError) in
                try library.install(
                    EngineArchive(path: partial), sha256: sha256, asset: asset, version: version, platform: platform,
                    installedAtUnix: now)
            }
            unsafe unlink(partial)
            return engine
        }
    }

    private func intact() async throws(EngineInstallError) -> InstalledEngine? {
        guard let installed = library.find(version, platform) else { return nil }
        do throws(EngineInstallError) {
            try await blocking { () throws(EngineInstallError) in try installed.verify() }
            return installed
        } catch {
            if error == .cancelled { throw error }
            // It is replaced.
            return nil
        }
    }

    // MARK: Downloading

    private func expectedChecksum(_ client: ReleaseClient) async throws(EngineInstallError) -> String {
        let url = source.url(ReleaseSource.checksumFile, version: version)
        var retry = DownloadRetry()
        while true {
            do throws(EngineInstallError) {
                let list = ChecksumList(try await client.text(at: url, for: asset))
                guard let sha256 = list[asset] else {
                    throw list.isEmpty ? .noChecksum(asset: asset, url: url) : .notOffered(asset: asset, url: url)
                }
                return sha256
            } catch {
                try await pause(after: error, retry.recordFailure(received: 0))
            }
        }
    }

    /// Until the archive is there and is the right one.
    private func download(_ client: ReleaseClient, _ sha256: String) async throws(EngineInstallError) {
        var retry = DownloadRetry()
        var mayBeOfAnother = fileSize(partial) > 0
        var attempt = 0
        while true {
            attempt += 1
            report(.attempt(attempt))
            let before = fileSize(partial)
            do throws(EngineInstallError) {
                try await client.download(asset, at: source.url(asset, version: version), to: partial) { bytes, total in
                    report(.received(bytes: bytes, total: total))
                }
                report(.verifying)
                let actual = try await blocking { () throws(EngineInstallError) in try digest(of: partial) }
                if actual == sha256 { return }
                unsafe unlink(partial)
                // What an earlier run left may not belong to what the server has now, so it is fetched once as a whole.
                guard mayBeOfAnother else { throw .wrongChecksum(asset: asset) }
                mayBeOfAnother = false
            } catch {
                try await pause(after: error, retry.recordFailure(received: fileSize(partial) - before))
            }
        }
    }

    /// - Parameter pause: nil to give up.
    private func pause(after error: EngineInstallError, _ pause: Duration?) async throws(EngineInstallError) {
        if Task.isCancelled { throw .cancelled }
        guard error.isPassing, let pause else { throw error }
        report(.waiting(error))
        do {
            try await clock.sleep(pause)
        } catch {
            throw .cancelled
        }
    }

    // MARK: Files

    private func digest(of path: String) throws(EngineInstallError) -> String {
        do {
            return try FileDigest.sha256(of: path)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
    }

    private func fileSize(_ path: String) -> Int {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private func blocking<Result: Sendable>(
        _ work: @escaping @Sendable () throws(EngineInstallError) -> Result
    ) async throws(EngineInstallError) -> Result {
        do {
            return try await BlockingWork.run(work)
        } catch {
            throw error as? EngineInstallError ?? .cancelled
        }
    }
}
