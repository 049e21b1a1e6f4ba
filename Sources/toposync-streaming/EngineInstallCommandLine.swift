import ArgumentParser
import ControlPlane
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
            onChange: { progress.show("MediaMTX \($0.version)", $0.progress) })
        let result = await Interruption.cancelling({ await installer.cancel() }) {
            installer.start(version)
            return await installer.wait()
        }
        progress.end()
        guard result.state == .installed, let path = result.binaryPath else {
            throw InstallFailure(text: result.error?.text ?? "MediaMTX was not installed.")
        }
        print(path)
    }
}
