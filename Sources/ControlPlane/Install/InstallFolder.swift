import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Folders that hold something installed: whole or not there. Everybody may read them, because an installation that an image's
/// build made is used by another user.
enum InstallFolder {
    /// Makes a folder, and those that it is in. Blocks.
    static func make(_ path: String) throws(InstallError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw .disk(path: path, reason: reason(error))
        }
    }

    /// Writes a note beside what is installed. Blocks.
    static func write(_ note: some Encodable, to path: String) throws(InstallError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let bytes = try encoder.encode(note)
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
            try file.closeAfter {
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw .disk(path: path, reason: "\(error)")
        }
    }

    /// Puts a folder that is complete into the place of another one in one step. Blocks.
    static func put(_ staging: String, at home: String) throws(InstallError) {
        // A folder that is not empty can't be renamed over, so a broken installation is moved out of the way first.
        let old = "\(staging)-old"
        let hadOld = unsafe rename(home, old) == 0
        defer { if hadOld { try? FileManager.default.removeItem(atPath: old) } }
        guard unsafe rename(staging, home) == 0 else {
            let reason = Errno(rawValue: errno).description
            if hadOld { unsafe rename(old, home) }
            throw .disk(path: home, reason: reason)
        }
        sync(folderOf: home)
    }

    /// Makes a rename last through a power cut.
    private static func sync(folderOf path: String) {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        guard let file = try? FileDescriptor.open(FilePath(folder), .readOnly, options: [.closeOnExec]) else { return }
        fsync(file.rawValue)
        try? file.close()
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain {
            return Errno(rawValue: CInt(underlying.code)).description
        }
        return error.localizedDescription
    }
}
