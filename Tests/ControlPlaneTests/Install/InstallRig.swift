import EngineContract
import Foundation
import Logging
import Synchronization
import Testing

@testable import ControlPlane

/// An installer with a folder of its own, whose pauses take no time.
final class InstallRig: Sendable {
    let folder = TemporaryFolder()
    let installer: EngineInstaller
    let library: EngineLibrary
    let platform = MachinePlatform.linuxX64
    private let log: Log

    private final class Log: Sendable {
        let changes = Mutex<[EngineDownload]>([])
        let pauses = Mutex<[Duration]>([])
    }

    init(baseURL: String, library: EngineLibrary? = nil) {
        let log = Log()
        self.log = log
        self.library = library ?? EngineLibrary(cacheDirectory: folder.path)
        installer = EngineInstaller(
            library: self.library, platform: platform, source: ReleaseSource(baseURL: baseURL),
            clock: InstallClock(
                now: { .zero }, sleep: { pause in log.pauses.withLock { $0.append(pause) } }, unixTime: { 1000 }),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            onChange: { change in log.changes.withLock { $0.append(change) } })
    }

    convenience init(_ release: MadeUpRelease, library: EngineLibrary? = nil) {
        self.init(baseURL: release.server.url, library: library)
    }

    func install(_ version: MediaMTXVersion = MediaMTXVersion(1, 16, 2)) async -> EngineDownload {
        installer.start(version)
        return await installer.wait()
    }

    var pauses: [Duration] { log.pauses.withLock { $0 } }
    /// The states in their order.
    var states: [EngineDownload.State] {
        log.changes.withLock { changes in
            changes.map(\.state).reduce(into: []) { if $0.last != $1 { $0.append($1) } }
        }
    }

    /// Every file below the cache, by its path in there.
    var files: Set<String> { TemporaryFolder.files(below: library.folder) }
}
