import AsyncHTTPClient
import Foundation
import MQTTKit
import NIOCore
import NIOHTTP1
import StreamModel

/// Home Assistant's Supervisor, which knows of an add-on's host what can't be seen from within its container, and passes on
/// what an add-on asks of Home Assistant.
public struct SupervisorClient: Sendable {
    let baseURL: String
    let token: Secret

    /// Where add-ons reach it.
    public static let defaultBaseURL = "http://supervisor"
    /// Of what it answers from its memory.
    private static let timeout: Duration = .seconds(3)
    /// Of a password, which Home Assistant takes a second or two for.
    private static let passwordTimeout: Duration = .seconds(10)
    private static let bodyLimit = 1 << 20
    private static let http = HTTPClient.ofPeer()

    /// - Parameters:
    ///   - baseURL: nil is ``defaultBaseURL``.
    ///   - token: what Supervisor gives to an add-on as `SUPERVISOR_TOKEN`; without one there is no Supervisor.
    public init?(baseURL: String?, token: String?) {
        guard let token else { return nil }
        self.baseURL = baseURL ?? Self.defaultBaseURL
        self.token = Secret(token)
    }

    /// The addresses of the host's interface with the default route, those that only its own network segment knows left out.
    func hostAddresses() async throws(SupervisorError) -> (interface: String, addresses: [String]) {
        let data = try await get("/network/interface/default/info")
        let addresses = ["ipv4", "ipv6"].flatMap { data[$0]?["address"]?.arrayValue ?? [] }
            .compactMap(\.stringValue)
            // With the length of the prefix: 192.168.1.5/24.
            .compactMap { $0.split(separator: "/").first.map(String.init) }
            .filter { NetworkInterfaces.isReachable($0) && MediaHost.problem(with: $0) == nil }
        return (data["interface"]?.stringValue ?? "", addresses)
    }

    /// The host's port that each port of the add-on is mapped to, such as `18762/udp`; nil is none.
    func mappedPorts() async throws(SupervisorError) -> [String: Int?] {
        let ports = try await get("/addons/self/info")["network"]?.objectValue ?? [:]
        return ports.mapValues(\.integerValue)
    }

    /// The name of this add-on in the network that it shares with Home Assistant, where its ports have the numbers that they
    /// have in the container, whatever they are mapped to.
    func hostName() async throws(SupervisorError) -> String {
        guard let name = try await get("/addons/self/info")["hostname"]?.stringValue,
            MediaHost.problem(with: name) == nil
        else {
            throw SupervisorError(
                message: CodedMessage("supervisor_no_name", "Supervisor does not tell the name of this add-on."))
        }
        return name
    }

    /// What this add-on is called in the addresses of Home Assistant's pages.
    func ownSlug() async throws(SupervisorError) -> String? { try await get("/addons/self/info")["slug"]?.stringValue }

    /// The MQTT broker that an add-on offers to others. Needs `mqtt:want` among the services of the add-on's configuration.
    func mqttBroker() async throws(SupervisorError) -> MQTTBroker {
        let path = "/services/mqtt"
        let (status, json) = try await answer(.GET, path, within: Self.timeout)
        switch status {
        case .ok: break
        case .unauthorized, .forbidden: throw .tellsNoBroker
        default: throw .hasNoBroker
        }
        let data = json?["data"]
        guard let host = data?["host"]?.stringValue, MediaHost.problem(with: host) == nil,
            let port = data?["port"]?.integerValue, MQTTSettings.portRange.contains(port)
        else { throw .hasNoBroker }
        let user = data?["username"]?.stringValue ?? ""
        return MQTTBroker(
            host: host, port: port, usesTLS: data?["ssl"] == true, user: user.isEmpty ? nil : user,
            password: data?["password"]?.stringValue.map(Secret.init), clientID: "")
    }

    /// Whether Home Assistant has a user with this name and this password. Needs `auth_api` in the add-on's configuration.
    func isPassword(_ password: Secret, ofUser name: String) async throws(SupervisorError) -> Bool {
        let path = "/auth"
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = .POST
        // What comes as `Authorization` is taken there for the user's own name and password.
        request.headers = ["X-Supervisor-Token": token.exposed, "Content-Type": "application/json"]
        let body: JSONValue = ["username": .string(name), "password": .string(password.exposed)]
        request.body = .bytes(ByteBuffer(bytes: body.data))
        switch try await answer(to: request, path, within: Self.passwordTimeout).status {
        case .ok: return true
        case .unauthorized: return false
        case let status: throw .refused(path, status)
        }
    }

    private func answer(
        to request: HTTPClientRequest, _ path: String, within limit: Duration
    ) async throws(SupervisorError) -> (status: HTTPResponseStatus, body: ByteBuffer) {
        do {
            return try await Self.http.answer(to: request, within: limit, bodyLimit: Self.bodyLimit)
        } catch {
            // Not by its description, which may hold the request.
            if path.hasPrefix("/core/") { throw .noAnswer }
            throw SupervisorError(
                message: CodedMessage(
                    "supervisor_silent", "Supervisor does not answer to \(path).", ["path": .string(path)]))
        }
    }

    /// A GET with the token, for a client that follows no redirect.
    ///
    /// - Parameter path: below ``baseURL``.
    func request(_ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: baseURL + path)
        request.headers = ["Authorization": "Bearer \(token.exposed)"]
        return request
    }

    /// The status of an answer, and the answer if it is JSON.
    ///
    /// - Parameters:
    ///   - path: below ``baseURL``; it may stand in a log.
    ///   - body: sent as JSON.
    func answer(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, within limit: Duration
    ) async throws(SupervisorError) -> (status: HTTPResponseStatus, json: JSONValue?) {
        var request = self.request(path)
        request.method = method
        request.headers.add(name: "Accept", value: "application/json")
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.data))
        }
        let (status, bytes) = try await answer(to: request, path, within: limit)
        return (status, try? JSONValue(parsing: Data(bytes.readableBytesView)))
    }

    /// The `data` of an answer.
    private func get(_ path: String) async throws(SupervisorError) -> JSONValue {
        let (status, json) = try await answer(.GET, path, within: Self.timeout)
        guard status == .ok, let data = json?["data"] else {
            throw .refused(path, status)
        }
        return data
    }
}

/// Supervisor can't be asked.
struct SupervisorError: Error, Hashable, CustomStringConvertible {
    let message: CodedMessage

    var description: String { message.text }

    static func refused(_ path: String, _ status: HTTPResponseStatus) -> Self {
        Self(
            message: CodedMessage(
                "supervisor_refuses", "Supervisor refuses \(path) with status \(status.code).",
                ["path": .string(path), "status": .integer(Int(status.code))]))
    }

    static let hasNoBroker = Self(
        message: CodedMessage(
            "mqtt_supervisor_has_none",
            "Home Assistant has no MQTT broker. Install the add-on “Mosquitto broker”, or write the address of another one."
        ))
    static let tellsNoBroker = Self(
        message: CodedMessage(
            "mqtt_supervisor_refuses",
            "Home Assistant does not tell this add-on of its MQTT broker. Update the add-on, and start it again."))
    static let noAnswer = Self(
        message: CodedMessage(
            "home_assistant_silent", "Home Assistant does not answer in time. Try again in a minute."))
    static let forbidden = Self(
        message: CodedMessage(
            "home_assistant_forbidden",
            "Home Assistant does not let this add-on use its API. Update the add-on, and start it again."))
}
