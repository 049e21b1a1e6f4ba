import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import StreamModel

/// Asks a server of this machine whether it works, as those do who supervise a container.
public struct HealthCheck: Sendable {
    /// The address to ask at; a server that listens on every address answers at this machine's own.
    private let authority: String
    private let schemes: [String]

    private static let timeout: Duration = .seconds(5)
    private static let bodyLimit = 64 << 10

    /// - Parameters:
    ///   - host: what the server listens on, such as `0.0.0.0`.
    ///   - port: its port.
    ///   - isSecure: whether it most likely speaks HTTPS; the other is asked for when it does not.
    public init(host: String, port: Int, isSecure: Bool = false) {
        schemes = isSecure ? ["https", "http"] : ["http", "https"]
        authority = URLAuthority.text(ServerAddress.onThisMachine(listeningOn: host), port: port)
    }

    /// Asks over HTTP or HTTPS, whichever is spoken.
    /// - Returns: one sentence that says that it works.
    /// - Throws: ``HealthProblem``
    public func run() async throws(HealthProblem) -> String {
        var problem: HealthProblem?
        for scheme in schemes {
            do throws(HealthProblem) {
                try await ask(scheme)
                return "The server at \(scheme)://\(authority)/ works."
            } catch {
                // A server that can be reached says more by its second answer.
                if problem == nil || error.isAnswer { problem = error }
            }
        }
        throw problem ?? HealthProblem(authority: authority, reason: "does not answer")
    }

    private func ask(_ scheme: String) async throws(HealthProblem) {
        let client = HTTPClient.ofPeer { configuration in
            configuration.tlsConfiguration = .makeClientConfiguration()
            // It is this machine that is asked, by an address that no certificate is for.
            configuration.tlsConfiguration?.certificateVerification = .none
        }
        let request = HTTPClientRequest(url: "\(scheme)://\(authority)/api/streams/health")
        let answer = try? await client.answer(to: request, within: Self.timeout, bodyLimit: Self.bodyLimit)
        try? await client.shutdown()
        guard let (status, body) = answer else {
            throw HealthProblem(authority: authority, reason: "does not answer")
        }
        let isHealthy = (try? JSONValue(parsing: Data(body.readableBytesView)))?["status"] == "ok"
        guard status == .ok, isHealthy else {
            throw HealthProblem(
                authority: authority, reason: "answers that it does not work (\(status.code))", isAnswer: true)
        }
    }
}

/// Why a server is not healthy, as one sentence.
public struct HealthProblem: Error, Hashable, Sendable, CustomStringConvertible {
    var authority: String
    var reason: String
    /// Whether there was an answer at all.
    var isAnswer = false

    public var description: String { "The server at \(authority) \(reason)." }
}
