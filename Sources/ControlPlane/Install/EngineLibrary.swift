import EngineContract
import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

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
    func prepare(for asset: String, _ version: MediaMTXVersion) throws(EngineInstallError) {
        for path in ["\(folder)/downloads", "\(folder)/\(version)"] { try makeFolder(path) }
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

    private func makeFolder(_ path: String) throws(EngineInstallError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw .disk(path: path, reason: Self.reason(error))
        }
    }

    // MARK: Installing

    private static let stagingPrefix = ".new-"

    /// Unpacks a verified archive and puts it into place in one step, so that there is a whole installation or none.
    /// Blocks.
    func install(
        _ archive: EngineArchive, sha256: String, asset: String, version: MediaMTXVersion, platform: MachinePlatform,
        installedAtUnix: Double
    ) throws(EngineInstallError) -> InstalledEngine {
        let staging = "\(folder)/\(version)/\(Self.stagingPrefix)\(platform)-\(RandomToken.hex(byteCount: 4))"
        try makeFolder(staging)
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
        do {
            try PublicFile.write(engine.note, to: "\(staging)/\(InstalledEngine.noteName)")
        } catch {
            throw .disk(path: staging, reason: "\(error)")
        }
        try putIntoPlace(staging, at: home(version, platform))
        return engine
    }

    private func putIntoPlace(_ staging: String, at home: String) throws(EngineInstallError) {
        // A folder that is not empty can't be renamed over, so a broken installation is moved out of the way first.
        let old = "\(staging)-old"
        let hadOld = unsafe rename(home, old) == 0
        defer { if hadOld { try? FileManager.default.removeItem(atPath: old) } }
        guard unsafe rename(staging, home) == 0 else {
            let reason = Errno(rawValue: errno).description
            if hadOld { unsafe rename(old, home) }
            throw .disk(path: home, reason: reason)
        }
        PublicFile.syncFolder(of: home)
    }

    // MARK: One installer at a time

    /// Keeps other processes from installing into this folder until the lock is gone.
    func lock() throws(EngineInstallError) -> InstallLock {
        try makeFolder(folder)
        return try InstallLock("\(folder)/install.lock")
    }

    static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain {
            return Errno(rawValue: CInt(underlying.code)).description
        }
        return error.localizedDescription
    }
}

/// The kernel's lock (`flock`), which is gone with the process however that ends.
final class InstallLock: Sendable {
    private let file: FileDescriptor

    fileprivate init(_ path: String) throws(EngineInstallError) {
        let opened: FileDescriptor
        do {
            opened = try FileDescriptor.open(
                FilePath(path), .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
        guard flock(opened.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            // Not `deinit` too, which runs for what was initialised before a throw: by then the number may be another file's.
            try? opened.close()
            throw .busy
        }
        file = opened
    }

    deinit { try? file.close() }
}

/// Files that everybody may read: an installation that an image's build made is used by another user.
private enum PublicFile {
    static func write(_ bytes: Data, to path: String) throws {
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        try file.closeAfter {
            try file.writeAll(bytes)
            guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }

    /// Makes a rename last through a power cut.
    static func syncFolder(of path: String) {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        guard let file = try? FileDescriptor.open(FilePath(folder), .readOnly, options: [.closeOnExec]) else { return }
        fsync(file.rawValue)
        try? file.close()
    }
}
