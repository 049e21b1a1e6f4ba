import EngineContract
import Foundation
import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// Asks a MediaMTX program that somebody else supplied which release it is.
enum MediaMTXProbe {
    private static let timeout: Duration = .seconds(5)
    private static let outputLimit = 4096

    /// - Returns: nil when it does not say so in time.
    static func version(of executable: String) async -> MediaMTXVersion? {
        await withTaskGroup(of: MediaMTXVersion?.self) { group in
            group.addTask { await ask(executable) }
            group.addTask {
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private static func ask(_ executable: String) async -> MediaMTXVersion? {
        let program = ChildProgram(
            executable: executable, arguments: ["--version"], workingDirectory: "/", terminateGrace: .milliseconds(500),
            killGrace: .milliseconds(500))
        let result = try? await Subprocess.run(
            program.configuration, output: .string(limit: outputLimit), error: .discarded)
        guard let text = result?.standardOutput else { return nil }
        return MediaMTXVersion(text)
    }
}

/// What a file was when it was looked at; another one in its place differs.
struct FileStamp: Hashable, Sendable {
    private var device: UInt64
    private var inode: UInt64
    private var size: Int64
    private var changedAtSeconds: Int
    private var changedAtNanoseconds: Int

    /// Nil when there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(status.st_size)
        #if canImport(Darwin)
            let changed = status.st_ctimespec
        #else
            let changed = status.st_ctim
        #endif
        changedAtSeconds = changed.tv_sec
        changedAtNanoseconds = changed.tv_nsec
    }
}
