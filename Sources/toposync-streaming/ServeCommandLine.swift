import ArgumentParser
import ConnectionLimits
import ControlPlane
import Dispatch
import Foundation
import Logging
import ProcessLog
import ServerTLS
import ServiceLifecycle
import StreamModel
import UnixSignals
import WebServer

/// `toposync-streaming serve`: the control plane, the HTTP API and the web pages.
struct ServeCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server: web pages, API, and everything behind them.",
        version: ProductVersion.current)

    @Option(help: "The address to listen on; 0.0.0.0 for every one. [TOPOSYNC_STREAMING_HOST, default 127.0.0.1]")
    var host: String?

    @Option(help: "The port to listen on; 0 picks a free one. [TOPOSYNC_STREAMING_PORT, default 8100]")
    var port: Int?

    @Option(help: "The folder that everything is kept in. [TOPOSYNC_DATA_DIR, default ~/.toposync]")
    var dataDir: String?

    @Option(help: "A folder that files are read from; several times. [TOPOSYNC_STREAMING_MEDIA_ROOTS, with colons]")
    var mediaRoot: [String] = []

    @Flag(help: "Set up a moving picture when nothing is set up yet. [TOPOSYNC_STREAMING_DEMO]")
    var demo = false

    @Option(help: "Who may use it: account, or open (everybody). [TOPOSYNC_STREAMING_ACCESS, default open on loopback]")
    var access: AccessMode?

    @Option(help: "A port for Home Assistant's ingress; off without one. [TOPOSYNC_STREAMING_INGRESS_PORT]")
    var ingressPort: Int?

    @Option(help: "The certificate for HTTPS, a PEM file. [TOPOSYNC_STREAMING_TLS_CERTIFICATE]")
    var tlsCertificate: String?

    @Option(help: "The private key of the certificate, a PEM file. [TOPOSYNC_STREAMING_TLS_KEY]")
    var tlsKey: String?

    @Flag(help: "Use HTTPS with a self-signed certificate. [TOPOSYNC_STREAMING_TLS_SELF_SIGNED]")
    var tlsSelfSigned = false

    @OptionGroup var logging: LogOptions

    mutating func validate() throws {
        guard (0...65535).contains(try settings().port) else {
            throw ValidationError("--port has to be a number from 0 to 65535.")
        }
        _ = try Self.logLevel()
    }

    func run() async throws {
        let logger = logging.start(label: "serve", defaultLevel: try Self.logLevel())
        LineWriter.standardError.keepRecent(bytes: Self.keptLogBytes)
        let settings = try settings()
        do {
            try Environment.check()
            let files = try settings.certificate?.prepare(dataDirectory: settings.dataDirectory)
            let service = try StreamingService(
                StreamingServiceConfiguration(
                    dataDirectory: settings.dataDirectory, executable: OwnExecutable.path,
                    enginePath: Environment["TOPOSYNC_STREAMING_ENGINE_PATH"],
                    engineCacheDirectory: Environment["TOPOSYNC_STREAMING_ENGINE_CACHE_DIR"],
                    engineDownloadBaseURL: Environment["TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL"],
                    visionDownloadBaseURL: Environment["TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL"],
                    mediaRoots: settings.mediaRoots,
                    webRTC: WebRTCAddresses(
                        additionalHosts: Environment["TOPOSYNC_STREAMING_WEBRTC_ADDITIONAL_HOSTS"],
                        localUDP: Environment["TOPOSYNC_STREAMING_WEBRTC_LOCAL_UDP_ADDRESS"],
                        localTCP: Environment["TOPOSYNC_STREAMING_WEBRTC_LOCAL_TCP_ADDRESS"]),
                    mediaOrigins: settings.mediaOrigins,
                    engineSettings: GivenEngineSettings(
                        kind: Environment["TOPOSYNC_STREAMING_ENGINE_KIND"],
                        exposeToLAN: Environment["TOPOSYNC_STREAMING_EXPOSE_TO_LAN"],
                        iceServers: Environment["TOPOSYNC_STREAMING_WEBRTC_ICE_SERVERS"]),
                    supervisor: settings.supervisor,
                    demo: settings.demo, access: settings.access, homeAssistantUsers: settings.homeAssistantUsers,
                    certificate: files,
                    administratorPassword: try Self.administratorPassword(),
                    recentLog: { LineWriter.standardError.recentLines }),
                logger: logger)
            let certificate = try files.map {
                try ServerCertificate($0, protocols: SecureHTTPChannel.protocols, logger: logger)
            }
            let pages = try WebUIFiles(directory: OwnExecutable.webUIDirectory)
            let web = WebServer(
                WebServerConfiguration(
                    host: settings.host, port: settings.port, allowedHosts: settings.allowedHosts,
                    machineName: ProcessInfo.processInfo.hostName, trustedProxies: settings.trustedProxies,
                    certificate: certificate, ingress: settings.ingress, version: ProductVersion.current),
                service: service, files: pages, logger: logger
            ) { [logging] port in
                let url = ServerAddress.url(
                    ServerAddress.onThisMachine(listeningOn: settings.host), port: port, isSecure: certificate != nil)
                let announcement = Announcement(
                    access: settings.access,
                    setUp: await service.accounts.pendingSetupCode.map { url + "sign-in#code=" + $0.exposed },
                    selfSignedFingerprint: settings.isSelfSigned ? certificate?.fingerprint : nil)
                logging.announce(url: url, notes: announcement.notes, details: announcement.details, logger)
            }
            try await ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [service, web, StopDeadline(logger: logger)],
                    gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            ).run()
        } catch {
            throw StartFailure(error).logged(logger)
        }
    }

    /// Of the log, for the bundle of diagnostics.
    private static let keptLogBytes = 256 << 10

    /// The least important level that is logged, where no option says it.
    private static func logLevel() throws -> Logger.Level {
        let name = Environment["TOPOSYNC_STREAMING_LOG_LEVEL"] ?? "info"
        guard let level = Logger.Level(rawValue: name) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("TOPOSYNC_STREAMING_LOG_LEVEL has to be one of \(levels), not '\(name)'.")
        }
        return level
    }

    /// The administrator's password that the environment names, itself or by a file.
    private static func administratorPassword() throws -> Secret? {
        if let password = Environment["TOPOSYNC_STREAMING_ADMIN_PASSWORD"] { return Secret(password) }
        guard let file = Environment["TOPOSYNC_STREAMING_ADMIN_PASSWORD_FILE"] else { return nil }
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            case let password = text.trimmingCharacters(in: .newlines), !password.isEmpty
        else {
            throw ValidationError(
                "TOPOSYNC_STREAMING_ADMIN_PASSWORD_FILE names \(file), which holds no password that can be read.")
        }
        return Secret(password)
    }
}

extension ServeCommandLine {
    /// Options, else environment, else defaults.
    struct Settings {
        var host: String
        var port: Int
        var dataDirectory: String
        var demo: Bool
        var allowedHosts: Set<String>
        /// Nil is the default.
        var mediaRoots: [String]?
        var access: AccessMode
        var certificate: CertificateSource?
        var trustedProxies: TrustedProxies
        var ingress: IngressConfiguration?
        var supervisor: SupervisorClient?
        var homeAssistantUsers: HomeAssistantUsers?
        /// Origins whose pages may play from the engine's own ports.
        var mediaOrigins: [String]

        var isSelfSigned: Bool { if case .selfSigned = certificate { true } else { false } }
    }

    private func settings() throws -> Settings {
        let portText = Environment["TOPOSYNC_STREAMING_PORT"] ?? "8100"
        guard let port = port ?? Int(portText) else {
            throw ValidationError("TOPOSYNC_STREAMING_PORT has to be a number, not '\(portText)'.")
        }
        let host = host ?? Environment["TOPOSYNC_STREAMING_HOST"] ?? "127.0.0.1"
        let trustedProxies = try Self.trustedProxies()
        // A proxy in front of us is there for others than this machine.
        let isForThisMachine = IPAddress.isLoopback(host: host) && trustedProxies.isEmpty
        let accessText = Environment["TOPOSYNC_STREAMING_ACCESS"] ?? (isForThisMachine ? "open" : "account")
        guard let access = access ?? AccessMode(rawValue: accessText) else {
            throw ValidationError("TOPOSYNC_STREAMING_ACCESS has to be 'open' or 'account', not '\(accessText)'.")
        }
        let roots =
            mediaRoot.isEmpty
            ? Environment["TOPOSYNC_STREAMING_MEDIA_ROOTS"]?.split(separator: ":").map(String.init) : mediaRoot
        if let relative = roots?.first(where: { !$0.hasPrefix("/") }) {
            throw ValidationError(
                "'\(relative)' is no full path. Name the folders of media files by theirs, such as /media.")
        }
        let supervisor = SupervisorClient(
            baseURL: Environment["TOPOSYNC_STREAMING_SUPERVISOR_URL"], token: Environment["SUPERVISOR_TOKEN"])
        return Settings(
            host: host, port: port,
            dataDirectory: dataDir ?? Environment["TOPOSYNC_DATA_DIR"] ?? "~/.toposync",
            demo: demo || Environment.isOn(Environment["TOPOSYNC_STREAMING_DEMO"]),
            allowedHosts: Set(
                (Environment["TOPOSYNC_STREAMING_ALLOWED_HOSTS"]?.commaSeparated ?? []).map { $0.lowercased() }),
            mediaRoots: roots, access: access,
            certificate: try Self.certificate(file: tlsCertificate, key: tlsKey, isSelfSigned: tlsSelfSigned),
            trustedProxies: trustedProxies,
            ingress: try Self.ingress(port: ingressPort), supervisor: supervisor,
            homeAssistantUsers: try supervisor.flatMap(Self.homeAssistantUsers), mediaOrigins: try Self.mediaOrigins())
    }

    private static func mediaOrigins() throws -> [String] {
        let entries = Environment["TOPOSYNC_STREAMING_MEDIA_ORIGINS"]?.commaSeparated ?? []
        if let wrong = entries.first(where: { $0 != "*" && $0.wholeMatch(of: /https?:\/\/[^\/\s]+/) == nil }) {
            throw ValidationError(
                "TOPOSYNC_STREAMING_MEDIA_ORIGINS has '\(wrong)', which is no origin. Write it like https://dash.example:8443."
            )
        }
        return entries
    }
}

extension AccessMode: ExpressibleByArgument {}

/// Ends the process when a stop takes longer than anything in it should, for example because the disk does not answer.
private struct StopDeadline: Service {
    private static let limit = DispatchTimeInterval.seconds(9)
    let logger: Logger

    /// Services are told to stop in the reverse order of their list, so this one is told first; it has nothing to stop.
    func run() async throws {
        try? await gracefulShutdown()
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { [logger] in
            logger.critical("The server could not be stopped in an orderly way and ends now.")
            exit(1)
        }
    }
}
