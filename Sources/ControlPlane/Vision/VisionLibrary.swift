import Crypto
import Foundation
import StreamModel
import Synchronization

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The folder with the runtime and the models of detection: `onnxruntime/` and `models/<id>/`, each with the file and a note.
final class VisionLibrary: Sendable {
    let folder: String
    /// What was found intact, and with which stamp of the file; nil of one that was changed.
    private let verified = Mutex<[String: (stamp: FileStamp, isIntact: Bool)]>([:])

    /// - Parameter dataDirectory: what is installed is under `runtime/vision` in it.
    init(dataDirectory: String) {
        let expanded = NSString(string: dataDirectory).expandingTildeInPath
        folder = URL(filePath: expanded).appending(path: "runtime/vision").standardizedFileURL
            .path(percentEncoded: false)
    }

    private var models: String { "\(folder)/models" }

    private func home(_ item: VisionItem) -> String {
        item.member == nil ? "\(models)/\(item.id)" : "\(folder)/\(item.id)"
    }

    /// Where something of the catalogue is installed; nil when it is not.
    func find(_ item: VisionItem) -> InstalledVision? { InstalledVision.read(home(item), file: item.file) }

    /// A model by its id, whether it was downloaded or uploaded.
    func model(_ id: String) -> InstalledVision? {
        guard Self.isID(id) else { return nil }
        return InstalledVision.read("\(models)/\(id)", file: InstalledVision.modelFile)
    }

    /// All models by their id, in its order.
    var installedModels: [InstalledVision] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: models)) ?? []
        return names.sorted().compactMap { name in model(name).flatMap { $0.id == name ? $0 : nil } }
    }

    /// Whether a text can be the id of a model: it is the name of a folder, and stands in pipelines.
    static func isID(_ text: String) -> Bool { text.utf8.count <= idLimit && Slug.make(text) == text }

    /// Uploaded models at most: each may have 200 MB of a disk that others need as well.
    static let uploadLimit = 16

    /// Characters of an id at most.
    static let idLimit = 64

    // MARK: Whether it is what was installed

    /// Compares a file with what was installed, when it was not done yet since the file changed. Blocks.
    func isIntact(_ installed: InstalledVision) -> Bool {
        guard let stamp = FileStamp(installed.path) else { return false }
        if let known = verified.withLock({ $0[installed.path] }), known.stamp == stamp { return known.isIntact }
        let isIntact: Bool
        do throws(InstallError) {
            try installed.verify()
            isIntact = true
        } catch .altered {
            isIntact = false
        } catch {
            // It may be readable the next time.
            return false
        }
        verified.withLock { $0[installed.path] = (stamp, isIntact) }
        return isIntact
    }

    // MARK: Installing

    /// A file that is being downloaded. It is kept when a download breaks off, so that the next one goes on.
    func partialDownload(of item: VisionItem) -> String { "\(folder)/downloads/\(item.asset).part" }

    /// Keeps other processes from installing into this folder until the lock is gone.
    func lock() throws(InstallError) -> InstallLock {
        try InstallFolder.make(folder)
        return try InstallLock("\(folder)/install.lock")
    }

    private static let stagingPrefix = ".new-"

    /// Makes what is missing, and drops what earlier installations left: other downloads, and folders that were never finished.
    /// Called with the lock held. Blocks.
    func prepare(for item: VisionItem?) throws(InstallError) {
        for path in ["\(folder)/downloads", models] { try InstallFolder.make(path) }
        let manager = FileManager.default
        let leftovers =
            ((try? manager.contentsOfDirectory(atPath: "\(folder)/downloads")) ?? []).map {
                "\(folder)/downloads/\($0)"
            }
            .filter { path in item.map { path != partialDownload(of: $0) } ?? false }
            + ((try? manager.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasPrefix(Self.stagingPrefix) }.map { "\(folder)/\($0)" }
        for path in leftovers { try? manager.removeItem(atPath: path) }
    }

    /// Puts a verified download into place in one step, so that there is a whole installation or none. Blocks.
    func install(
        _ item: VisionItem, downloadSHA256: String, installedAtUnix: Double
    ) throws(InstallError) -> InstalledVision {
        let source = partialDownload(of: item)
        return try put(id: item.id, file: item.file, at: home(item)) { (path) throws(InstallError) in
            let (bytes, sha256) =
                if let member = item.member {
                    try unpack(member, of: source, asset: item.asset, to: path)
                } else {
                    try move(source, to: path, sha256: downloadSHA256)
                }
            return InstalledVision(
                id: item.id, file: item.file, bytes: bytes, sha256: sha256, downloadSHA256: downloadSHA256,
                installedAtUnix: installedAtUnix)
        }
    }

    /// - Parameter write: makes the file at a path.
    private func put(
        id: String, file: String, at home: String, _ write: (String) throws(InstallError) -> InstalledVision
    ) throws(InstallError) -> InstalledVision {
        let staging = "\(folder)/\(Self.stagingPrefix)\(id)-\(RandomToken.hex(byteCount: 4))"
        try InstallFolder.make(staging)
        defer { try? FileManager.default.removeItem(atPath: staging) }
        var installed = try write("\(staging)/\(file)")
        try InstallFolder.write(installed, to: "\(staging)/\(InstalledVision.noteName)")
        try InstallFolder.put(staging, at: home)
        installed.path = "\(home)/\(file)"
        // It was verified a moment ago.
        if let stamp = FileStamp(installed.path) {
            verified.withLock { [path = installed.path] in $0[path] = (stamp, true) }
        }
        return installed
    }

    /// Bytes that the runtime may have; that of x64 has 35 MB.
    private static let memberLimit = 256 << 20

    private func unpack(
        _ member: String, of archive: String, asset: String, to path: String
    ) throws(InstallError) -> (bytes: Int, sha256: String) {
        var hash = SHA256()
        var bytes = 0
        do {
            let input = try FileDescriptor.open(FilePath(archive), .readOnly, options: [.closeOnExec])
            try input.closeAfter {
                let member = try ZipMember(member, in: input, sizeLimit: Self.memberLimit)
                let output = try FileDescriptor.open(
                    FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
                try output.closeAfter {
                    try member.unpack { (piece) throws(ArchiveError) in
                        hash.update(data: piece)
                        bytes += piece.count
                        do {
                            _ = try output.writeAll(piece)
                        } catch {
                            throw .file(path: path, reason: "\(error)")
                        }
                    }
                    guard fsync(output.rawValue) == 0 else { throw Errno(rawValue: errno) }
                }
            }
        } catch let error as ArchiveError {
            if case .file(let path, let reason) = error { throw .disk(path: path, reason: reason) }
            throw .badArchive(asset: asset, error)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
        return (bytes, hash.finalize().hexadecimal)
    }

    private func move(
        _ source: String, to path: String, sha256: String
    ) throws(InstallError) -> (bytes: Int, sha256: String) {
        do {
            let size = try publish(source)
            guard unsafe rename(source, path) == 0 else { throw Errno(rawValue: errno) }
            return (size, sha256)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
    }

    /// Lets everybody read a file that was made for this user alone, and writes it out to the disk.
    /// - Returns: its size in bytes.
    private func publish(_ path: String) throws -> Int {
        let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        return try file.closeAfter {
            guard fchmod(file.rawValue, 0o644) == 0, fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            return Int(try file.seek(offset: 0, from: .end))
        }
    }

    // MARK: Models of one's own

    private static let uploadPrefix = ".upload-"

    /// The path of a folder for an upload, beside where it will be.
    func newUpload() -> String { "\(folder)/\(Self.uploadPrefix)\(RandomToken.hex(byteCount: 8))" }

    /// Drops what a process that was ended left of uploads. Blocks.
    func dropUnfinishedUploads() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where name.hasPrefix(Self.uploadPrefix) {
            try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// Puts a model into place that somebody uploaded. Nothing that is there is replaced. Blocks.
    func install(uploaded staging: String, id: String, atUnix now: Double) throws(InstallError) {
        let path = "\(staging)/\(InstalledVision.modelFile)"
        let bytes: Int
        do {
            bytes = try publish(path)
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
        let sha256 = try FileDigest.sha256(of: path)
        let note = InstalledVision(
            id: id, file: InstalledVision.modelFile, bytes: bytes, sha256: sha256, downloadSHA256: nil,
            installedAtUnix: now)
        try InstallFolder.write(note, to: "\(staging)/\(InstalledVision.noteName)")
        try InstallFolder.make(models)
        // Fails when there is one already, for its folder is not empty.
        guard unsafe rename(staging, "\(models)/\(id)") == 0 else {
            throw .disk(path: "\(models)/\(id)", reason: Errno(rawValue: errno).description)
        }
    }

    /// Deletes a model. Blocks.
    func remove(_ model: InstalledVision) throws(InstallError) {
        let home = "\(models)/\(model.id)"
        // Out of the way in one step, so that no half of it is ever found.
        let old = "\(folder)/\(Self.stagingPrefix)\(model.id)-\(RandomToken.hex(byteCount: 4))"
        guard unsafe rename(home, old) == 0 else {
            throw .disk(path: home, reason: Errno(rawValue: errno).description)
        }
        verified.withLock { $0[model.path] = nil }
        try? FileManager.default.removeItem(atPath: old)
    }
}
