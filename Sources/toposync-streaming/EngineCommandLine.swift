import ArgumentParser
import EngineContract
import Foundation
import Logging
import MediaServer
import ProcessLog
import ServiceLifecycle
import UnixSignals

/// `toposync-streaming engine FILE`: the built-in engine.
struct EngineCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Run the built-in media server with a MediaMTX configuration file.",
        discussion: """
            Serves RTSP, HLS and the control API as the file says. Keys of MediaMTX that are not supported are named in \
            a warning and ignored. Ends on SIGTERM and SIGINT.
            """,
        version: ProductVersion.current)

    @Argument(help: "The configuration file (YAML).", completion: .file(extensions: ["yml", "yaml"]))
    var file: String

    @Flag(help: "End when the process that started this one ends.")
    var exitWithParent = false

    @OptionGroup var logging: LogOptions

    func run() async throws {
        if exitWithParent { ParentProcess.terminateWithParent() }
        let (configuration, unknownKeys) = try read()
        var logger = logging.start(label: "engine")
        logger.logLevel = Self.logLevel(configuration.logLevel)
        for key in unknownKeys {
            logger.warning("The key '\(key)' of the configuration is not supported and is ignored")
        }
        let listening = logger
        let server = MediaServer(
            configuration: configuration, ownExecutable: OwnExecutable.path, logger: logger
        ) { ports in
            listening.info("listening", metadata: Self.metadata(ports))
        }
        let services = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await services.run()
        } catch {
            throw Failure(text: "\(error)")
        }
    }

    private func read() throws -> (configuration: EngineConfiguration, unknownKeys: [String]) {
        do {
            let text = try String(contentsOf: URL(filePath: file), encoding: .utf8)
            return try EngineConfiguration.parse(yaml: text)
        } catch let error as EngineConfigurationError {
            throw Failure(text: "\(file): \(error)")
        } catch {
            throw Failure(text: "\(file) can't be read: \(error.localizedDescription)")
        }
    }

    /// Written on a line of standard error; the exit code is 1.
    private struct Failure: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }

    /// MediaMTX's levels.
    private static func logLevel(_ name: String) -> Logger.Level {
        switch name {
        case "error": .error
        case "warn": .warning
        case "debug": .debug
        default: .info
        }
    }

    private static func metadata(_ ports: MediaServer.Ports) -> Logger.Metadata {
        let named = [
            "rtsp": ports.rtsp, "rtsps": ports.rtsps, "rtp": ports.rtp, "rtcp": ports.rtcp,
            "rtmp": ports.rtmp, "srt": ports.srt, "hls": ports.hls, "api": ports.api,
        ]
        return named.compactMapValues { $0.map { "\($0)" } }
    }
}
