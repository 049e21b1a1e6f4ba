import EngineContract
import Foundation
import Logging
import Synchronization

/// Installs MediaMTX: one release at a time, in the background, and tells how it goes.
public final class EngineInstaller: Sendable {
    private struct State {
        var download: EngineDownload
        var run = 0
        var task: Task<Void, Never>?
    }

    let library: EngineLibrary
    /// Nil where no MediaMTX exists for.
    let platform: MachinePlatform?
    private let source: ReleaseSource
    private let clock: InstallClock
    private let logger: Logger
    private let onChange: @Sendable (EngineDownload) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - cacheDirectory: programs are installed under `mediamtx` in it.
    ///   - downloadBaseURL: a mirror with the layout of GitHub's releases; nil is GitHub.
    ///   - onChange: called on any thread, often while bytes come; it must not block.
    public convenience init(
        cacheDirectory: String, downloadBaseURL: String?, logger: Logger,
        onChange: @escaping @Sendable (EngineDownload) -> Void = { _ in }
    ) {
        self.init(
            library: EngineLibrary(cacheDirectory: cacheDirectory), platform: .current,
            source: ReleaseSource(baseURL: downloadBaseURL), clock: .system, logger: logger, onChange: onChange)
    }

    init(
        library: EngineLibrary, platform: MachinePlatform?, source: ReleaseSource, clock: InstallClock, logger: Logger,
        onChange: @escaping @Sendable (EngineDownload) -> Void = { _ in }
    ) {
        self.library = library
        self.platform = platform
        self.source = source
        self.clock = clock
        self.logger = logger
        self.onChange = onChange
        state = Mutex(State(download: EngineDownload(version: "", platform: platform)))
    }

    /// What is under way, else how it is with a release: installed, not asked for, or failed.
    public func download(of version: String) -> EngineDownload {
        let last = state.withLock { $0.download }
        if last.state.isActive { return last }
        let installed = installed(version)
        let isAboutIt = last.version == version && last.state != .idle
        // A failure says more than an older installation; a newer one was made by another process.
        if isAboutIt, (last.finishedAtUnix ?? 0) >= (installed?.installedAtUnix ?? 0) { return last }
        guard let installed else { return EngineDownload(version: version, platform: platform) }
        var result = EngineDownload(.installed, version: version, platform: platform)
        result.archiveSHA256 = installed.archiveSHA256
        result.binaryPath = installed.executable
        return result
    }

    /// The installation of a release, if there is one.
    func installed(_ version: String) -> InstalledEngine? {
        guard let platform, let version = MediaMTXVersion(version) else { return nil }
        return library.find(version, platform)
    }

    /// Starts to install a release. One that is being installed goes on; another one that is being installed is given up.
    public func start(_ version: MediaMTXVersion) {
        let started = state.withLock { state -> EngineDownload? in
            if let task = state.task, !task.isCancelled, state.download.version == version.description { return nil }
            let previous = state.task
            previous?.cancel()
            state.run += 1
            state.download = EngineDownload(
                .preparing, version: version.description, platform: platform, startedAtUnix: clock.unixTime())
            let run = state.run
            state.task = Task {
                await previous?.value
                await self.install(version, run)
            }
            return state.download
        }
        if let started { onChange(started) }
    }

    /// Ends what is under way and waits for its end. What was downloaded is kept for the next time.
    public func cancel() async {
        let task = state.withLock { $0.task }
        task?.cancel()
        await task?.value
    }

    /// Waits until nothing is under way.
    /// - Returns: how it ended.
    @discardableResult
    public func wait() async -> EngineDownload {
        while let task = state.withLock({ $0.task }) { await task.value }
        return state.withLock { $0.download }
    }

    // MARK: Running

    private func install(_ version: MediaMTXVersion, _ run: Int) async {
        logger.info("MediaMTX is being installed.", metadata: ["version": "\(version)"])
        let result: Result<InstalledEngine, InstallError>
        if let platform {
            let installation = EngineInstallation(
                version: version, platform: platform, library: library, source: source, clock: clock,
                report: { self.note($0, run) })
            do {
                result = .success(try await installation.run())
            } catch {
                result = .failure(error)
            }
        } else {
            result = .failure(.unsupportedMachine)
        }
        end(result, run)
    }

    private func note(_ step: InstallStep, _ run: Int) {
        change(run) { state in
            if case .expecting(let sha256) = step { state.download.archiveSHA256 = sha256 }
            state.download.progress.note(step, at: clock.now(), \.message)
        }
    }

    private func end(_ result: Result<InstalledEngine, InstallError>, _ run: Int) {
        switch result {
        case .success(let engine):
            logger.info("MediaMTX is installed.", metadata: ["path": "\(engine.executable)"])
        case .failure(.cancelled): logger.info("The installation of MediaMTX was cancelled.")
        case .failure(let error): logger.error("MediaMTX was not installed. \(error)")
        }
        change(run) { state in
            state.task = nil
            switch result {
            case .success(let engine):
                state.download.progress.end(nil, atUnix: clock.unixTime(), \.message)
                state.download.archiveSHA256 = engine.archiveSHA256
                state.download.binaryPath = engine.executable
            case .failure(let error):
                state.download.progress.end(error, atUnix: clock.unixTime(), \.message)
            }
        }
    }

    /// What a run that was given up for another one says is of no interest any more.
    private func change(_ run: Int, _ body: (inout State) -> Void) {
        let changed = state.withLock { state -> EngineDownload? in
            guard state.run == run else { return nil }
            body(&state)
            return state.download
        }
        if let changed { onChange(changed) }
    }
}
