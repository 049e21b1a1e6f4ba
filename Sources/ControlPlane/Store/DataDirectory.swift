import Foundation

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// The folder that everything is kept in, and where what is in it (contract B.5).
struct DataDirectory: Sendable {
    let root: String

    var database: String { root + "/toposync-streaming.sqlite" }
    var lockFile: String { root + "/toposync-streaming.lock" }
    var runtime: String { root + "/runtime/streaming" }
    var logs: String { runtime + "/logs" }
    var engineConfiguration: String { runtime + "/mediamtx.yml" }
    var publishSecret: String { runtime + "/publish-secret.key" }

    /// - Parameter path: a path, which may start with `~`.
    init(_ path: String) {
        let expanded = NSString(string: path).expandingTildeInPath
        root =
            URL(filePath: expanded, directoryHint: .isDirectory).standardizedFileURL.path(percentEncoded: false)
            .trimmingTrailingSlash
    }

    /// Makes the folders that are missing; what is in `runtime` is only for this user.
    /// - Throws: ``StartupError`` when the folder can't be made or written.
    func prepare() throws(StartupError) {
        for folder in [root, root + "/runtime", runtime, logs] {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw unusable(folder, Self.reason(error))
            }
        }
        for folder in [runtime, logs] { chmod(folder, 0o700) }
        let probe = root + "/.toposync-write-test-\(getpid())"
        do {
            try PrivateFile.write([], to: probe)
        } catch {
            throw unusable(root, error.description)
        }
        unlink(probe)
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
