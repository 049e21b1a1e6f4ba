import Foundation
import StreamModel

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The folder that everything is kept in, and where what is in it (contract B.5).
///
/// When the disk became read-only since the last run, as a memory card does that is worn out, what is made anew at each
/// start goes into a folder under `/tmp`, and what users set up is only read.
struct DataDirectory: Sendable {
    let root: String
    /// Where files are that only matter while we run.
    private(set) var runtime: String
    /// Why nothing can be written, as a sentence; nil when it can.
    private(set) var problem: CodedMessage?

    var database: String { root + "/toposync-streaming.sqlite" }
    var lockFile: String { root + "/toposync-streaming.lock" }
    var logs: String { runtime + "/logs" }
    var engineConfiguration: String { runtime + "/mediamtx.yml" }
    /// Where files are read from in place of cameras, beside `/media`.
    var media: String { root + "/media" }
    var publishSecret: String { runtime + "/publish-secret.key" }
    /// Where engines are installed.
    var engines: String { root + "/runtime/streaming" }

    /// - Parameter path: a path, which may start with `~`.
    init(_ path: String) {
        let expanded = NSString(string: path).expandingTildeInPath
        root =
            URL(filePath: expanded, directoryHint: .isDirectory).standardizedFileURL.path(percentEncoded: false)
            .trimmingTrailingSlash
        runtime = root + "/runtime/streaming"
    }

    /// Makes the folders that are missing; what is in `runtime` is only for this user.
    /// - Throws: ``StartupError`` when the folder can't be made, or can't be written and has no database to read.
    mutating func prepare() throws(StartupError) {
        do throws(StartupError) {
            try makeFolders([root, root + "/runtime", runtime, logs])
            try tryWriting()
        } catch {
            guard unsafe access(database, R_OK) == 0, let folder = PrivateFolder.make(for: root) else { throw error }
            problem = CodedMessage(
                "data_not_writable",
                "\(error.description) Until then everything runs as it was set up, and no change can be saved.",
                ["folder": .string(root), "reason": .string(error.description)])
            runtime = folder
            try makeFolders([logs])
        }
    }

    private func makeFolders(_ folders: [String]) throws(StartupError) {
        for folder in folders {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw unusable(folder, Self.reason(error))
            }
        }
        for folder in [runtime, logs] where folders.contains(folder) { unsafe chmod(folder, 0o700) }
    }

    private func tryWriting() throws(StartupError) {
        let probe = root + "/.toposync-write-test-\(getpid())"
        do {
            try PrivateFile.write([], to: probe)
        } catch {
            throw unusable(root, error.description)
        }
        unsafe unlink(probe)
    }

    private func unusable(_ folder: String, _ reason: String) -> StartupError {
        StartupError(
            "The data directory \(folder) can't be written: \(reason). Give this user write access to it, or choose another "
                + "with --data-dir.")
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if let underlying, underlying.domain == NSPOSIXErrorDomain {
            return Errno(rawValue: CInt(underlying.code)).description
        }
        return error.localizedDescription
    }
}

extension String {
    fileprivate var trimmingTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
