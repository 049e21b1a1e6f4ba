import ArgumentParser
import ControlPlane
import Foundation
import Logging
import StreamModel

/// `toposync-streaming vision-install`: installs what detection needs, for example while an image is built.
struct VisionInstallCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vision-install",
        abstract: "Download and verify ONNX Runtime and a model, for detection.",
        discussion: """
            Installs into runtime/vision of the data directory; a server that runs uses it within some seconds. \
            TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL names a mirror. A download that breaks off goes on where it ended \
            when the command is run again.
            """)

    @Option(help: "The model: yolox_nano, yolox_tiny or yolox_s.")
    var model: String = VisionInstaller.defaultModel

    @Option(help: "The folder that everything is kept in. [TOPOSYNC_DATA_DIR, default ~/.toposync]")
    var dataDir: String?

    func run() async throws {
        let progress = ProgressLine()
        let installer = VisionInstaller(
            dataDirectory: dataDir ?? Environment["TOPOSYNC_DATA_DIR"] ?? "~/.toposync",
            mirror: Environment["TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL"],
            logger: Logger(label: "vision-install", factory: { _ in SwiftLogNoOpLogHandler() }),
            onChange: { progress.show($0.name ?? "", $0.progress) })
        let result = try await Interruption.cancelling({ await installer.cancel() }) {
            () async -> Result<VisionInstallState, any Error> in
            switch installer.start(model) {
            case .started, .goesOn, .busy: return .success(await installer.wait())
            case .unknownModel:
                let known = installer.modelIDs.joined(separator: ", ")
                return .failure(ValidationError("There is no model '\(model)' to download, but \(known)."))
            case .unsupportedMachine:
                return .failure(
                    InstallFailure(text: "Detection needs Linux with 64 bits on an x86 or ARM processor."))
            }
        }.get()
        progress.end()
        guard result.progress.state == .installed else {
            throw InstallFailure(text: result.progress.error?.text ?? "Nothing was installed.")
        }
    }
}
