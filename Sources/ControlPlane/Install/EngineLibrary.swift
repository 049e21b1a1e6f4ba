import EngineContract
import Foundation

/// The folder with the MediaMTX programs that were installed: `<cache>/mediamtx/<version>/<platform>/mediamtx`.
struct EngineLibrary: Hashable, Sendable {
    /// `<cache>/mediamtx`
    let folder: String

    /// - Parameter cacheDirectory: `TOPOSYNC_STREAMING_ENGINE_CACHE_DIR`, or `runtime/streaming` of the data directory.
    init(cacheDirectory: String) {
        let expanded = NSString(string: cacheDirectory).expandingTildeInPath
        folder = URL(filePath: expanded).appending(path: "mediamtx").standardizedFileURL.path(percentEncoded: false)
    }

    func home(_ version: MediaMTXVersion, _ platform: MachinePlatform) -> String { "\(folder)/\(version)/\(platform)" }

    /// The installation of a release, if there is one; whether it is intact is ``InstalledEngine/verify()``'s to say.
    func find(_ version: MediaMTXVersion, _ platform: MachinePlatform) -> InstalledEngine? {
        InstalledEngine.read(home(version, platform), executableName: platform.executableName)
    }

    // MARK: Downloads

    /// An archive that is being downloaded. It is kept when a download breaks off, so that the next one goes on.
    func partialDownload(of asset: String) -> String { "\(folder)/downloads/\(asset).part" }

    /// Makes what is missing, and drops what earlier installations left: other archives, and folders that were never
    /// finished. Called with the lock held. Blocks.
    func prepare(for asset: String, _ version: MediaMTXVersion) throws(InstallError) {
        for path in ["\(folder)/downloads", "\(folder)/\(version)"] { try InstallFolder.make(path) }
        let manager = FileManager.default
        let partial = partialDownload(of: asset)
        for name in (try? manager.contentsOfDirectory(atPath: "\(folder)/downloads")) ?? []
        where "\(folder)/downloads/\(name)" != partial {
            try? manager.removeItem(atPath: "\(folder)/downloads/\(name)")
        }
        for name in (try? manager.contentsOfDirectory(atPath: "\(folder)/\(version)")) ?? []
        where name.hasPrefix(Self.stagingPrefix) {
            try? manager.removeItem(atPath: "\(folder)/\(version)/\(name)")
        }
    }

    // MARK: Installing

    private static let stagingPrefix = ".new-"

    /// Unpacks a verified archive and puts it into place in one step, so that there is a whole installation or none.
    /// Blocks.
    func install(
        _ archive: EngineArchive, sha256: String, asset: String, version: MediaMTXVersion, platform: MachinePlatform,
        installedAtUnix: Double
    ) throws(InstallError) -> InstalledEngine {
        let staging = "\(folder)/\(version)/\(Self.stagingPrefix)\(platform)-\(RandomToken.hex(byteCount: 4))"
        try InstallFolder.make(staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        let digest: String
        do {
            digest = try archive.unpack(platform.executableName, into: staging)
        } catch {
            if case .file(let path, let reason) = error { throw .disk(path: path, reason: reason) }
            throw .badArchive(asset: asset, error)
        }
        let engine = InstalledEngine(
            version: version.description, platform: platform.rawValue, asset: asset, archiveSHA256: sha256,
            executableSHA256: digest, installedAtUnix: installedAtUnix,
            executable: "\(home(version, platform))/\(platform.executableName)")
        try InstallFolder.write(engine, to: "\(staging)/\(InstalledEngine.noteName)")
        try InstallFolder.put(staging, at: home(version, platform))
        return engine
    }

    // MARK: One installer at a time

    /// Keeps other processes from installing into this folder until the lock is gone.
    func lock() throws(InstallError) -> InstallLock {
        try InstallFolder.make(folder)
        return try InstallLock("\(folder)/install.lock")
    }
}
