import ArgumentParser
import ControlPlane

/// `toposync-streaming healthcheck`: whether the server of this machine works, for whoever supervises it.
struct HealthCheckCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the server of this machine whether it works; exit status 0 says yes, 1 no.",
        discussion: "Asks at the address and port that 'serve' listens on with the same options and environment.")

    @Option(help: "The address that the server listens on. [TOPOSYNC_STREAMING_HOST, default 127.0.0.1]")
    var host: String?

    @Option(help: "The port that it listens on. [TOPOSYNC_STREAMING_PORT, default 8100]")
    var port: Int?

    func run() async throws {
        let text = Environment["TOPOSYNC_STREAMING_PORT"] ?? "8100"
        guard let port = port ?? Int(text), (1...65535).contains(port) else {
            throw ValidationError("Name the server's port, a number from 1 to 65535, with --port.")
        }
        let host = host ?? Environment["TOPOSYNC_STREAMING_HOST"] ?? "127.0.0.1"
        let isSecure =
            Environment["TOPOSYNC_STREAMING_TLS_CERTIFICATE"] != nil
            || Environment.isOn(Environment["TOPOSYNC_STREAMING_TLS_SELF_SIGNED"])
        print(try await HealthCheck(host: host, port: port, isSecure: isSecure).run())
    }
}
