import ArgumentParser
import ControlPlane
import Dispatch
import EngineContract
import Foundation
import Logging
import StreamModel

/// `toposync-streaming engine-install`: installs MediaMTX, for example while an image is built.
struct EngineInstallCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine-install",
        abstract: "Download and verify MediaMTX, for the engine kinds 'auto' and 'mediamtx'.",
        discussion: """
            Installs into 'mediamtx' of the folder that TOPOSYNC_STREAMING_ENGINE_CACHE_DIR names, or of \
            runtime/streaming in the data directory. TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL names a mirror. A \
            download that breaks off goes on where it ended when the command is run again.
            """)

    @Option(help: "The release, as vX.Y.Z.")
    var version: String = EngineSettings.defaultMediaMTXVersion

    @Option(help: "The folder that everything is kept in. [TOPOSYNC_DATA_DIR, default ~/.toposync]")
    var dataDir: String?

    func validate() throws {
        guard MediaMTXVersion(version) != nil else {
            throw ValidationError("Write the version as vX.Y.Z, such as \(EngineSettings.defaultMediaMTXVersion).")
        }
    }

    func run() async throws {
        guard let version = MediaMTXVersion(version) else { return }
        let data = dataDir ?? Environment["TOPOSYNC_DATA_DIR"] ?? "~/.toposync"
        let progress = ProgressLine()
        let installer = EngineInstaller(
            cacheDirectory: Environment["TOPOSYNC_STREAMING_ENGINE_CACHE_DIR"] ?? data + "/runtime/streaming",
            downloadBaseURL: Environment["TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL"],
            logger: Logger(label: "engine-install", factory: { _ in SwiftLogNoOpLogHandler() }),
            onChange: { progress.show($0) })
        let signals = cancelOnSignals(installer)
        installer.start(version)
        let result = await installer.wait()
        for source in signals { source.cancel() }
        progress.end()
        guard result.state == .installed, let path = result.binaryPath else {
            throw Failure(text: result.error?.text ?? "MediaMTX was not installed.")
        }
        print(path)
    }

    /// A Ctrl-C ends in order, so that what was downloaded is kept.
    private func cancelOnSignals(_ installer: EngineInstaller) -> [any DispatchSourceSignal] {
        [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The process ends when the installation has, which is what this task brings about.
            source.setEventHandler { Task { await installer.cancel() } }
            source.resume()
            return source
        }
    }

    /// Written on a line of standard error; the exit code is 1.
    private struct Failure: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}
