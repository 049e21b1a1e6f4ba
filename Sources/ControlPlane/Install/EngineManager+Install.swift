import EngineContract
import Foundation
import Logging
import StreamModel

/// What the engine manager remembers of installations.
struct InstallMemory {
    /// An installation whose program was found changed.
    var altered: (engine: InstalledEngine, error: InstallError)?
    /// The release that was asked for last; it is not asked for again by itself after it failed.
    var requested: MediaMTXVersion?
    /// Waits for the end of what is under way.
    var watch: Task<Void, Never>?
    /// Asks again after a failure that may pass.
    var retry: Task<Void, Never>?
    var failures = 0
    /// What a program that somebody else supplied said it is; nil when it did not say.
    var probed: (stamp: FileStamp, version: MediaMTXVersion?)?

    /// A minute, doubled each time up to 16.
    var pause: Duration { .seconds(60 << min(failures, 4)) }
}

/// Which engine the settings ask for.
struct EngineWish: Hashable, Sendable {
    let kind: EngineKind
    let version: String

    init(_ settings: EngineSettings) {
        kind = settings.kind
        version = settings.mediamtxVersion
    }
}

extension EngineManager {
    /// The program to start, chosen from what is there now.
    func chooseProgram(_ settings: EngineSettings) throws(EngineProgramError) -> EngineProgram {
        let installed = environment.installer?.installed(settings.mediamtxVersion)
        let altered = install.altered.flatMap { $0.engine == installed ? $0 : nil }
        return try .choose(
            settings.kind, ownExecutable: environment.executable, enginePath: environment.enginePath,
            installed: altered == nil ? installed : nil, configuration: environment.directory.engineConfiguration,
            problem: altered?.error, canBeInstalled: environment.installer?.platform != nil)
    }

    /// The program to start, after a look at whether an installed one is intact.
    ///
    /// - Returns: nil while MediaMTX is being downloaded first; the manager comes back when it is there.
    func programToStart(_ goal: EngineGoal) async throws(EngineProgramError) -> EngineProgram? {
        while true {
            let program: EngineProgram
            do {
                program = try chooseProgram(goal.settings)
            } catch {
                guard case .notInstalled = error, let version = MediaMTXVersion(goal.settings.mediamtxVersion) else {
                    throw error
                }
                try startDownload(version)
                return nil
            }
            guard let installed = program.installed else { return program }
            do {
                try await BlockingWork.run { try installed.verify() }
                return program
            } catch let error as InstallError {
                logger.error("\(error)")
                install.altered = (installed, error)
            } catch {
                // The process is ending.
                return nil
            }
        }
    }

    /// Whether a program that runs is to be replaced. With the kind `auto` it keeps its viewers when MediaMTX has been
    /// installed meanwhile, until the settings change or somebody restarts the engine.
    func isOtherProgramWanted(_ goal: EngineGoal, than process: RunningEngine) async -> Bool {
        let settings = goal.settings
        if (try? chooseProgram(settings)) == process.program { return false }
        if settings.kind == .auto, process.wish == EngineWish(settings) { return false }
        do {
            // While MediaMTX is being downloaded, what runs goes on.
            guard let program = try await programToStart(goal) else { return false }
            // A release that is not installed is no reason to give up one that is.
            if settings.kind == .auto, program.kind == .builtin { return process.wish.kind == .builtin }
            return program != process.program
        } catch {
            lastError = error.message
            if case .downloadFailed = error { return false }
            return true
        }
    }

    /// - Throws: why it is not asked for again by itself.
    private func startDownload(_ version: MediaMTXVersion) throws(EngineProgramError) {
        guard let installer = environment.installer else { return }
        let download = installer.download(of: version.description)
        if download.version == version.description, download.state.isActive {
            watchDownload()
            return
        }
        if install.requested == version, let error = download.error {
            if download.mayPass, install.retry == nil {
                let pause = install.pause
                install.failures += 1
                install.retry = Task {
                    guard (try? await Task.sleep(for: pause)) != nil else { return }
                    self.retryDownload()
                }
            }
            throw .downloadFailed(error)
        }
        install.requested = version
        installer.start(version)
        watchDownload()
    }

    private func retryDownload() {
        install.retry = nil
        install.requested = nil
        wake()
    }

    /// A person asks for a release.
    func download(_ version: MediaMTXVersion) {
        forgetFailedDownloads()
        install.requested = version
        environment.installer?.start(version)
        watchDownload()
    }

    /// A person asks: what failed before is tried again.
    func forgetFailedDownloads() {
        install.retry?.cancel()
        install.retry = nil
        install.requested = nil
        install.failures = 0
    }

    /// How it is with the release of the settings; nil where MediaMTX is never downloaded.
    func download(_ settings: EngineSettings) -> EngineDownload? {
        guard let installer = environment.installer else { return nil }
        var download = installer.download(of: settings.mediamtxVersion)
        if download.state == .installed, let altered = install.altered,
            altered.engine == installer.installed(settings.mediamtxVersion)
        {
            download.state = .failed
            download.error = altered.error.message
        }
        return download
    }

    /// Comes back when what is being downloaded is there or has failed.
    private func watchDownload() {
        guard install.watch == nil, let installer = environment.installer else { return }
        install.watch = Task {
            await installer.wait()
            self.downloadEnded()
        }
    }

    private func downloadEnded() {
        install.watch = nil
        wake()
    }

    func endInstallations() async {
        install.retry?.cancel()
        await environment.installer?.cancel()
        await install.watch?.value
    }

    /// The release of a program, by which its configuration is written; nil for the built-in engine.
    func version(of program: EngineProgram, _ settings: EngineSettings) async -> MediaMTXVersion? {
        switch program.kind {
        case .builtin: return nil
        case .auto, .mediamtx: break
        }
        if let installed = program.installed { return MediaMTXVersion(installed.version) }
        let stamp = FileStamp(program.executable)
        let known = install.probed.flatMap { $0.stamp == stamp ? $0 : nil }
        let found = if let known { known.version } else { await MediaMTXProbe.version(of: program.executable) }
        if let stamp { install.probed = (stamp, found) }
        return found ?? MediaMTXVersion(settings.mediamtxVersion)
    }
}
